//! Ports for delivering codes and for feedback on messages, by intent.

use std::future::Future;

use super::sms::SmsStore;
use super::{AddressStore, Counters};
use crate::outbox::Lookup;
use crate::{
    Armed, Challenge, ChallengeId, Channel, Fault, GuessCharge, IdentifierHash, MessageHash, SmsDestination,
    Timestamp,
};

/// The table's operations for the delivery of codes.
pub trait DeliveryStore: Counters + SmsStore + AddressStore {
    /// The challenge as it stands now, not as an old record shows it.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// In one transaction of three parts, the same for everybody: notes in a challenge that still waits, armed as it
    /// was read, what it is armed with; and charges it to the budget of guesses.
    fn arm(
        &self,
        challenge: &Challenge,
        armed: Armed,
        charge: &GuessCharge,
    ) -> impl Future<Output = Result<Arming, Fault>> + Send;

    /// Notes that the current send needs no delivery any more, what the challenge is armed with after it, and beside
    /// that what became of its message. A challenge whose code went nowhere is armed with a decoy: nobody hears that
    /// somebody guesses at it. One whose code was sent is armed by whoever has sent it, although a second delivery of
    /// the same record may have found that it can't.
    /// Two writes at the same time: the message went out, whether or not the challenge has moved on.
    fn delivered(
        &self,
        challenge: &Challenge,
        armed: Armed,
        record: &SendRecord,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Queues a look-up, unless one of its name is there.
    fn queue(&self, lookup: &Lookup) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// The record of a send, apart from its being done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendRecord {
    /// The message that is on its way, if there is one.
    pub message: Option<AcceptedMessage>,
    /// The channels whose service won't ever take a message for this person.
    pub refused: Vec<Channel>,
}

/// A message that a service has taken, or may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedMessage {
    /// By this the challenge is found again if the message does not arrive.
    pub hash: Option<MessageHash>,
    /// Where it goes, if it is an SMS; or where one may have gone before this message.
    pub sms_sent_to: Option<SmsDestination>,
}

/// The result of arming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arming {
    /// The challenge is armed.
    Armed,
    /// The account's budget of guesses is spent.
    BudgetSpent,
    /// The challenge or the account has changed since it was read: look again.
    Changed,
}

/// The table's operations for `delivery-events`. It can't read accounts.
pub trait FeedbackStore: Send + Sync {
    /// Says until when an address gets no messages, and why. `false` if the address is nobody's: then
    /// nothing is written.
    fn suppress(
        &self,
        address: &IdentifierHash,
        reason: SuppressionReason,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// The challenge that a message was sent for, as long as that can matter.
    fn challenge_of(
        &self,
        message: MessageHash,
    ) -> impl Future<Output = Result<Option<ChallengeId>, Fault>> + Send;

    /// Notes in a challenge that a message of it did not arrive by a channel. `false` if there is no such
    /// challenge any more: then nothing is written.
    fn mark_undeliverable(
        &self,
        id: ChallengeId,
        channel: Channel,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// Why an address gets no messages for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionReason {
    /// There is no such mailbox, or it takes nothing.
    Bounced,
    /// The person called the message unwanted.
    Complained,
    /// There is no such number.
    InvalidNumber,
    /// The person wants no text messages.
    OptedOut,
    /// The phone or its operator takes no text messages from here.
    Blocked,
}

impl SuppressionReason {
    /// The word for it in the table and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::InvalidNumber => "invalid_number",
            Self::OptedOut => "opted_out",
            Self::Blocked => "blocked",
        }
    }
}
