//! The system delivers a pending send: finds the account, arms the challenge, sends the message.
//!
//! Woken by the table's stream, at least once for each send. Whatever happens here, the person who
//! asked sees no difference: everybody's challenge is armed, by the same reads and the same writes. Where there is
//! nobody to send to it is armed with a decoy, so that neither its item nor what a call waits for tells.

mod outcome;
mod sending;

use tracing::field::Empty;

use self::outcome::Sending;
use super::addresses::{deliverable, locales};
use crate::account::{Contact, DeliveryAccount};
use crate::port::{Arming, DeliveryStore, Message, Messenger};
use crate::{
    Armed, Challenge, ChallengeId, Code, CodeLength, Context, Fault, Generation, GuessBudget, Reference,
    SendState, SmsLimits, Timestamp,
};

pub use self::outcome::Delivered;
pub use super::sender::Blocked;

/// Why a pending send has to be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the delivery has to be tried again")]
pub struct RetryDelivery(#[from] pub Fault);

/// The use case.
pub struct Deliver<S, M> {
    /// The table.
    pub store: S,
    /// Words and sends.
    pub messenger: M,
    /// Randomness, keys.
    pub context: Context,
    /// Digits in a code.
    pub code_length: CodeLength,
    /// The challenges that are armed for one account.
    pub guesses: GuessBudget,
    /// The budgets of SMS.
    pub sms: SmsLimits,
}

/// Whom a code goes to.
struct Recipient {
    account: DeliveryAccount,
    armed: Armed,
    /// The addresses that messages may go to.
    deliverable: Vec<Contact>,
}

/// The seconds that a delivery may take before its message speaks of a minute less.
const A_MOMENT: u64 = 5;

/// Whole minutes until a code stops working, rounded down but for [`A_MOMENT`], at least 1. Times are in whole
/// seconds, so without it a message that left at once would say nine minutes of ten now and then.
fn minutes_left(now: Timestamp, expires_at: Timestamp) -> u64 {
    ((now.seconds_until(expires_at) + A_MOMENT) / 60).max(1)
}

/// Challenge and account can each change between the read and the transaction; that is rare, and the
/// stream tries again anyway.
const ARMING_TRIES: usize = 3;

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Delivers the send of a generation.
    #[tracing::instrument(name = "deliver", skip_all, fields(challenge = Empty, account = Empty, channel = Empty))]
    pub async fn run(
        &self,
        id: ChallengeId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<Delivered, RetryDelivery> {
        self.context.note_challenge(id);
        for _ in 0..ARMING_TRIES {
            let challenge = self.store.challenge(id).await?;
            let Some(challenge) = challenge.filter(|c| c.wants_delivery(generation, now)) else {
                return Ok(Delivered::Stale);
            };
            if let Some((armed, sending)) = self.attempt(&challenge, now).await? {
                self.store.delivered(&challenge, armed, &sending.record).await?;
                return Ok(sending.outcome);
            }
        }
        Err(Fault::unavailable("the challenge kept changing while it was armed").into())
    }

    /// The outcome of the send, and the arming of the challenge after it; `None` if challenge or account
    /// changed under it.
    async fn attempt(
        &self,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Option<(Armed, Sending)>, Fault> {
        tracing::Span::current().record("channel", challenge.channel.as_str());
        let account = self.store.account_behind(&challenge.identifier).await?;
        let prf = self.context.prf.as_ref();
        let deliverable = deliverable(&self.store, prf, account.as_ref(), &challenge.identifier, now).await?;
        let decoy = Armed::decoy(&challenge.identifier);
        let outcome = match self.recipient(challenge, account, deliverable) {
            Err(outcome) => outcome,
            Ok(recipient) => {
                self.context.note_account(Some(recipient.account.standing.id));
                match self.arm(challenge, recipient.armed, now).await? {
                    Arming::Changed => return Ok(None),
                    Arming::Armed => {
                        let sending = self.send_code(challenge, &recipient, now).await?;
                        if sending.outcome.is_spent() {
                            self.queue_link(challenge, now).await?;
                        }
                        let armed = if sending.is_sent() { recipient.armed } else { decoy };
                        return Ok(Some((armed, sending)));
                    }
                    Arming::BudgetSpent => {
                        self.queue_link(challenge, now).await?;
                        Delivered::BudgetSpent
                    }
                }
            }
        };
        match self.arm(challenge, decoy, now).await? {
            Arming::Changed => Ok(None),
            Arming::Armed | Arming::BudgetSpent => Ok(Some((decoy, outcome.into()))),
        }
    }

    /// Queues the day's link for the address that was typed, in the place of a code that others' requests block.
    async fn queue_link(&self, challenge: &Challenge, now: Timestamp) -> Result<(), Fault> {
        self.store.queue(&challenge.link_instead(now)).await
    }

    /// Whom the code goes to, or why to nobody. What ends here costs the account nothing.
    fn recipient(
        &self,
        challenge: &Challenge,
        account: Option<DeliveryAccount>,
        deliverable: Vec<Contact>,
    ) -> Result<Recipient, Delivered> {
        let account = account.filter(|account| account.standing.is_active()).ok_or(Delivered::NoRecipient)?;
        let armed = Armed::of(&account.standing);
        if challenge.owner().is_some_and(|owner| !owner.may_recover(&account.standing)) {
            return Err(Delivered::NoRecipient);
        }
        if !account.is_postal_code_right(challenge.postal_code.as_ref(), self.context.prf.as_ref()) {
            return Err(Delivered::PostalCodeWrong);
        }
        if account.contact(challenge.channel).is_none() {
            return Err(Delivered::NoRecipient);
        }
        if !deliverable.iter().any(|contact| self.messenger.reaches(contact)) {
            let is_suppressed = deliverable.is_empty();
            let blocked = Delivered::Blocked(Blocked::Country);
            return Err(if is_suppressed { Delivered::Suppressed } else { blocked });
        }
        Ok(Recipient { account, armed, deliverable })
    }

    /// Arms the challenge, unless an earlier try of this send has done so.
    async fn arm(&self, challenge: &Challenge, armed: Armed, now: Timestamp) -> Result<Arming, Fault> {
        if challenge.send == SendState::Sending {
            // An earlier try has armed it with a decoy where there was nothing to send.
            return Ok(if challenge.armed == Some(armed) { Arming::Armed } else { Arming::BudgetSpent });
        }
        self.store.arm(challenge, armed, &self.guesses.charge(challenge, armed, now)).await
    }

    async fn send_code(
        &self,
        challenge: &Challenge,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Sending, Fault> {
        let prf = self.context.prf.as_ref();
        let message = Message::Code {
            code: Code::of(challenge, prf, self.code_length)?,
            reference: Reference::of(challenge, challenge.generation, prf)?,
            minutes: minutes_left(now, challenge.expires_at),
            requested_at: challenge.sent_at,
        };
        let locales = locales(&recipient.account, challenge.locale.as_ref());
        self.send_by_any(challenge, &recipient.deliverable, &locales, &message, now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moments_delivery_costs_no_minute() {
        let minutes = |left| minutes_left(Timestamp::from_unix(0), Timestamp::from_unix(left));
        for (left, expected) in
            [(600, 10), (599, 10), (595, 10), (594, 9), (540, 9), (114, 1), (60, 1), (1, 1)]
        {
            assert_eq!(minutes(left), expected, "{left} seconds");
        }
    }
}
