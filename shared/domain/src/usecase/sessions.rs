//! A person who has [signed in](super::sign_in) is recognised, and signs out, here or everywhere.

use tracing::field::Empty;

use crate::port::{SessionReader, SessionStore};
use crate::{Context, Fault, Session, SessionToken, Timestamp};

/// Why a session does not count.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown, expired or signed out.
    #[error("the session is not valid")]
    Invalid,
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use cases. The check takes what reads sessions, and nothing more.
pub struct Sessions<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
}

impl<S: SessionReader> Sessions<S> {
    /// The session that a token proves.
    #[tracing::instrument(name = "check_session", skip_all, fields(account = Empty))]
    pub async fn check(&self, token: &SessionToken, now: Timestamp) -> Result<Session, SessionError> {
        let session = self.store.session(token.id()).await?.ok_or(SessionError::Invalid)?;
        if !token.matches(self.context.prf.as_ref(), &session.secret_hash) {
            return Err(SessionError::Invalid);
        }
        self.context.note_account(Some(session.account));
        let account = self.store.account(session.account).await?;
        if account.is_some_and(|account| session.is_valid(now, &account)) {
            Ok(session)
        } else {
            Err(SessionError::Invalid)
        }
    }
}

impl<S: SessionStore> Sessions<S> {
    /// Ends the session that a token proves.
    #[tracing::instrument(name = "sign_out", skip_all, fields(account = Empty))]
    pub async fn sign_out(&self, token: &SessionToken, now: Timestamp) -> Result<(), SessionError> {
        let session = self.check(token, now).await?;
        Ok(self.store.close_session(session.id).await?)
    }

    /// Ends every session of the account of the session that a token proves.
    #[tracing::instrument(name = "sign_out_everywhere", skip_all, fields(account = Empty))]
    pub async fn sign_out_everywhere(
        &self,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<(), SessionError> {
        let session = self.check(token, now).await?;
        Ok(self.store.advance_epoch(session.account, session.epoch).await?)
    }
}
