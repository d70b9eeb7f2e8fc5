//! A person signs in, is recognised, and signs out, here or everywhere.

use std::time::Duration;

use tracing::field::Empty;

use crate::limit::{Counter, HOUR};
use crate::port::{PasswordHasher, PasswordMatch, SessionStore};
use crate::{
    Account, Environment, Fault, Identifier, IdentifierHash, Limited, Limits, Password, Session, SessionId,
    SessionToken, SourceAddress, Timestamp,
};

/// A try to sign in.
#[derive(Debug)]
pub struct SignIn {
    /// Who they say they are.
    pub identifier: Identifier,
    /// The password.
    pub password: Password,
    /// Where the call comes from.
    pub source: SourceAddress,
}

/// A person is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Proves it.
    pub token: SessionToken,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Why a person is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account has this identifier and this password. Which of the two is wrong, nobody is told.
    #[error("identifier or password is wrong")]
    CredentialsInvalid,
    /// Tried too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a session does not count.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown, expired or signed out.
    #[error("the session is not valid")]
    Invalid,
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use cases.
pub struct Sessions<S, H> {
    /// The table.
    pub store: S,
    /// Hashes the password.
    pub hasher: H,
    /// Time, randomness, keys.
    pub environment: Environment,
    /// How often it may be tried.
    pub limits: Limits,
    /// How long a session lasts at the most.
    pub lifetime: Duration,
}

impl<S: SessionStore, H: PasswordHasher> Sessions<S, H> {
    /// Signs in. An unknown identifier and a disabled account take the same reads and the same hash.
    #[tracing::instrument(name = "sign_in", skip_all, fields(account = Empty))]
    pub async fn sign_in(&self, request: SignIn) -> Result<SignedIn, SignInError> {
        let now = self.environment.clock.now();
        let prf = self.environment.prf.as_ref();
        let identifier = IdentifierHash::of(prf, &request.identifier)?;
        let counters = vec![
            Counter::of_identifier(
                "sign-in",
                &identifier,
                HOUR,
                self.limits.sign_ins_per_identifier_per_hour,
                now,
            ),
            Counter::of_address(
                "sign-in-address",
                request.source,
                HOUR,
                self.limits.sign_ins_per_address_per_hour,
                now,
                prf,
            )?,
        ];
        let counted = self.store.count(counters).await?;
        if let Some(limited) = counted.limited {
            // A try that is refused counts nowhere.
            self.store.give_back(counted.counted).await?;
            return Err(limited.into());
        }

        let account = self.store.account_behind(&identifier).await?.filter(|a| !a.disabled);
        self.environment.note_account(account.as_ref().map(|account| account.id));
        let hash = account.as_ref().and_then(|a| a.password_hash.as_ref());
        let matched = self.hasher.verify(&request.password, hash)?;
        let Some(account) = account.filter(|_| matched != PasswordMatch::No) else {
            return Err(SignInError::CredentialsInvalid);
        };
        if matched == PasswordMatch::YesWithOldParameters {
            self.rehash(&account, &request.password).await?;
        }

        let id = SessionId::from_bytes(self.environment.random_bytes()?);
        let token = SessionToken::new(id, self.environment.random_bytes()?);
        let session = Session {
            id,
            account: account.id,
            epoch: account.session_epoch,
            secret_hash: token.hash(prf)?,
            created_at: now,
            expires_at: now.plus(self.lifetime),
        };
        self.store.open_session(&session).await?;
        Ok(SignedIn { token, expires_at: session.expires_at })
    }

    async fn rehash(&self, account: &Account, password: &Password) -> Result<(), Fault> {
        if let Some(old) = &account.password_hash {
            let new = self.hasher.hash(password)?;
            self.store.replace_hash(account.id, old, &new).await?;
        }
        Ok(())
    }

    /// The session that a token proves.
    #[tracing::instrument(name = "check_session", skip_all, fields(account = Empty))]
    pub async fn check(&self, token: &SessionToken) -> Result<Session, SessionError> {
        let now = self.environment.clock.now();
        let session = self.store.session(token.id()).await?.ok_or(SessionError::Invalid)?;
        if !token.matches(self.environment.prf.as_ref(), &session.secret_hash) {
            return Err(SessionError::Invalid);
        }
        self.environment.note_account(Some(session.account));
        let epoch = self.store.session_epoch(session.account).await?;
        if epoch.is_some_and(|epoch| session.is_valid(now, epoch)) {
            Ok(session)
        } else {
            Err(SessionError::Invalid)
        }
    }

    /// Ends the session that a token proves.
    #[tracing::instrument(name = "sign_out", skip_all, fields(account = Empty))]
    pub async fn sign_out(&self, token: &SessionToken) -> Result<(), SessionError> {
        let session = self.check(token).await?;
        Ok(self.store.close_session(session.id).await?)
    }

    /// Ends every session of the account of the session that a token proves.
    #[tracing::instrument(name = "sign_out_everywhere", skip_all, fields(account = Empty))]
    pub async fn sign_out_everywhere(&self, token: &SessionToken) -> Result<(), SessionError> {
        let session = self.check(token).await?;
        Ok(self.store.advance_epoch(session.account, session.epoch).await?)
    }
}
