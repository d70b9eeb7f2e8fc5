//! Ports for SMS limits.

use std::future::Future;

use crate::sms_limits::{Conversion, ConversionCounter};
use crate::{Challenge, Counter, Fault};

/// Counts SMS and their tries.
pub trait SmsStore: Send + Sync {
    /// Adds a message to each of the hour's counters, whatever they have come to, all at the same time; how far each
    /// has come with it, in their order.
    fn count_sms(
        &self,
        counters: &[ConversionCounter],
    ) -> impl Future<Output = Result<Vec<Conversion>, Fault>> + Send;

    /// Takes one of the [`SMS_TRIES`](crate::sms_limits::SMS_TRIES) of a challenge's send, which is armed, while that
    /// is the current one and being delivered.
    fn take_sms_try(&self, challenge: &Challenge) -> impl Future<Output = Result<SmsTry, Fault>> + Send;

    /// Gives a try back: the service clearly did not take the message. Nothing if a resend has begun since.
    fn return_sms_try(&self, challenge: &Challenge) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// The result of taking a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsTry {
    /// It is the send's first, second, …
    Taken(u32),
    /// All are spent, so a text may have arrived.
    Spent,
    /// Nobody waits for the send any more: superseded or delivered.
    Over,
}

/// Counts codes by SMS that were verified.
pub trait ConversionStore: Send + Sync {
    /// Adds a verified code to each of the hour's counters, all at the same time.
    fn count_verified(&self, counters: Vec<Counter>) -> impl Future<Output = Result<(), Fault>> + Send;
}
