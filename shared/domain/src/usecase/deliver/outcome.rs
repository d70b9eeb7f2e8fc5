//! Outcomes of a send.

use crate::port::SendRecord;
use crate::usecase::sender::Blocked;

/// The outcome of a pending send.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The message was sent.
    Sent,
    /// The message was sent by the account's other channel: the one that was asked for does not reach it.
    FellBack,
    /// The service refused the message for good.
    Refused {
        /// The service's own code for it.
        reason: String,
    },
    /// Nobody waits for it any more: expired, superseded, or already delivered.
    Stale,
    /// There is no account, or none with such an address.
    NoRecipient,
    /// The postal code is not the account's.
    PostalCodeWrong,
    /// The account's budget is spent; a link is queued.
    BudgetSpent,
    /// Every address of the account is suppressed: nothing was sent.
    Suppressed,
    /// An SMS may have been sent, and nothing else: its answer was lost, as often as it is tried.
    Unknown,
    /// SMS to the number are blocked; it looks as if it had been sent.
    Blocked(Blocked),
}

impl Delivered {
    /// Whether nothing was sent because budgets are spent, which others may have done.
    pub(super) const fn is_spent(&self) -> bool {
        matches!(self, Self::BudgetSpent | Self::Blocked(Blocked::Budget | Blocked::Breaker))
    }
}

/// The outcome of a send, and its record.
pub(super) struct Sending {
    pub(super) outcome: Delivered,
    pub(super) record: SendRecord,
}

impl From<Delivered> for Sending {
    fn from(outcome: Delivered) -> Self {
        Self { outcome, record: SendRecord::default() }
    }
}

impl Sending {
    pub(super) fn is_sent(&self) -> bool {
        self.record.message.is_some()
    }
}
