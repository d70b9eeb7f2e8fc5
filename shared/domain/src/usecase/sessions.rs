//! A person who has [signed in](super::sign_in) is recognised, and signs out, here or everywhere.

use tracing::field::Empty;

use crate::account::SessionAccount;
use crate::port::{SessionReader, SessionStore};
use crate::{Context, Fault, RecoveryHold, Session, SessionToken, Timestamp};

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

/// A session that counts.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// The session.
    pub session: Session,
    /// What is known of its account.
    pub account: SessionAccount,
    /// Until when what can't be undone should wait, if the account was recovered lately.
    pub hold_until: Option<Timestamp>,
}

/// The use cases. The check takes what reads sessions, and nothing more.
pub struct Sessions<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
    /// How long the hold of a recovery lasts.
    pub hold: RecoveryHold,
}

impl<S: SessionReader> Sessions<S> {
    /// The session that a token proves.
    #[tracing::instrument(name = "check_session", skip_all, fields(account = Empty))]
    pub async fn check(&self, token: &SessionToken, now: Timestamp) -> Result<CurrentSession, SessionError> {
        let session = self.store.session(token.id()).await?.ok_or(SessionError::Invalid)?;
        if !token.matches(self.context.prf.as_ref(), &session.secret_hash) {
            return Err(SessionError::Invalid);
        }
        self.context.note_account(Some(session.account));
        let account = self.store.account(session.account).await?;
        let account =
            account.filter(|account| session.is_valid(now, account)).ok_or(SessionError::Invalid)?;
        let hold_until = self.hold.until(account.recovered_at, now);
        Ok(CurrentSession { session, account, hold_until })
    }
}

impl<S: SessionStore> Sessions<S> {
    /// Ends the session that a token proves.
    #[tracing::instrument(name = "sign_out", skip_all, fields(account = Empty))]
    pub async fn sign_out(&self, token: &SessionToken, now: Timestamp) -> Result<(), SessionError> {
        let CurrentSession { session, .. } = self.check(token, now).await?;
        Ok(self.store.close_session(session.id).await?)
    }

    /// Ends every session of the account of the session that a token proves.
    #[tracing::instrument(name = "sign_out_everywhere", skip_all, fields(account = Empty))]
    pub async fn sign_out_everywhere(
        &self,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<(), SessionError> {
        let CurrentSession { session, .. } = self.check(token, now).await?;
        Ok(self.store.advance_epoch(session.account, session.epoch).await?)
    }
}
