//! Ports for signing in, by intent.

use std::future::Future;

use super::{AccountReader, Counters, OwnerReader};
use crate::account::SignInAccount;
use crate::outbox::Lookup;
use crate::{Device, DeviceId, FailureBudget, Failures, Fault, Session, Timestamp};

/// The table's operations for a sign-in, beside comparing the password.
pub trait SignInStore: Counters + OwnerReader + AccountReader<SignInAccount> {
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
    fn refund_failure(
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
}

/// The result of charging a try to the failures of an identifier.
#[derive(Clone, Copy, Debug)]
pub enum FailureCharge {
    /// The try was charged; the failures after it.
    Charged(Failures),
    /// It was not; the failures as they stand.
    Refused(Failures),
}
