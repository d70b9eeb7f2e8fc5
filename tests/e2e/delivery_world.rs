//! A world for deliveries: the real store, and a messenger that writes down what it is given.

use std::sync::{Arc, Mutex};

use regain_crypto::{Keyring, SystemRandom};
use regain_domain::account::Contact;
use regain_domain::challenge::NewChallenge;
use regain_domain::outbox::{Lookup, Waiting};
use regain_domain::port::{
    AccountStore, Adding, CredentialStore, DeliveryStore, FeedbackStore, Message, Messenger, PasswordChange,
    Redeemed, RequestStore, SendError, SuppressionReason, VerifyStore,
};
use regain_domain::usecase::deliver::{Deliver, Delivered};
use regain_domain::usecase::outbox::{Handled, SendOutbox};
use regain_domain::{
    Account, AccountId, CallerHash, Challenge, ChallengeId, ChallengePolicy, Channel, Context, Country,
    Device, DeviceId, EmailAddress, Fault, Generation, GuessBudget, Identifier, IdentifierHash, KeyUse,
    KeyVersion, Locale, MessageId, PasswordHash, PhoneNumber, Purpose, Salt, SecretHash, SmsLimits,
    Timestamp,
};
use regain_dynamodb::Table;
use regain_fixtures::samples::{account, but, policy};

use crate::dynamodb;
use crate::harness::Stack;

/// The messages sent, and how many of the next sends fail.
#[derive(Clone, Default)]
pub(crate) struct Scribe {
    sent: Arc<Mutex<Vec<String>>>,
    /// The channel of each.
    ways: Arc<Mutex<Vec<Channel>>>,
    failures: Arc<Mutex<usize>>,
    /// Ways whose service takes nothing for anybody.
    refusing: Arc<Mutex<Vec<Channel>>>,
    /// How many of the next SMS are taken without an answer.
    lost: Arc<Mutex<usize>>,
}

impl Messenger for Scribe {
    async fn send(
        &self,
        to: &Contact,
        _: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(SendError::Failed(Fault::unavailable("on purpose")));
        }
        if self.refusing.lock().unwrap().contains(&to.channel()) {
            return Err(SendError::Refused { reason: "on purpose".to_owned() });
        }
        let text = match message {
            Message::Code { code, reference, .. } => format!("{} {}", reference.as_str(), code.reveal()),
            Message::RecoveryLink { token, .. } => token.reveal().to_string(),
            Message::PasswordChanged { .. } => "changed".to_owned(),
            Message::SignInFailures { are_spent, .. } => format!("failures, spent: {are_spent}"),
        };
        let mut ways = self.ways.lock().unwrap();
        ways.push(to.channel());
        self.sent.lock().unwrap().push(text);
        let mut lost = self.lost.lock().unwrap();
        if to.channel() == Channel::Sms && *lost > 0 {
            *lost -= 1;
            return Err(SendError::Unknown(Fault::unavailable("on purpose")));
        }
        Ok(MessageId::parse(&format!("message-{}", ways.len())))
    }

    fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        [("+46", "SE"), ("+47", "NO")]
            .into_iter()
            .find_map(|(code, country)| number.as_str().starts_with(code).then(|| Country::parse(country))?)
    }
}

pub(crate) const START: Timestamp = Timestamp::from_unix(1_800_000_000);
pub(crate) const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);

/// A table of its own with one account in it, and everything that delivery needs.
pub(crate) struct World {
    pub(crate) deliver: Deliver<Table, Scribe>,
    pub(crate) outbox: SendOutbox<Table, Scribe>,
    pub(crate) scribe: Scribe,
    /// The time of what happens next.
    now: Mutex<Timestamp>,
    pub(crate) table: Table,
    pub(crate) identifier: IdentifierHash,
    pub(crate) phone: IdentifierHash,
    pub(crate) policy: ChallengePolicy,
}

impl World {
    pub(crate) async fn new(name: &str) -> Self {
        let table = Table::new(dynamodb::client(&Stack::shared().dynamodb), format!("deliveries-{name}"));
        table.create_if_absent().await.unwrap();
        let prf = Arc::new(Keyring::new(&SystemRandom).unwrap());
        let context = Context { random: Arc::new(SystemRandom), prf: prf.clone() };
        let email = EmailAddress::parse("somebody@example.com").unwrap();
        let identifier = IdentifierHash::of(prf.as_ref(), &Identifier::Email(email.clone())).unwrap();
        let number = PhoneNumber::parse("+46701740605").unwrap();
        let phone = IdentifierHash::of(prf.as_ref(), &Identifier::Phone(number.clone())).unwrap();
        let account = Account { email: Some(email), phone: Some(number), ..account(1) };
        assert_eq!(table.add_account(&account, &[identifier, phone]).await.unwrap(), Adding::Added);
        let scribe = Scribe::default();
        let policy = policy();
        let sms = SmsLimits {
            per_country_per_day: 1_000,
            per_range_per_day: 20,
            per_number_per_day: 10,
            before_breaker_per_hour: 50,
            conversion_percent: 10,
        };
        let deliver = Deliver {
            store: table.clone(),
            messenger: scribe.clone(),
            context: context.clone(),
            code_length: policy.guesses.code_length,
            guesses: GuessBudget { challenges_per_day: 2, challenges_since_success: 20 },
            sms,
        };
        let outbox = SendOutbox { store: table.clone(), messenger: scribe.clone(), context, sms };
        Self { deliver, outbox, scribe, now: Mutex::new(START), table, identifier, phone, policy }
    }

    /// Adds somebody with just a phone.
    pub(crate) async fn add_phone(&self, byte: u8, number: &str) -> IdentifierHash {
        let phone = PhoneNumber::parse(number).unwrap();
        let prf = self.deliver.context.prf.as_ref();
        let identifier = IdentifierHash::of(prf, &Identifier::Phone(phone.clone())).unwrap();
        let account = Account { phone: Some(phone), ..account(byte) };
        assert_eq!(self.table.add_account(&account, &[identifier]).await.unwrap(), Adding::Added);
        identifier
    }

    /// Opens a challenge for the account.
    pub(crate) async fn challenge(&self, byte: u8) -> Challenge {
        self.challenge_of(byte, self.identifier, Channel::Email).await
    }

    /// Opens a challenge for somebody.
    pub(crate) async fn challenge_of(
        &self,
        byte: u8,
        identifier: IdentifierHash,
        channel: Channel,
    ) -> Challenge {
        self.challenge_from(None, byte, identifier, channel).await
    }

    /// Opens a challenge for somebody, of a caller.
    pub(crate) async fn challenge_from(
        &self,
        caller: Option<CallerHash>,
        byte: u8,
        identifier: IdentifierHash,
        channel: Channel,
    ) -> Challenge {
        let now = self.now();
        let new = NewChallenge {
            id: ChallengeId::from_bytes([byte; 16]),
            purpose: Purpose::PasswordReset,
            identifier,
            channel,
            salt: Salt::from_bytes([byte; 16]),
            code_key: self.deliver.context.prf.current(KeyUse::Code),
            locale: None,
            postal_code: None,
            caller: CallerHash::from_bytes([byte; 32]),
            call: None,
            now,
        };
        let challenge = but(&Challenge::open(new, &self.policy), |record| record.caller = caller);
        assert!(self.table.open_challenge(&challenge, &[]).await.unwrap().is_none());
        challenge
    }

    pub(crate) fn move_clock(&self, to: Timestamp) {
        *self.now.lock().unwrap() = to;
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    pub(crate) fn refuse(&self, ways: &[Channel]) {
        *self.scribe.refusing.lock().unwrap() = ways.to_vec();
    }

    /// The answers to the next SMS are lost.
    pub(crate) fn lose(&self, answers: usize) {
        *self.scribe.lost.lock().unwrap() = answers;
    }

    pub(crate) fn fail(&self, sends: usize) {
        *self.scribe.failures.lock().unwrap() = sends;
    }

    pub(crate) async fn deliver(&self, challenge: &Challenge, generation: u32) -> Option<Delivered> {
        self.deliver.run(challenge.id, Generation(generation), self.now()).await.ok()
    }

    /// Handles the link that was queued for an identifier in this hour, up to the message.
    pub(crate) async fn send_link(&self, identifier: IdentifierHash) -> Vec<Handled> {
        let now = self.now();
        let name = Lookup::recovery_link(identifier, None, None, now).name();
        let mut handled = self.handle(Waiting::Lookup(name)).await.expect("no fault");
        if handled == [Handled::Queued] {
            handled.extend(self.handle(Waiting::Account(ACCOUNT)).await.expect("no fault"));
        }
        handled
    }

    /// Handles what waits; `None` if it has to be tried again.
    pub(crate) async fn handle(&self, waiting: Waiting) -> Option<Vec<Handled>> {
        let progress = self.outbox.run(&waiting, self.now()).await;
        progress.is_done().then_some(progress.handled)
    }

    /// Sets a new password with a challenge whose code was sent.
    pub(crate) async fn change_password(&self, challenge: &Challenge) {
        let armed = self.stored(challenge).await.owner().unwrap();
        let token_hash = SecretHash::from_parts(KeyVersion(1), [1; 32]);
        let now = self.now();
        let redeemed = self.table.redeem(challenge, armed, &token_hash, now, challenge.expires_at).await;
        assert!(matches!(redeemed.unwrap(), Redeemed::Done));
        let change = PasswordChange {
            challenge: challenge.id,
            token_hash: &token_hash,
            armed,
            now,
            record: None,
            device: Device {
                id: DeviceId::from_bytes(*challenge.id.as_bytes()),
                account: armed.account,
                credential_version: armed.credential_version.next(),
                secret_hash: token_hash.clone(),
                expires_at: now,
                failures: 0,
            },
        };
        let hash = PasswordHash::from_phc("$argon2id$new");
        assert!(self.table.set_password(&hash, change).await.unwrap());
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.scribe.sent.lock().unwrap().clone()
    }

    pub(crate) fn ways(&self) -> Vec<Channel> {
        self.scribe.ways.lock().unwrap().clone()
    }

    pub(crate) async fn suppress(&self, address: IdentifierHash, seconds: u64) {
        let until = START.plus(std::time::Duration::from_secs(seconds));
        assert!(self.table.suppress(&address, SuppressionReason::Bounced, until).await.unwrap());
    }

    pub(crate) async fn stored(&self, challenge: &Challenge) -> Challenge {
        DeliveryStore::challenge(&self.table, challenge.id).await.unwrap().unwrap()
    }
}
