//! The keys, by use and version, and the PRF over them.
//!
//! The text form is JSON, with 256-bit keys in base64:
//! `{"code": {"1": "…"}, "token": {"1": "…"}, "identifier": {"current": "1", "1": "…", "2": "…"}}`. The
//! current version of a use is the one that new things are made under; the others are for what was made
//! under them, and for what processes with newer keys make. Which is current is told, so that every process
//! knows a version before any of them uses it. Where it isn't told, it is the highest, but not of
//! identifiers: with several versions of these, nobody would be found.
//!
//! [`rotation`](crate::rotation) changes a keyring step by step.

use std::collections::BTreeMap;
use std::iter;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use regain_domain::prf::Output;
use regain_domain::{Fault, KeyUse, KeyVersion, Prf, Random};
use serde::Deserialize;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// The member that names the current version, beside the versions.
const CURRENT: &str = "current";

pub(crate) type Key = Zeroizing<[u8; 32]>;

/// The versions of one use; there is one at least, and the current one is among them, unless the use was
/// [left out](Keyring::only).
pub(crate) struct Versions {
    pub(crate) keys: BTreeMap<KeyVersion, Key>,
    pub(crate) current: KeyVersion,
}

/// Keys by use and version. Absent from `Debug`, cleared when dropped.
pub struct Keyring {
    uses: [Versions; KeyUse::ALL.len()],
}

/// Why a text isn't a keyring. Names the use and version, never a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Not the JSON that is described above.
    #[error("the keys are not JSON of the form {{\"code\": {{\"1\": \"<base64>\"}}, …}}")]
    Malformed,
    /// A use has no key.
    #[error("there is no key for the use \"{0}\"")]
    Missing(&'static str),
    /// A version isn't a whole number from 1.
    #[error("a version of the key \"{0}\" is not a whole number from 1")]
    Version(&'static str),
    /// The current version isn't among the versions.
    #[error("\"current\" of the key \"{0}\" names none of its versions")]
    Current(&'static str),
    /// There are several versions of a use that must tell which one is current.
    #[error("the key \"{0}\" has several versions: \"current\" must say which one things are made under")]
    CurrentUntold(&'static str),
    /// A key isn't 256 bits in base64.
    #[error("version {1} of the key \"{0}\" is not 32 bytes in base64")]
    Length(&'static str, u32),
    /// Two uses share a key.
    #[error("two uses or versions share a key: each needs one of its own")]
    Shared,
}

#[derive(Deserialize)]
struct Text(BTreeMap<String, BTreeMap<String, String>>);

impl Drop for Text {
    fn drop(&mut self) {
        self.0.values_mut().flat_map(BTreeMap::values_mut).for_each(Zeroize::zeroize);
    }
}

impl Keyring {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`KeyringError`], without any key in it.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let text: Text = serde_json::from_str(text).map_err(|_| KeyringError::Malformed)?;
        let read = |key_use: KeyUse| {
            let members = text.0.get(key_use.as_str()).ok_or(KeyringError::Missing(key_use.as_str()))?;
            Versions::read(key_use, members)
        };
        let uses = [read(KeyUse::Code)?, read(KeyUse::Token)?, read(KeyUse::Identifier)?];
        let all: Vec<&Key> = uses.iter().flat_map(|versions| versions.keys.values()).collect();
        let shared = all.iter().enumerate().any(|(i, key)| all[..i].contains(key));
        if shared { Err(KeyringError::Shared) } else { Ok(Self { uses }) }
    }

    /// A new keyring with one random key for each use.
    ///
    /// # Errors
    /// As [`Random::fill`].
    pub fn new(random: &dyn Random) -> Result<Self, Fault> {
        let versions = || {
            let first = KeyVersion(1);
            Ok::<_, Fault>(Versions { keys: BTreeMap::from([(first, new_key(random)?)]), current: first })
        };
        Ok(Self { uses: [versions()?, versions()?, versions()?] })
    }

    /// The same, with the keys of these uses alone. The others are cleared: whatever needs one of them gets a fault.
    #[must_use]
    pub fn only(mut self, uses: &[KeyUse]) -> Self {
        for key_use in KeyUse::ALL.into_iter().filter(|key_use| !uses.contains(key_use)) {
            self.versions_mut(key_use).keys.clear();
        }
        self
    }

    /// The text form. Which version is current is told where there are several.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // As long as it will be, so that no part of it is left behind where it grew.
        let keys: usize = self.uses.iter().map(|versions| versions.keys.len()).sum();
        let mut text = Zeroizing::new(String::with_capacity(128 * (keys + KeyUse::ALL.len())));
        for key_use in KeyUse::ALL {
            let Versions { keys, current } = self.versions(key_use);
            let start = if text.is_empty() { "{\"" } else { ", \"" };
            text.push_str(start);
            text.push_str(key_use.as_str());
            text.push_str("\": {");
            if keys.len() > 1 {
                text.push_str("\"current\": \"");
                text.push_str(&current.0.to_string());
                text.push_str("\", ");
            }
            for (place, (version, key)) in keys.iter().enumerate() {
                text.push_str(if place == 0 { "\"" } else { ", \"" });
                text.push_str(&version.0.to_string());
                text.push_str("\": \"");
                text.push_str(&Zeroizing::new(BASE64.encode(key.as_slice())));
                text.push('"');
            }
            text.push('}');
        }
        text.push_str("}\n");
        text
    }

    pub(crate) fn versions(&self, key: KeyUse) -> &Versions {
        &self.uses[place(key)]
    }

    pub(crate) fn versions_mut(&mut self, key: KeyUse) -> &mut Versions {
        &mut self.uses[place(key)]
    }
}

const fn place(key: KeyUse) -> usize {
    match key {
        KeyUse::Code => 0,
        KeyUse::Token => 1,
        KeyUse::Identifier => 2,
    }
}

/// A random key.
pub(crate) fn new_key(random: &dyn Random) -> Result<Key, Fault> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut_slice())?;
    Ok(key)
}

impl Versions {
    fn read(key_use: KeyUse, members: &BTreeMap<String, String>) -> Result<Self, KeyringError> {
        let name = key_use.as_str();
        let number = |text: &str| {
            let version: Option<u32> = text.parse().ok().filter(|version| *version > 0);
            version.map(KeyVersion).ok_or(KeyringError::Version(name))
        };
        let mut keys = BTreeMap::new();
        for (version, key) in members.iter().filter(|(member, _)| *member != CURRENT) {
            let version = number(version)?;
            let bytes = BASE64.decode(key.as_bytes()).map(Zeroizing::new);
            let bytes: [u8; 32] = bytes
                .ok()
                .and_then(|b| b.as_slice().try_into().ok())
                .ok_or(KeyringError::Length(name, version.0))?;
            keys.insert(version, Zeroizing::new(bytes));
        }
        let highest = *keys.last_key_value().ok_or(KeyringError::Missing(name))?.0;
        let current = match members.get(CURRENT) {
            Some(current) => number(current)
                .ok()
                .filter(|current| keys.contains_key(current))
                .ok_or(KeyringError::Current(name))?,
            None if keys.len() > 1 && key_use == KeyUse::Identifier => {
                return Err(KeyringError::CurrentUntold(name));
            }
            None => highest,
        };
        Ok(Self { keys, current })
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(redacted)")
    }
}

impl Prf for Keyring {
    fn current(&self, key: KeyUse) -> KeyVersion {
        self.versions(key).current
    }

    fn versions(&self, key: KeyUse) -> Vec<KeyVersion> {
        let Versions { keys, current } = self.versions(key);
        let others = keys.keys().rev().copied().filter(|version| version != current);
        iter::once(*current).chain(others).collect()
    }

    fn evaluate(&self, key: KeyUse, version: KeyVersion, parts: &[&[u8]]) -> Result<Output, Fault> {
        let secret = self.versions(key).keys.get(&version).ok_or_else(|| {
            Fault::internal(format!("no version {} of the key \"{}\"", version.0, key.as_str()))
        })?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_slice()).map_err(Fault::internal)?;
        for part in parts {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn key(byte: u8) -> String {
        BASE64.encode(&[byte; 32])
    }

    fn keyring(text: &str) -> Result<Keyring, KeyringError> {
        Keyring::parse(text)
    }

    #[test]
    fn a_generated_keyring_reads_back() {
        let ring = keyring(&Keyring::new(&SystemRandom).unwrap().to_text()).unwrap();
        assert_eq!(ring.current(KeyUse::Code), KeyVersion(1));
    }

    #[test]
    fn the_current_version_is_told_or_the_highest() {
        let text = |code: &str, identifier: &str| {
            let keys: Vec<String> = (1..=5).map(key).collect();
            format!(
                r#"{{"code":{{{code}"1":"{}","2":"{}"}},"token":{{"3":"{}"}},
                    "identifier":{{{identifier}"1":"{}","10":"{}"}}}}"#,
                keys[0], keys[1], keys[2], keys[3], keys[4]
            )
        };
        let ring = keyring(&text("", r#""current":"10","#)).unwrap();
        assert_eq!(ring.current(KeyUse::Code), KeyVersion(2), "as before there was a word for it");
        assert_eq!(ring.current(KeyUse::Token), KeyVersion(3));
        let ring = keyring(&text(r#""current":"1","#, r#""current":"1","#)).unwrap();
        assert_eq!(Prf::versions(&ring, KeyUse::Code), [KeyVersion(1), KeyVersion(2)]);
        assert_eq!(Prf::versions(&ring, KeyUse::Token), [KeyVersion(3)]);
        assert_eq!(ring.current(KeyUse::Identifier), KeyVersion(1));
        let again = keyring(&ring.to_text()).unwrap();
        assert_eq!(again.to_text(), ring.to_text());
        assert_eq!(Prf::versions(&again, KeyUse::Identifier), [KeyVersion(1), KeyVersion(10)]);
        for wrong in ["3", "", "two", "0"] {
            let error = keyring(&text(&format!(r#""current":"{wrong}","#), "")).unwrap_err();
            assert!(matches!(error, KeyringError::Current("code")), "{error}");
        }
        let error = keyring(&text("", "")).unwrap_err();
        assert!(matches!(error, KeyringError::CurrentUntold("identifier")), "{error}");
    }

    #[test]
    fn output_is_hmac_sha_256_over_framed_parts() {
        let text = format!(
            r#"{{"code":{{"1":"{}","2":"{}"}},"token":{{"7":"{}"}},"identifier":{{"1":"{}"}}}}"#,
            key(0x0b),
            key(1),
            key(2),
            key(3)
        );
        let ring = keyring(&text).unwrap();
        // Computed with Python's hmac: key 0x0b × 32, message = u64be(2) ‖ "Hi" ‖ u64be(5) ‖ "There".
        let output = ring.evaluate(KeyUse::Code, KeyVersion(1), &[b"Hi", b"There"]).unwrap();
        assert_eq!(
            data_encoding::HEXLOWER.encode(output.as_slice()),
            "66e428cd536597bf9f72b4a149d781414a7d8b6b054da8352b6563e78a87590c"
        );
        assert_eq!(ring.current(KeyUse::Code), KeyVersion(2));
        assert_eq!(ring.current(KeyUse::Token), KeyVersion(7));
        let other = ring.evaluate(KeyUse::Code, KeyVersion(1), &[b"HiT", b"here"]).unwrap();
        assert_ne!(output, other);
        assert!(ring.evaluate(KeyUse::Code, KeyVersion(3), &[]).is_err());
    }

    #[test]
    fn a_keyring_with_some_uses_fails_for_the_others() {
        let ring = Keyring::new(&SystemRandom).unwrap().only(&[KeyUse::Token]);
        assert!(ring.evaluate(KeyUse::Token, KeyVersion(1), &[]).is_ok());
        for key_use in [KeyUse::Code, KeyUse::Identifier] {
            let fault = ring.evaluate(key_use, ring.current(key_use), &[]).unwrap_err();
            assert!(matches!(fault, Fault::Internal(_)), "{fault:?}");
        }
    }

    #[test]
    fn mistakes_are_named_without_the_key() {
        let good = key(9);
        for (text, named) in [
            ("x".to_owned(), "JSON"),
            (r#"{"code":{}}"#.to_owned(), "code"),
            (format!(r#"{{"code":{{"1":"{good}"}}}}"#), "token"),
            (format!(r#"{{"code":{{"0":"{good}"}}}}"#), "code"),
            (format!(r#"{{"code":{{"1":"{}"}}}}"#, &good[..40]), "32 bytes"),
            (
                format!(
                    r#"{{"code":{{"1":"{good}"}},"token":{{"1":"{good}"}},"identifier":{{"1":"{good}"}}}}"#
                ),
                "share",
            ),
        ] {
            let error = keyring(&text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
            assert!(!error.contains(&good[..8]), "{error}");
        }
    }
}
