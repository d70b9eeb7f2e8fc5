//! Ports for sessions and signing out, by intent.

use std::future::Future;

use super::AccountReader;
use crate::account::SessionAccount;
use crate::{AccountId, Fault, Session, SessionEpoch, SessionId};

/// The reads of a session's check.
pub trait SessionReader: AccountReader<SessionAccount> {
    /// The session.
    fn session(&self, id: SessionId) -> impl Future<Output = Result<Option<Session>, Fault>> + Send;
}

/// The table's operations for signing out, beside the check.
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
