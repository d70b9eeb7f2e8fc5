//! The system delivers a pending send: finds the account, arms the challenge, sends the message.
//!
//! Woken by the table's stream, at least once for each send. Whatever happens here, the person who
//! asked sees no difference.

use std::time::Duration;

use futures_util::future::try_join;
use tracing::field::Empty;

use crate::account::Contact;
use crate::limit::{Counter, DAY};
use crate::port::{Arming, ArmingBudget, DeliveryStore, Message, Messenger, SendError};
use crate::{
    Account, Armed, Challenge, ChallengeId, Channel, Code, CodeLength, Country, Environment, Fault,
    Generation, KeyUse, Limits, Locale, PostalCode, Reference, Salt, State, Timestamp, VerificationToken,
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
    /// The postal code is not the account's.
    PostalCodeWrong,
    /// The account's budget is spent, and today's link has been sent.
    BudgetSpent,
    /// Text messages to the number's country or block are held back; it looks as if it had been sent.
    HeldBack(HeldBack),
}

/// Which rule held a text message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
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

/// What became of a pending send, and where a text message went.
struct Handled {
    outcome: Delivered,
    texted_to: Option<Country>,
}

impl From<Delivered> for Handled {
    fn from(outcome: Delivered) -> Self {
        Self { outcome, texted_to: None }
    }
}

/// What came of sending a code.
enum CodeAttempt {
    Handled(Handled),
    /// The account's budget of guesses is spent.
    BudgetSpent,
    /// Challenge or account changed under it.
    Changed,
}

/// How long a recovery link works: as long as NIST SP 800-63B-4, section 4.2.1.2, lets a recovery code sent
/// by email.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

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
            if let Some(Handled { outcome, texted_to }) = self.attempt(&challenge, now).await? {
                self.store.delivered(&challenge, texted_to).await?;
                return Ok(outcome);
            }
        }
        Err(Fault::unavailable("the challenge kept changing while it was armed").into())
    }

    /// `None` if challenge or account changed under it.
    async fn attempt(&self, challenge: &Challenge, now: Timestamp) -> Result<Option<Handled>, Fault> {
        tracing::Span::current().record("channel", challenge.channel.as_str());
        let (account, is_last) = try_join(self.recipient(challenge), self.is_last_of_day(challenge)).await?;
        let Some(account) = account else { return Ok(Some(Delivered::NoRecipient.into())) };
        self.environment.note_account(Some(account.id));
        let sent = match self.attempt_code(challenge, &account, now).await? {
            CodeAttempt::Changed => return Ok(None),
            CodeAttempt::BudgetSpent => return self.send_link(challenge, &account, now).await.map(Some),
            CodeAttempt::Handled(sent) => sent,
        };
        if is_last {
            self.send_link(challenge, &account, now).await?;
        }
        Ok(Some(sent))
    }

    /// Whether the identifier can ask no more today. Then the day's link goes out with what was asked for,
    /// because whoever asks next is refused, and that may be the owner after ten requests of somebody else.
    async fn is_last_of_day(&self, challenge: &Challenge) -> Result<bool, Fault> {
        let counter =
            self.limits.requests_per_identifier_and_day(&challenge.identifier, challenge.created_at);
        let counts = self.store.counts(&[&counter]).await?;
        Ok(counts.into_iter().any(|count| count >= counter.limit))
    }

    async fn attempt_code(
        &self,
        challenge: &Challenge,
        account: &Account,
        now: Timestamp,
    ) -> Result<CodeAttempt, Fault> {
        let Some(contact) = account.contact(challenge.channel) else {
            return Ok(CodeAttempt::Handled(Delivered::NoRecipient.into()));
        };
        if !self.is_postal_code_right(challenge, account) {
            return Ok(CodeAttempt::Handled(Delivered::PostalCodeWrong.into()));
        }
        match self.arm(challenge, account, now).await? {
            Arming::Armed => {}
            Arming::BudgetSpent => return Ok(CodeAttempt::BudgetSpent),
            Arming::Changed => return Ok(CodeAttempt::Changed),
        }
        let message = self.code_message(challenge, now)?;
        let locales = locales(account, challenge.locale.as_ref());
        self.send_within_budget(&contact, &locales, &message, now).await.map(CodeAttempt::Handled)
    }

    async fn send(&self, to: &Contact, locales: &[Locale], message: &Message) -> Result<Delivered, Fault> {
        match self.messenger.send(to, locales, message).await {
            Ok(()) => Ok(Delivered::Sent),
            Err(SendError::Refused { reason }) => Ok(Delivered::Refused { reason }),
            Err(SendError::Failed(fault)) => Err(fault),
        }
    }

    /// Sends what somebody asked for, unless it is a text message that the budgets hold back. What wasn't
    /// sent is given back to them.
    async fn send_within_budget(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Handled, Fault> {
        let Contact::Phone(number) = to else {
            return self.send(to, locales, message).await.map(Handled::from);
        };
        // A country that isn't allowed is the messenger's to refuse.
        let Some(country) = self.messenger.country_of(number) else {
            return self.send(to, locales, message).await.map(Handled::from);
        };
        let texts = &self.limits.texts;
        let budget = texts.budget(number, country, now, self.environment.prf.as_ref())?;
        let counted = self.store.count(budget.counters()).await?;
        let outcome = if counted.limited.is_some() {
            Ok(Delivered::HeldBack(HeldBack::Budget))
        } else {
            match *self.store.counts(&[&budget.sent, &budget.verified]).await? {
                [sent, verified] if texts.is_conversion_low(sent, verified) => {
                    Ok(Delivered::HeldBack(HeldBack::Breaker))
                }
                _ => self.send(to, locales, message).await,
            }
        };
        if matches!(outcome, Ok(Delivered::Sent)) {
            return Ok(Handled { outcome: Delivered::Sent, texted_to: Some(country) });
        }
        self.store.give_back(counted.counted).await?;
        outcome.map(Handled::from)
    }

    /// A link that needs no guessing, one a day, so that nobody can lock the owner out by asking for codes.
    /// It goes where a code would have gone, or else to the address that there is.
    async fn send_link(
        &self,
        challenge: &Challenge,
        account: &Account,
        now: Timestamp,
    ) -> Result<Handled, Fault> {
        let contacts =
            [challenge.channel, Channel::Email, Channel::Sms].map(|channel| account.contact(channel));
        let Some(contact) = contacts.into_iter().flatten().next() else {
            return Ok(Delivered::NoRecipient.into());
        };
        let prf = self.environment.prf.as_ref();
        let day = Counter::new("link", [0; 32], DAY, 1, now).window_start.as_unix().to_be_bytes();
        // Under each version of the key: a day on which it rotates has one link as well.
        let named = |version| {
            let output = prf.evaluate(KeyUse::Token, version, &[b"link id", account.id.as_bytes(), &day])?;
            Ok::<_, Fault>(ChallengeId::of_output(&output))
        };
        let current = prf.current(KeyUse::Token);
        let others = prf.versions(KeyUse::Token).into_iter().filter(|version| *version != current);
        let (id, other_ids) = (named(current)?, others.map(named).collect::<Result<Vec<_>, _>>()?);
        let token = |link: &Challenge| {
            // As a code: a delivery that is repeated makes the same link again, and the key alone none.
            let parts = [b"link".as_slice(), link.id.as_bytes(), link.salt.as_bytes()];
            let secret = prf.evaluate(KeyUse::Code, link.code_key, &parts)?;
            Ok::<_, Fault>(VerificationToken::new(link.id, *secret))
        };
        let mut link = Challenge {
            id,
            salt: Salt::from_bytes(self.environment.random_bytes()?),
            code_key: prf.current(KeyUse::Code),
            created_at: now,
            sent_at: now,
            expires_at: now.plus(LINK_LIFETIME),
            armed: Some(Armed { account: account.id, credential_version: account.credential_version }),
            pending: false,
            attempts: 0,
            rejections: 0,
            texted_to: None,
            marks: Vec::new(),
            ..challenge.clone()
        };
        let token_hash = token(&link)?.hash(prf)?;
        link.state = State::Verified { token_hash, token_expires_at: link.expires_at };
        if let Some(opened) = self.store.open_link(&link, &other_ids, challenge.id).await? {
            if opened.requested_by != challenge.id {
                return Ok(Delivered::BudgetSpent.into());
            }
            link = opened.link;
        }
        let message = Message::RecoveryLink { token: token(&link)?, hours: LINK_LIFETIME.as_secs() / 3_600 };
        let locales = locales(account, challenge.locale.as_ref());
        self.send_within_budget(&contact, &locales, &message, now).await
    }

    /// Tells every address of an account that its password was changed.
    #[tracing::instrument(name = "notify", skip_all, fields(challenge = Empty, account = Empty))]
    pub async fn notify(&self, id: ChallengeId) -> Result<Delivered, RetryDelivery> {
        let Some(notice) = self.store.notice(id).await? else { return Ok(Delivered::Stale) };
        self.environment.note_challenge(id);
        self.environment.note_account(Some(notice.account));
        let account = self.store.account(notice.account).await?;
        let message = Message::PasswordChanged { changed_at: notice.changed_at };
        let mut trouble = None;
        for channel in [Channel::Email, Channel::Sms] {
            let contact = account.as_ref().and_then(|account| account.contact(channel));
            let (Some(account), Some(contact)) = (&account, contact) else { continue };
            if notice.reached.contains(&channel) {
                continue;
            }
            match self.send(&contact, &locales(account, None), &message).await {
                // What the service refuses for good is passed over like what it took.
                Ok(_) => self.store.notified(id, channel).await?,
                // The other address shouldn't wait for this one's service.
                Err(fault) => trouble = Some(fault),
            }
        }
        if let Some(fault) = trouble {
            return Err(fault.into());
        }
        self.store.close_notice(id).await?;
        Ok(Delivered::Sent)
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
            minutes: (now.seconds_until(challenge.expires_at) / 60).max(1),
        })
    }
}
