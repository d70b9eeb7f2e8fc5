//! Our own directory: an Argon2 hash beside each account in the table.
//!
//! Comparing costs no read, since the hash comes with the account. Setting a password is one transaction with all that
//! belongs to it. A directory that is elsewhere can't have either, and keeps its hashes to itself.

use crate::port::{
    CredentialStore, Directory, DirectoryEntry, PasswordChange, PasswordHasher, PasswordMatch,
    PasswordSetting,
};
use crate::{Fault, Password};

/// The directory in the table.
#[derive(Clone, Debug)]
pub struct OwnDirectory<S, H> {
    /// The table.
    pub store: S,
    /// Hashes and compares.
    pub hasher: H,
}

impl<S: CredentialStore, H: PasswordHasher> Directory for OwnDirectory<S, H> {
    /// A hash with old parameters is replaced: only now is its password known.
    async fn verify(&self, entry: &DirectoryEntry, password: &Password) -> Result<bool, Fault> {
        let matched = self.hasher.verify(password, entry.password_hash.as_ref())?;
        if matched == PasswordMatch::YesWithOldParameters
            && let Some(old) = &entry.password_hash
        {
            let new = self.hasher.hash(password)?;
            self.store.replace_hash(entry.account, old, &new).await?;
        }
        Ok(matched != PasswordMatch::No)
    }

    async fn set_password(
        &self,
        entry: &DirectoryEntry,
        password: &Password,
        change: PasswordChange<'_>,
    ) -> Result<PasswordSetting, Fault> {
        if entry.password_hash.is_some()
            && self.hasher.verify(password, entry.password_hash.as_ref())? != PasswordMatch::No
        {
            return Ok(PasswordSetting::SameAsCurrent);
        }
        let hash = self.hasher.hash(password)?;
        let is_set = self.store.set_password(&hash, change).await?;
        Ok(if is_set { PasswordSetting::Set } else { PasswordSetting::Overtaken })
    }
}
