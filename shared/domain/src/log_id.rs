//! The log id of a challenge or an account: a keyed hash of its id, the same in every function.
//!
//! Whoever has a challenge's id may guess, so the id itself is written nowhere. The key is that of identifiers,
//! which changes least often, so that an account keeps its name in logs for as long as they are kept.

use data_encoding::BASE64URL_NOPAD;
use tracing::Span;

use crate::{AccountId, ChallengeId, Context, Fault, KeyUse, KeyVersion, Prf};

/// Bytes of a hash in logs: enough that no two meet, and 16 characters to write.
const LENGTH: usize = 12;

/// The name of a challenge or an account in logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogId(String);

impl LogId {
    /// The name of a challenge, under a version of the key.
    pub fn of_challenge(prf: &dyn Prf, version: KeyVersion, id: ChallengeId) -> Result<Self, Fault> {
        Self::of(prf, version, "challenge", id.as_bytes())
    }

    /// The name of an account, under a version of the key.
    pub fn of_account(prf: &dyn Prf, version: KeyVersion, id: AccountId) -> Result<Self, Fault> {
        Self::of(prf, version, "account", id.as_bytes())
    }

    fn of(prf: &dyn Prf, version: KeyVersion, kind: &str, id: &[u8]) -> Result<Self, Fault> {
        let hash = prf.evaluate(KeyUse::Identifier, version, &[b"log", kind.as_bytes(), id])?;
        Ok(Self(BASE64URL_NOPAD.encode(&hash[..LENGTH])))
    }
}

impl std::fmt::Display for LogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Context {
    /// Notes in the current span, which must declare the field, which `challenge` it is about.
    pub(crate) fn note_challenge(&self, id: ChallengeId) {
        let version = self.prf.current(KeyUse::Identifier);
        note("challenge", LogId::of_challenge(self.prf.as_ref(), version, id));
    }

    /// Notes in the current span, which must declare the field, which `account` it is about, or that it is
    /// about none. The work is the same: nobody shall tell by the time who has an account.
    pub(crate) fn note_account(&self, id: Option<AccountId>) {
        let version = self.prf.current(KeyUse::Identifier);
        let hashed = id.unwrap_or(AccountId::from_bytes([0; 16]));
        let name = LogId::of_account(self.prf.as_ref(), version, hashed);
        note("account", if id.is_some() { name } else { name.map(|_| LogId("none".to_owned())) });
    }
}

/// A line without a name is worth more than a call that fails for one.
fn note(field: &'static str, id: Result<LogId, Fault>) {
    if let Ok(LogId(id)) = id {
        Span::current().record(field, id.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn a_name_depends_on_kind_id_and_key_and_tells_no_id() {
        let (prf, version) = (TestPrf, KeyVersion(1));
        let challenge = |byte| ChallengeId::from_bytes([byte; 16]);
        let name = |byte| LogId::of_challenge(&prf, version, challenge(byte)).unwrap();
        assert_eq!(name(1), name(1));
        assert_ne!(name(1), name(2));
        assert_ne!(name(1).to_string(), challenge(1).to_string());
        assert_eq!(name(1).to_string().len(), 16);
        let account = AccountId::from_bytes([1; 16]);
        assert_ne!(LogId::of_account(&prf, version, account).unwrap(), name(1));
    }
}
