//! Ports for the steps before a password is set, and for hashing and checking passwords.

use std::future::Future;

use super::AccountReader;
use crate::account::PasswordAccount;
use crate::{
    Call, Challenge, ChallengeId, Fault, ForeignHash, HashUnsupported, Password, PasswordHash, SecretHash,
    Timestamp,
};

/// The table's operations for `set-password`, beside setting the password.
pub trait PasswordStore: AccountReader<PasswordAccount> {
    /// The challenge.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// Counts a rejected password against the token; `false` if the token is spent, by
    /// [`REJECTIONS_PER_TOKEN`](crate::challenge::REJECTIONS_PER_TOKEN) of them or by a new password.
    fn note_rejection(
        &self,
        id: ChallengeId,
        token_hash: &SecretHash,
        now: Timestamp,
        call: Option<&Call>,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// Hashes passwords. Slow on purpose; what it costs is the same for every password.
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password under current parameters with a fresh salt.
    fn hash(&self, password: &Password) -> Result<PasswordHash, Fault>;

    /// Whether a hash that another program made can be verified here at a bearable cost. Computes nothing.
    fn check(&self, foreign: &ForeignHash) -> Result<(), HashUnsupported>;

    /// Takes such a hash. One that is too fast to be stored is hashed once more.
    fn import(&self, foreign: &ForeignHash) -> Result<PasswordHash, ImportError>;

    /// Whether a password is the hash's, in NFC or as it was sent. How often it is hashed depends on the
    /// password alone: once, or twice if it was not sent in NFC. Without a hash that can be read a
    /// hash under current parameters is computed for nothing.
    fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<PasswordMatch, Fault>;
}

/// Why a hash of another program is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It can't be verified here.
    #[error(transparent)]
    Unsupported(#[from] HashUnsupported),
    /// A fault while it was hashed once more.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The result of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordMatch {
    /// It isn't the password.
    No,
    /// It is.
    Yes,
    /// It is, and the hash is to be replaced: its scheme or parameters are not the current ones, or it is the
    /// hash of the password as it was sent and not of the NFC form.
    YesWithOldParameters,
}

/// Knows passwords that nobody should have.
pub trait PasswordChecks: Send + Sync {
    /// Whether it is one that many people use.
    fn is_common(&self, password: &Password) -> bool;

    /// Whether it is made of what is known of the account.
    fn is_personal(&self, password: &Password, account: &PasswordAccount) -> bool;

    /// Whether it is known from a breach; `false` too if that can't be found out in time.
    fn is_breached(&self, password: &Password) -> impl Future<Output = bool> + Send;
}
