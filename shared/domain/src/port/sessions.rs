//! What sessions and signing out do to the table, by intent.

use std::future::Future;

use super::AccountReader;
use crate::account::SessionAccount;
use crate::{AccountId, Fault, Session, SessionEpoch, SessionId};

/// What the check of a session reads.
pub trait SessionReader: AccountReader<SessionAccount> {
    /// The session.
    fn session(&self, id: SessionId) -> impl Future<Output = Result<Option<Session>, Fault>> + Send;
}

/// What signing out does to the table, beside the check.
pub trait SessionStore: SessionReader {
    /// Ends a session.
    fn close_session(&self, id: SessionId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends every session of an account by moving its epoch on from `epoch`; nothing if it has moved.
    fn advance_epoch(
        &self,
        account: AccountId,
        epoch: SessionEpoch,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}
