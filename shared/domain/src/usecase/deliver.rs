//! The system delivers a pending send: finds the account, arms the challenge, sends the message.
//!
//! Woken by the table's stream, at least once for each send. Whatever happens here, the person who
//! asked sees no difference.

use std::time::Duration;

use crate::account::Contact;
use crate::limit::{Counter, DAY};
use crate::port::{Arming, ArmingBudget, DeliveryStore, Message, Messenger, SendError, Trace};
use crate::{
    Account, Armed, Challenge, ChallengeId, Channel, Code, CodeLength, Environment, Fault, Generation,
    IdentifierHash, KeyUse, Limits, Locale, MessageHash, PostalCode, Reference, Salt, State, Timestamp,
    VerificationToken,
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
    pub async fn run(&self, id: ChallengeId, generation: Generation) -> Result<Delivered, RetryDelivery> {
        for _ in 0..ARMING_TRIES {
            let now = self.environment.clock.now();
            let challenge = self.store.challenge(id).await?;
            let Some(challenge) = challenge.filter(|c| c.wants_delivery(generation, now)) else {
                return Ok(Delivered::Stale);
            };
            if let Some((outcome, trace)) = self.attempt(&challenge, now).await? {
                self.store.delivered(&challenge, trace).await?;
                return Ok(outcome);
            }
        }
        Err(Fault::unavailable("the challenge kept changing while it was armed").into())
    }

    /// `None` if challenge or account changed under it.
    async fn attempt(
        &self,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Option<(Delivered, Trace)>, Fault> {
        let nothing_sent = |outcome| Ok(Some((outcome, Trace::None)));
        let Some(account) = self.recipient(challenge).await? else {
            return nothing_sent(Delivered::NoRecipient);
        };
        if account.contact(challenge.channel).is_none() {
            return nothing_sent(Delivered::NoRecipient);
        }
        if !self.is_postal_code_right(challenge, &account) {
            return nothing_sent(Delivered::PostalCodeWrong);
        }
        // Before arming: what reaches nobody costs the account nothing.
        let Some(contact) = self.route(challenge, &account, now).await? else {
            return nothing_sent(Delivered::Suppressed);
        };
        match self.arm(challenge, &account, now).await? {
            Arming::Armed => {}
            Arming::BudgetSpent => return self.send_link(challenge, &account, &contact, now).await.map(Some),
            Arming::Changed => return Ok(None),
        }
        let message = self.code_message(challenge, now)?;
        let locales = locales(&account, challenge.locale.as_ref());
        self.send(challenge, &contact, &locales, &message).await.map(Some)
    }

    /// The address that a message goes to: that of the channel that was asked for, or the account's other one
    /// if that does not reach the person. A dead address gets nothing. A channel by which a message of this
    /// challenge did not arrive is the last resort: it may work again, and nothing else is left.
    async fn route(
        &self,
        challenge: &Challenge,
        account: &Account,
        now: Timestamp,
    ) -> Result<Option<Contact>, Fault> {
        let alive = self.alive(account, now).await?;
        let contact = |channel| alive.iter().find(|contact| contact.channel() == channel);
        let mut by_preference =
            [challenge.channel, challenge.channel.other()].into_iter().filter_map(contact).peekable();
        let first = by_preference.peek().copied();
        let arrives = |contact: &&Contact| !challenge.undeliverable.contains(&contact.channel());
        Ok(by_preference.find(arrives).or(first).cloned())
    }

    /// The addresses of an account that messages may go to.
    async fn alive(&self, account: &Account, now: Timestamp) -> Result<Vec<Contact>, Fault> {
        let prf = self.environment.prf.as_ref();
        let contacts: Vec<_> = Channel::ALL.into_iter().filter_map(|c| account.contact(c)).collect();
        let hashes: Vec<_> = contacts
            .iter()
            .map(|contact| IdentifierHash::of(prf, &contact.identifier()))
            .collect::<Result<_, _>>()?;
        let until = self.store.suppressed_until(&hashes).await?;
        let is_alive = |until: Option<Timestamp>| until.is_none_or(|until| now >= until);
        Ok(contacts
            .into_iter()
            .zip(until)
            .filter(|(_, u)| is_alive(*u))
            .map(|(contact, _)| contact)
            .collect())
    }

    /// Sends a message for a challenge.
    async fn send(
        &self,
        challenge: &Challenge,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<(Delivered, Trace), Fault> {
        let channel = to.channel();
        match self.messenger.send(to, locales, message).await {
            Ok(id) => {
                let prf = self.environment.prf.as_ref();
                let hash = id.map(|id| MessageHash::of(prf, channel, &id)).transpose()?;
                let as_asked = channel == challenge.channel;
                let outcome = if as_asked { Delivered::Sent } else { Delivered::FellBack };
                Ok((outcome, hash.map_or(Trace::None, Trace::Message)))
            }
            Err(SendError::Refused { reason }) => {
                Ok((Delivered::Refused { reason }, Trace::Refused(channel)))
            }
            Err(SendError::Failed(fault)) => Err(fault),
        }
    }

    /// The account's budget of guesses is spent: one link that needs no guessing, then nothing until the
    /// next day, so that nobody can lock the owner out by asking for codes.
    async fn send_link(
        &self,
        challenge: &Challenge,
        account: &Account,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(Delivered, Trace), Fault> {
        let prf = self.environment.prf.as_ref();
        let key = prf.current(KeyUse::Token);
        let day = Counter::new("link", [0; 32], DAY, 1, now).window_start.as_unix().to_be_bytes();
        let id = prf.evaluate(KeyUse::Token, key, &[b"link id", account.id.as_bytes(), &day])?;
        let id = ChallengeId::from_bytes(id.first_chunk().copied().unwrap_or_default());
        let token = |link: &Challenge| {
            // As a code: a delivery that is repeated makes the same link again, and the key alone none.
            let parts = [b"link".as_slice(), id.as_bytes(), link.salt.as_bytes()];
            let secret = prf.evaluate(KeyUse::Code, link.code_key, &parts)?;
            Ok::<_, Fault>(VerificationToken::new(id, *secret))
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
            marks: Vec::new(),
            undeliverable: Vec::new(),
            ..challenge.clone()
        };
        let token_hash = token(&link)?.hash(prf)?;
        link.state = State::Verified { token_hash, token_expires_at: link.expires_at };
        if let Some(opened) = self.store.open_link(&link, challenge.id).await? {
            if opened.requested_by != challenge.id {
                return Ok((Delivered::BudgetSpent, Trace::None));
            }
            link = opened.link;
        }
        let message = Message::RecoveryLink { token: token(&link)?, hours: LINK_LIFETIME.as_secs() / 3_600 };
        self.send(challenge, contact, &locales(account, challenge.locale.as_ref()), &message).await
    }

    /// Tells every address of an account that its password was changed. Dead ones are passed over like those
    /// that were reached.
    pub async fn notify(&self, id: ChallengeId) -> Result<Delivered, RetryDelivery> {
        let Some(notice) = self.store.notice(id).await? else { return Ok(Delivered::Stale) };
        let mut outcome = Delivered::NoRecipient;
        if let Some(account) = self.store.account(notice.account).await? {
            let message = Message::PasswordChanged { changed_at: notice.changed_at };
            let alive = self.alive(&account, self.environment.clock.now()).await?;
            outcome = if alive.is_empty() { Delivered::Suppressed } else { Delivered::Sent };
            for contact in alive.iter().filter(|contact| !notice.reached.contains(&contact.channel())) {
                // What the service refuses for good is passed over like what it took. Nobody waits for a notice
                // on a page, so that nothing but its address needs to be known if it doesn't arrive.
                match self.messenger.send(contact, &locales(&account, None), &message).await {
                    Ok(_) | Err(SendError::Refused { .. }) => {}
                    Err(SendError::Failed(fault)) => return Err(fault.into()),
                }
                self.store.notified(id, contact.channel()).await?;
            }
        }
        self.store.close_notice(id).await?;
        Ok(outcome)
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
