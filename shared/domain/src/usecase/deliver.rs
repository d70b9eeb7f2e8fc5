//! The system delivers a pending send: finds the account, arms the challenge, sends the message.
//!
//! Woken by the table's stream, at least once for each send. Whatever happens here, the person who
//! asked sees no difference.

use crate::limit::{Counter, DAY};
use crate::port::{Arming, ArmingBudget, DeliveryStore, Message, Messenger, SendError};
use crate::{
    Account, Armed, Challenge, ChallengeId, Code, CodeLength, Environment, Fault, Generation, Limits, Locale,
    Reference, Timestamp,
};

/// What became of a pending send.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The message was sent.
    Sent,
    /// The service refused the message for good.
    Refused {
        /// The service's own code for it.
        reason: String,
    },
    /// Nobody waits for it any more: expired, superseded, or already delivered.
    Stale,
    /// There is no account, or none with such an address.
    NoRecipient,
    /// The account's budget is spent.
    BudgetSpent,
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

/// Challenge and account can each change between the read and the transaction; that is rare, and the
/// stream tries again anyway.
const ARMING_TRIES: usize = 3;

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Delivers the send of a generation.
    pub async fn run(&self, id: ChallengeId, generation: Generation) -> Result<Delivered, RetryDelivery> {
        for _ in 0..ARMING_TRIES {
            let now = self.environment.clock.now();
            let challenge = self.store.challenge(id).await?;
            let Some(challenge) = challenge.filter(|c| c.wants_delivery(generation, now)) else {
                return Ok(Delivered::Stale);
            };
            if let Some(outcome) = self.attempt(&challenge, now).await? {
                self.store.delivered(&challenge).await?;
                return Ok(outcome);
            }
        }
        Err(Fault::unavailable("the challenge kept changing while it was armed").into())
    }

    /// `None` if challenge or account changed under it.
    async fn attempt(&self, challenge: &Challenge, now: Timestamp) -> Result<Option<Delivered>, Fault> {
        let Some(account) = self.recipient(challenge).await? else {
            return Ok(Some(Delivered::NoRecipient));
        };
        let Some(contact) = account.contact(challenge.channel) else {
            return Ok(Some(Delivered::NoRecipient));
        };
        match self.arm(challenge, &account, now).await? {
            Arming::Armed => {}
            Arming::BudgetSpent => return Ok(Some(Delivered::BudgetSpent)),
            Arming::Changed => return Ok(None),
        }
        let message = self.code_message(challenge, now)?;
        let locales: Vec<Locale> = account.locale.into_iter().chain(challenge.locale.clone()).collect();
        match self.messenger.send(&contact, &locales, &message).await {
            Ok(()) => Ok(Some(Delivered::Sent)),
            Err(SendError::Refused { reason }) => Ok(Some(Delivered::Refused { reason })),
            Err(SendError::Failed(fault)) => Err(fault),
        }
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
            reference: Reference::of(challenge, prf)?,
            minutes: (now.seconds_until(challenge.expires_at) / 60).max(1),
        })
    }
}
