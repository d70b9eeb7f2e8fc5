//! The system delivers a pending send: finds the account, arms the challenge, sends the message.
//!
//! Woken by the table's stream, at least once for each send. Whatever happens here, the person who
//! asked sees no difference.

mod link;
mod notice;
mod sending;

use futures_util::future::try_join;
use tracing::field::Empty;

use self::sending::Sending;
use crate::account::Contact;
use crate::limit::{Counter, DAY};
use crate::port::{Arming, ArmingBudget, DeliveryStore, Message, Messenger};
use crate::{
    Account, Armed, Challenge, ChallengeId, Code, CodeLength, Environment, Fault, Generation, Limits, Locale,
    PostalCode, Reference, Timestamp,
};

/// What became of a pending send.
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
    /// The account's budget is spent, and today's link has been sent.
    BudgetSpent,
    /// Every address of the account is dead: nothing was sent.
    Suppressed,
    /// Text messages to the number's country or block are held back; it looks as if it had been sent.
    HeldBack(HeldBack),
}

/// Which rule held a text message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// Its country is not one that text messages are sent to.
    Country,
    /// The day's budget of its country or of its block of numbers is spent.
    Budget,
    /// Too few of the hour's messages to its country led to a verified code.
    Breaker,
}

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
    /// Time, randomness, keys.
    pub environment: Environment,
    /// Digits in a code.
    pub code_length: CodeLength,
    /// The budgets.
    pub limits: Limits,
}

/// What came of sending a code.
enum CodeAttempt {
    Handled(Sending),
    /// The account's budget of guesses is spent.
    BudgetSpent,
    /// Challenge or account changed under it.
    Changed,
}

/// What a delivery may take, in seconds, before its message speaks of a minute less.
const A_MOMENT: u64 = 5;

/// Whole minutes until a code stops working, rounded down but for [`A_MOMENT`], at least 1. Times are in whole
/// seconds, so without it a message that left at once would say nine minutes of ten now and then.
fn minutes_left(now: Timestamp, expires_at: Timestamp) -> u64 {
    ((now.seconds_until(expires_at) + A_MOMENT) / 60).max(1)
}

/// The languages to try: the account's own, then the one that was asked for.
fn locales(account: &Account, requested: Option<&Locale>) -> Vec<Locale> {
    account.locale.iter().chain(requested).cloned().collect()
}

/// Challenge and account can each change between the read and the transaction; that is rare, and the
/// stream tries again anyway.
const ARMING_TRIES: usize = 3;

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Delivers the send of a generation.
    #[tracing::instrument(name = "deliver", skip_all, fields(challenge = Empty, account = Empty, channel = Empty))]
    pub async fn run(&self, id: ChallengeId, generation: Generation) -> Result<Delivered, RetryDelivery> {
        self.environment.note_challenge(id);
        for _ in 0..ARMING_TRIES {
            let now = self.environment.clock.now();
            let challenge = self.store.challenge(id).await?;
            let Some(challenge) = challenge.filter(|c| c.wants_delivery(generation, now)) else {
                return Ok(Delivered::Stale);
            };
            if let Some(Sending { outcome, trace }) = self.attempt(&challenge, now).await? {
                self.store.delivered(&challenge, &trace).await?;
                return Ok(outcome);
            }
        }
        Err(Fault::unavailable("the challenge kept changing while it was armed").into())
    }

    /// `None` if challenge or account changed under it.
    async fn attempt(&self, challenge: &Challenge, now: Timestamp) -> Result<Option<Sending>, Fault> {
        tracing::Span::current().record("channel", challenge.channel.as_str());
        let (account, is_last) = try_join(self.recipient(challenge), self.is_last_of_day(challenge)).await?;
        let Some(account) = account else { return Ok(Some(Delivered::NoRecipient.into())) };
        self.environment.note_account(Some(account.id));
        if !self.is_postal_code_right(challenge, &account) {
            return Ok(Some(Delivered::PostalCodeWrong.into()));
        }
        let alive = self.alive(&account, now).await?;
        // The link first: a try that fails after it finds it sent, and one that fails at it has sent no code.
        let link = if is_last { Some(self.send_link(challenge, &account, &alive, now).await?) } else { None };
        Ok(match (self.attempt_code(challenge, &account, &alive, now).await?, link) {
            (CodeAttempt::Changed, _) => None,
            (CodeAttempt::Handled(sending), _) | (CodeAttempt::BudgetSpent, Some(sending)) => Some(sending),
            (CodeAttempt::BudgetSpent, None) => Some(self.send_link(challenge, &account, &alive, now).await?),
        })
    }

    /// Whether the identifier can ask no more today. Then the day's link goes out with what was asked for,
    /// because whoever asks next is refused, and that may be the owner after ten requests of somebody else.
    async fn is_last_of_day(&self, challenge: &Challenge) -> Result<bool, Fault> {
        let Challenge { identifier, postal_code, created_at, .. } = challenge;
        let counter = self.limits.requests(identifier, postal_code.as_ref(), *created_at).day;
        let counts = self.store.counts(&[&counter]).await?;
        Ok(counts.into_iter().any(|count| count >= counter.limit))
    }

    async fn attempt_code(
        &self,
        challenge: &Challenge,
        account: &Account,
        alive: &[Contact],
        now: Timestamp,
    ) -> Result<CodeAttempt, Fault> {
        let nothing_sent = |outcome: Delivered| Ok(CodeAttempt::Handled(outcome.into()));
        if account.contact(challenge.channel).is_none() {
            return nothing_sent(Delivered::NoRecipient);
        }
        // Before arming: what reaches nobody costs the account nothing, and nobody can guess at it unheard.
        if !self.is_any_reachable(alive) {
            let is_suppressed = alive.is_empty();
            let held_back = Delivered::HeldBack(HeldBack::Country);
            return nothing_sent(if is_suppressed { Delivered::Suppressed } else { held_back });
        }
        match self.arm(challenge, account, now).await? {
            Arming::Armed => {}
            Arming::BudgetSpent => return Ok(CodeAttempt::BudgetSpent),
            Arming::Changed => return Ok(CodeAttempt::Changed),
        }
        let message = self.code_message(challenge, now)?;
        let locales = locales(account, challenge.locale.as_ref());
        self.send_by_any(challenge, alive, &locales, &message, now).await.map(CodeAttempt::Handled)
    }

    /// The account behind the challenge, unless it may not recover.
    async fn recipient(&self, challenge: &Challenge) -> Result<Option<Account>, Fault> {
        let account = self.store.account_behind(&challenge.identifier).await?;
        Ok(account.filter(|a| {
            let is_same =
                |armed: Armed| armed.account == a.id && armed.credential_version == a.credential_version;
            !a.disabled && challenge.armed.is_none_or(is_same)
        }))
    }

    /// Whether the postal code that was asked for is the account's. An account that has none can't be
    /// asked for it.
    fn is_postal_code_right(&self, challenge: &Challenge, account: &Account) -> bool {
        let stored = account.postal_code.as_ref().and_then(|text| PostalCode::parse(&text.0));
        match (&challenge.postal_code, stored) {
            (Some(given), Some(stored)) => stored.matches(self.environment.prf.as_ref(), given),
            _ => true,
        }
    }

    /// Arms the challenge, unless an earlier send or an earlier try has done so.
    async fn arm(&self, challenge: &Challenge, account: &Account, now: Timestamp) -> Result<Arming, Fault> {
        if challenge.armed.is_some() {
            return Ok(Arming::Armed);
        }
        let armed = Armed { account: account.id, credential_version: account.credential_version };
        let mut subject = [0; 32];
        subject[..16].copy_from_slice(account.id.as_bytes());
        let budget = ArmingBudget {
            per_day: Counter::new("armed-day", subject, DAY, self.limits.armed_per_account_per_day, now),
            since_success: self.limits.armed_per_account_since_success,
        };
        self.store.arm(challenge, armed, &budget).await
    }

    fn code_message(&self, challenge: &Challenge, now: Timestamp) -> Result<Message, Fault> {
        let prf = self.environment.prf.as_ref();
        Ok(Message::Code {
            code: Code::of(challenge, prf, self.code_length)?,
            reference: Reference::of(challenge, challenge.generation, prf)?,
            minutes: minutes_left(now, challenge.expires_at),
        })
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
