//! What signing in, sessions and signing out do to the table, by intent.

use std::future::Future;

use super::Counters;
use crate::outbox::Lookup;
use crate::{
    Account, AccountId, Device, DeviceId, FailureBudget, Failures, Fault, IdentifierHash, PasswordHash,
    Session, SessionEpoch, SessionId, Timestamp,
};

/// What `sessions` does to the table.
pub trait SessionStore: Counters {
    /// The account that an identifier leads to, if it is there: one read.
    fn owner(
        &self,
        identifier: &IdentifierHash,
    ) -> impl Future<Output = Result<Option<AccountId>, Fault>> + Send;

    /// The account that an identifier's owner is, in one read whether there is one or not.
    fn account_of(
        &self,
        identifier: &IdentifierHash,
        owner: Option<AccountId>,
    ) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// Charges a try to an identifier's failures, unless [`FailureBudget::refusal`] has a reason not to.
    fn charge_failure(
        &self,
        budget: &FailureBudget,
    ) -> impl Future<Output = Result<FailureCharge, Fault>> + Send;

    /// Notes at how many failures of a window the owner was told last.
    fn note_told(
        &self,
        budget: &FailureBudget,
        failures: &Failures,
        told_at: u32,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Queues a look-up, unless one of its name is there.
    fn queue(&self, lookup: &Lookup) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Takes back what a try was charged that was right after all. `charged` is what was charged after it.
    fn give_back_failure(
        &self,
        budget: &FailureBudget,
        charged: &Failures,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// The device of a token.
    fn device(&self, id: DeviceId) -> impl Future<Output = Result<Option<Device>, Fault>> + Send;

    /// Charges a try to a device that is still good for one; whether it did.
    fn charge_device(&self, id: DeviceId, now: Timestamp)
    -> impl Future<Output = Result<bool, Fault>> + Send;

    /// A try from a device was right: nothing is charged to it any more.
    fn clear_device(&self, id: DeviceId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Adds a known device.
    fn add_device(&self, device: &Device) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Adds a session.
    fn open_session(&self, session: &Session) -> impl Future<Output = Result<(), Fault>> + Send;

    /// The session.
    fn session(&self, id: SessionId) -> impl Future<Output = Result<Option<Session>, Fault>> + Send;

    /// The epoch of an account that isn't disabled.
    fn session_epoch(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<SessionEpoch>, Fault>> + Send;

    /// Ends a session.
    fn close_session(&self, id: SessionId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends every session of an account by moving its epoch on from `epoch`; nothing if it has moved.
    fn advance_epoch(
        &self,
        account: AccountId,
        epoch: SessionEpoch,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Replaces a hash by one of the same password with current parameters; nothing if it has changed.
    fn replace_hash(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// What came of charging a try to the failures of an identifier.
#[derive(Clone, Copy, Debug)]
pub enum FailureCharge {
    /// The try was charged; the failures after it.
    Charged(Failures),
    /// It was not; the failures as they stand.
    Refused(Failures),
}
