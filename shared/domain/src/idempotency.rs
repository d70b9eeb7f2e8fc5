//! Calls that may be repeated: an `Idempotency-Key` gives a call one effect, and the same answer again.
//!
//! No answer is stored. The effect leaves a record in the item that it changed, in the same write, and the
//! answer is made again from the item and the record. The record's name and fingerprint are keyed hashes over
//! the client's key, which the table never holds: neither guesses nor passwords can be tried against them.
//!
//! The key of these hashes rotates. A call leaves its record under the current version and looks for one under
//! every version that is known, so that it is the same call before a promotion and after it.

use zeroize::Zeroizing;

use crate::prf::Output;
use crate::{Channel, Fault, Generation, Identifier, KeyUse, KeyVersion, Prf, Timestamp};

/// A key that a client chose for one call: 16 to 255 visible ASCII characters. Absent from `Debug`.
#[derive(Clone)]
pub struct IdempotencyKey(Zeroizing<String>);

impl IdempotencyKey {
    /// Reads a key; `None` if it is too short, too long or has other characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (16..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        well_formed.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// 256 bits that only the holder of this key gets again: what a call makes up at random without a key.
    /// One for each version of our own key, the current one's first.
    pub fn derive(&self, prf: &dyn Prf, kind: &str, scope: &[u8]) -> Result<Vec<Output>, Fault> {
        let versions = prf.versions(KeyUse::Token);
        versions.into_iter().map(|version| self.derive_under(prf, version, kind, scope)).collect()
    }

    fn derive_under(
        &self,
        prf: &dyn Prf,
        version: KeyVersion,
        kind: &str,
        scope: &[u8],
    ) -> Result<Output, Fault> {
        let parts = [b"idempotent".as_slice(), kind.as_bytes(), scope, self.0.as_bytes()];
        prf.evaluate(KeyUse::Token, version, &parts)
    }
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyKey(redacted)")
    }
}

/// The fingerprint of one call: which key it came with, and what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallFingerprint {
    /// Names the key within its scope.
    pub name: [u8; 16],
    /// Tells one body from another.
    pub fingerprint: [u8; 16],
}

/// A call with an idempotency key: the record that it leaves, and those that an earlier same call may have left
/// under another version of our key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The fingerprint under the current version.
    pub fingerprint: CallFingerprint,
    /// The fingerprints under the others that are known.
    pub others: Vec<CallFingerprint>,
}

impl Call {
    /// A call to an operation, for a scope that callers can't share (an identifier, a challenge, a token),
    /// with the parts of its body.
    pub fn of(
        prf: &dyn Prf,
        key: &IdempotencyKey,
        operation: &str,
        scope: &[u8],
        body: &[&[u8]],
    ) -> Result<Self, Fault> {
        let mut parts = vec![b"fingerprint".as_slice(), operation.as_bytes(), scope, key.0.as_bytes()];
        parts.extend(body);
        let half = |output: &[u8; 32]| output.first_chunk().copied().unwrap_or_default();
        let fingerprint = |version| {
            let name = key.derive_under(prf, version, operation, scope)?;
            let fingerprint = prf.evaluate(KeyUse::Token, version, &parts)?;
            Ok::<_, Fault>(CallFingerprint { name: half(&name), fingerprint: half(&fingerprint) })
        };
        let current = prf.current(KeyUse::Token);
        let others = prf.versions(KeyUse::Token).into_iter().filter(|version| *version != current);
        Ok(Self {
            fingerprint: fingerprint(current)?,
            others: others.map(fingerprint).collect::<Result<_, _>>()?,
        })
    }

    /// The call's record of this name, whatever version it was made under.
    #[must_use]
    pub fn named(&self, name: &[u8; 16]) -> Option<&CallFingerprint> {
        self.fingerprints().find(|record| record.name == *name)
    }

    /// Of what the call [derives](IdempotencyKey::derive), one for each version, that of the version which the record
    /// of this name was left under.
    pub fn derived_with<'d, T>(&self, name: &[u8; 16], derived: &'d [T]) -> Option<&'d T> {
        derived.get(self.fingerprints().position(|record| record.name == *name)?)
    }

    /// The fingerprints by the version of our key, the current one's first.
    fn fingerprints(&self) -> impl Iterator<Item = &CallFingerprint> {
        std::iter::once(&self.fingerprint).chain(&self.others)
    }
}

impl From<CallFingerprint> for Call {
    fn from(fingerprint: CallFingerprint) -> Self {
        Self { fingerprint, others: Vec::new() }
    }
}

/// The scope of calls for an identifier. Not its hash: that is another when its key rotates.
#[must_use]
pub fn scope_of(identifier: &Identifier) -> Vec<u8> {
    // A channel's name has no colon, so no two identifiers share a scope.
    format!("{}:{}", identifier.channel().as_str(), identifier.as_str()).into_bytes()
}

/// The idempotency record of a call in a challenge: enough to make its answer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Which call.
    pub call: CallFingerprint,
    /// The challenge's generation after it.
    pub generation: Generation,
    /// The guesses spent after it.
    pub attempts: u32,
    /// The channel of the send after it.
    pub channel: Channel,
    /// When it was.
    pub at: Timestamp,
}

/// The same key came with another body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used for another request")]
pub struct KeyReused;

/// The record that an earlier call with the same key left, if there was one.
pub fn earlier<'m>(
    records: &'m [IdempotencyRecord],
    call: Option<&Call>,
) -> Result<Option<&'m IdempotencyRecord>, KeyReused> {
    let Some(call) = call else { return Ok(None) };
    let found = records.iter().find_map(|record| Some((record, call.named(&record.call.name)?)));
    match found {
        Some((record, same)) if record.call.fingerprint == same.fingerprint => Ok(Some(record)),
        Some(_) => Err(KeyReused),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).unwrap()
    }

    #[test]
    fn keys_are_bounded_visible_ascii() {
        assert!(IdempotencyKey::parse(&"k".repeat(16)).is_some());
        assert!(IdempotencyKey::parse(&"~".repeat(255)).is_some());
        for wrong in [&"k".repeat(15), &"k".repeat(256), "a key with spaces in it", "a-key-with-\u{e5}-in-it"]
        {
            assert!(IdempotencyKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_mark_tells_keys_scopes_operations_and_bodies_apart() {
        let prf = TestPrf;
        let record = |key_text: &str, operation, scope: &[u8], body: &[&[u8]]| {
            Call::of(&prf, &key(key_text), operation, scope, body).unwrap().fingerprint
        };
        let first = record("key-number-00001", "resend", b"a", &[b"x"]);
        assert_eq!(first, record("key-number-00001", "resend", b"a", &[b"x"]));
        let other_body = record("key-number-00001", "resend", b"a", &[b"y"]);
        assert_eq!(first.name, other_body.name);
        assert_ne!(first.fingerprint, other_body.fingerprint);
        for other in [
            record("key-number-00002", "resend", b"a", &[b"x"]),
            record("key-number-00001", "verify", b"a", &[b"x"]),
            record("key-number-00001", "resend", b"b", &[b"x"]),
        ] {
            assert_ne!(first.name, other.name);
        }
    }

    #[test]
    fn an_earlier_call_is_found_by_key_and_refused_by_body() {
        let call = |name, fingerprint| CallFingerprint { name: [name; 16], fingerprint: [fingerprint; 16] };
        let records = [IdempotencyRecord {
            call: call(1, 1),
            generation: Generation(1),
            attempts: 0,
            channel: Channel::Email,
            at: Timestamp::from_unix(0),
        }];
        assert_eq!(earlier(&records, None), Ok(None));
        assert_eq!(earlier(&records, Some(&call(2, 1).into())), Ok(None));
        assert_eq!(earlier(&records, Some(&call(1, 1).into())), Ok(Some(&records[0])));
        assert_eq!(earlier(&records, Some(&call(1, 2).into())), Err(KeyReused));
        // The record was left under a version of our key that isn't the current one any more.
        let promoted = |old| Call { fingerprint: call(9, 9), others: vec![call(8, 8), old] };
        assert_eq!(earlier(&records, Some(&promoted(call(1, 1)))), Ok(Some(&records[0])));
        assert_eq!(earlier(&records, Some(&promoted(call(1, 2)))), Err(KeyReused));
        assert_eq!(earlier(&records, Some(&promoted(call(2, 1)))), Ok(None));
        let derived = |name| promoted(call(1, 1)).derived_with(&[name; 16], &['9', '8', '1']).copied();
        assert_eq!([derived(9), derived(1), derived(2)], [Some('9'), Some('1'), None]);
    }
}
