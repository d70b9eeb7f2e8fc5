//! A person who proved who they are sets a new password.
//!
//! The token comes first: a forged one never reaches the hash. The change is one transaction, so there
//! is never a new password with old sessions, nor a spent token with the old password.

use crate::challenge::REJECTIONS_PER_TOKEN;
use crate::port::{PasswordChange, PasswordHasher, PasswordStore};
use crate::{
    Armed, Challenge, Environment, Fault, Password, PasswordPolicy, SecretHash, State, Timestamp,
    VerificationToken, Violation,
};

/// The password is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordSet {
    /// When.
    pub changed_at: Timestamp,
}

/// Why it is not.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The token is unknown, expired, used, or its account has moved on.
    #[error("the verification token is not valid")]
    TokenInvalid,
    /// The password isn't good enough; the token stays good for nine more tries.
    #[error("the password was rejected")]
    Rejected(Vec<Violation>),
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct SetPassword<S, H> {
    /// The table.
    pub store: S,
    /// Hashes the password.
    pub hasher: H,
    /// Time, randomness, keys.
    pub environment: Environment,
    /// What is asked of a password.
    pub policy: PasswordPolicy,
}

impl<S: PasswordStore, H: PasswordHasher> SetPassword<S, H> {
    /// Sets the password. Three rounds: the challenge, the account, the transaction.
    pub async fn run(
        &self,
        token: &VerificationToken,
        password: &Password,
    ) -> Result<PasswordSet, SetPasswordError> {
        let now = self.environment.clock.now();
        let Some(challenge) = self.store.challenge(token.id()).await? else {
            return Err(SetPasswordError::TokenInvalid);
        };
        let (armed, token_hash) =
            self.granted(&challenge, token, now).ok_or(SetPasswordError::TokenInvalid)?;
        let account = self.store.account(armed.account).await?;
        if account.is_none_or(|a| a.disabled || a.credential_version != armed.credential_version) {
            return Err(SetPasswordError::TokenInvalid);
        }
        let violations = self.policy.violations(password);
        if !violations.is_empty() {
            return Err(if self.store.note_rejection(challenge.id, token_hash).await? {
                SetPasswordError::Rejected(violations)
            } else {
                SetPasswordError::TokenInvalid
            });
        }
        let password_hash = self.hasher.hash(password)?;
        let change = PasswordChange { challenge: challenge.id, token_hash, armed, password_hash, now };
        if self.store.set_password(change).await? {
            Ok(PasswordSet { changed_at: now })
        } else {
            Err(SetPasswordError::TokenInvalid)
        }
    }

    /// What the token allows, and its stored hash, if it is the challenge's and still works.
    fn granted<'c>(
        &self,
        challenge: &'c Challenge,
        token: &VerificationToken,
        now: Timestamp,
    ) -> Option<(Armed, &'c SecretHash)> {
        let State::Verified { token_hash, token_expires_at } = &challenge.state else { return None };
        let works = token.matches(self.environment.prf.as_ref(), token_hash)
            && now < *token_expires_at
            && challenge.rejections < REJECTIONS_PER_TOKEN;
        challenge.armed.filter(|_| works).map(|armed| (armed, token_hash))
    }
}
