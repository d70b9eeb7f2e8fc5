//! The directory: whatever knows people's passwords. [`OwnDirectory`](crate::directory::OwnDirectory) is ours; an
//! application that has its own users plugs its user store in here. Addresses are no part of it: they are always in our
//! table.

use std::future::Future;

use crate::outbox::Entry;
use crate::{
    AccountId, Armed, CallFingerprint, ChallengeId, Device, Fault, IdentifierHash, Password, PasswordHash,
    SecretHash, Timestamp,
};

/// Compares and sets passwords. How they are kept is its own business.
pub trait Directory: Send + Sync {
    /// Whether a password is an account's. Where there is no account a [decoy](DirectoryEntry::decoy) is asked about,
    /// whose password none is; that takes as much work.
    fn verify(
        &self,
        entry: &DirectoryEntry,
        password: &Password,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Sets a password by a verification token, at most once for a token, with all that belongs to the change.
    fn set_password(
        &self,
        entry: &DirectoryEntry,
        password: &Password,
        change: PasswordChange<'_>,
    ) -> impl Future<Output = Result<PasswordSetting, Fault>> + Send;
}

/// The account whose password is meant.
#[derive(Clone, Debug)]
pub struct DirectoryEntry {
    /// The account, or a decoy.
    pub account: AccountId,
    /// The part of our own directory that is kept with the account, read along with it so that it costs no read of its
    /// own. Another directory has its own.
    pub password_hash: Option<PasswordHash>,
}

impl DirectoryEntry {
    /// The entry that stands in for an account that there isn't, or that may not be used.
    #[must_use]
    pub fn decoy(identifier: &IdentifierHash) -> Self {
        Self { account: AccountId::decoy(identifier), password_hash: None }
    }
}

/// The circumstances of a new password that is set by a verification token.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The verified challenge.
    pub challenge: ChallengeId,
    /// The hash of the token that allows it.
    pub token_hash: &'a SecretHash,
    /// The account and the credential version that the token is good for.
    pub armed: Armed,
    /// When it is set.
    pub now: Timestamp,
    /// Marks the call, if it came with an idempotency key.
    pub record: Option<CallFingerprint>,
    /// The device that it is set from: from then on a known one.
    pub device: Device,
}

impl PasswordChange<'_> {
    /// The notice that belongs to the change.
    #[must_use]
    pub const fn notice(&self) -> Entry {
        Entry::password_changed(self.challenge, self.now)
    }
}

/// The result of setting a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordSetting {
    /// It is set.
    Set,
    /// It is the account's password already: nothing has changed.
    SameAsCurrent,
    /// The token was spent, or the account moved on, meanwhile: nothing has changed.
    Overtaken,
}

/// The table's operations for our own directory.
pub trait CredentialStore: Send + Sync {
    /// In one transaction: the token is spent; the account, still of that credential version, gets the
    /// hash, the next credential version and the next session epoch, and the time, at which it was recovered; the notice of it is queued in its outbox; the
    /// device is known. `false` if token or account had moved on.
    fn set_password(
        &self,
        hash: &PasswordHash,
        change: PasswordChange<'_>,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Replaces a hash by one of the same password with current parameters; nothing if it has changed.
    fn replace_hash(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}
