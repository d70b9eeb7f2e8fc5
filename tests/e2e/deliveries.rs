//! Deliveries that are repeated, late, overtaken or broken off: over the real store, with a messenger that
//! writes down what it is given.

use std::sync::{Arc, Mutex};

use regain_crypto::{Keyring, SystemRandom};
use regain_domain::account::Contact;
use regain_domain::outbox::{Lookup, Waiting};
use regain_domain::port::{
    AccountStore, Adding, DeadAddress, DeliveryStore, FeedbackStore, Message, Messenger, OnItsWay,
    OutboxStore, PasswordChange, PasswordStore, Redeemed, RequestStore, Resend, ResendStore, Resent,
    SendError, Trace, VerifyStore,
};
use regain_domain::usecase::deliver::{Deliver, Delivered, HeldBack};
use regain_domain::usecase::outbox::{Handled, Progress, SendOutbox};
use regain_domain::{
    Account, AccountId, CallerHash, Challenge, ChallengeId, ChallengePolicy, Channel, Clock, CodeLength,
    Country, CredentialVersion, Device, DeviceId, EmailAddress, Environment, Fault, Generation, Identifier,
    IdentifierHash, KeyUse, KeyVersion, Limits, LinkToken, Locale, MessageHash, MessageId, PasswordHash,
    PhoneNumber, Purpose, Salt, SecretHash, SendState, SessionEpoch, SignInLimits, SmsLimits, State,
    Timestamp,
};
use regain_dynamodb::Table;

use crate::dynamodb;
use crate::harness::Stack;

/// A clock that stands still until it is moved.
pub(crate) struct StillClock(Mutex<Timestamp>);

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What was sent, and how many of the next sends fail.
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
const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);

fn account(byte: u8) -> Account {
    Account {
        id: AccountId::from_bytes([byte; 16]),
        email: None,
        phone: None,
        locale: None,
        name: None,
        postal_code: None,
        password_hash: None,
        credential_version: CredentialVersion(1),
        session_epoch: SessionEpoch(1),
        disabled: false,
    }
}

/// A table of its own with one account in it, and everything that delivery needs.
pub(crate) struct World {
    pub(crate) deliver: Deliver<Table, Scribe>,
    outbox: SendOutbox<Table, Scribe>,
    scribe: Scribe,
    clock: Arc<StillClock>,
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
        let clock = Arc::new(StillClock(Mutex::new(START)));
        let environment =
            Environment { clock: clock.clone(), random: Arc::new(SystemRandom), prf: prf.clone() };
        let email = EmailAddress::parse("somebody@example.com").unwrap();
        let identifier = IdentifierHash::of(prf.as_ref(), &Identifier::Email(email.clone())).unwrap();
        let number = PhoneNumber::parse("+46701740605").unwrap();
        let phone = IdentifierHash::of(prf.as_ref(), &Identifier::Phone(number.clone())).unwrap();
        let account = Account { email: Some(email), phone: Some(number), ..account(1) };
        assert_eq!(table.add_account(&account, &[identifier, phone]).await.unwrap(), Adding::Added);
        let scribe = Scribe::default();
        let code_length = CodeLength::new(6).unwrap();
        let policy = ChallengePolicy {
            code_length,
            code_lifetime: std::time::Duration::from_mins(10),
            challenge_lifetime: std::time::Duration::from_mins(30),
            attempts: 5,
            resends: 3,
            resend_cooldown: std::time::Duration::from_mins(1),
            token_lifetime: std::time::Duration::from_mins(10),
        };
        let limits = Limits {
            requests_per_identifier_per_hour: 5,
            requests_per_identifier_per_day: 10,
            requests_per_address_per_hour: 60,
            verifies_per_address_per_hour: 120,
            sign_in: SignInLimits {
                per_address_per_hour: 120,
                failures_per_identifier_and_address_per_hour: 10,
                failures_per_identifier: 25,
            },
            armed_per_account_per_day: 2,
            armed_per_account_since_success: 20,
            sms: SmsLimits {
                per_country_per_day: 1_000,
                per_range_per_day: 20,
                per_number_per_day: 10,
                before_breaker_per_hour: 50,
                conversion_percent: 10,
            },
        };
        let deliver = Deliver {
            store: table.clone(),
            messenger: scribe.clone(),
            environment: environment.clone(),
            code_length,
            limits,
        };
        let outbox =
            SendOutbox { store: table.clone(), messenger: scribe.clone(), environment, sms: limits.sms };
        Self { deliver, outbox, scribe, clock, table, identifier, phone, policy }
    }

    /// Adds somebody with just a phone.
    pub(crate) async fn add_phone(&self, byte: u8, number: &str) -> IdentifierHash {
        let phone = PhoneNumber::parse(number).unwrap();
        let prf = self.deliver.environment.prf.as_ref();
        let identifier = IdentifierHash::of(prf, &Identifier::Phone(phone.clone())).unwrap();
        let account = Account { phone: Some(phone), ..account(byte) };
        assert_eq!(self.table.add_account(&account, &[identifier]).await.unwrap(), Adding::Added);
        identifier
    }

    /// Opens a challenge for the account.
    async fn challenge(&self, byte: u8) -> Challenge {
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
        let now = self.deliver.environment.clock.now();
        let challenge = Challenge {
            id: ChallengeId::from_bytes([byte; 16]),
            purpose: Purpose::PasswordReset,
            identifier,
            channel,
            generation: Generation(1),
            salt: Salt::from_bytes([byte; 16]),
            code_key: self.deliver.environment.prf.current(KeyUse::Code),
            locale: None,
            created_at: now,
            sent_at: now,
            expires_at: self.policy.expiry(now, now),
            attempts: 0,
            rejections: 0,
            state: State::Open,
            armed: None,
            send: SendState::Pending,
            postal_code: None,
            caller,
            texted_to: None,
            marks: Vec::new(),
            undeliverable: Vec::new(),
        };
        assert!(self.table.open_challenge(&challenge, &[]).await.unwrap().is_none());
        challenge
    }

    pub(crate) fn move_clock(&self, to: Timestamp) {
        *self.clock.0.lock().unwrap() = to;
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
        self.deliver.run(challenge.id, Generation(generation)).await.ok()
    }

    /// Handles the link that was queued for an identifier in this hour, up to the message.
    async fn send_link(&self, identifier: IdentifierHash) -> Vec<Handled> {
        let now = self.deliver.environment.clock.now();
        let name = Lookup::recovery_link(identifier, None, None, now).name();
        let mut handled = self.handle(Waiting::Lookup(name)).await.expect("no trouble");
        if handled == [Handled::Queued] {
            handled.extend(self.handle(Waiting::Account(ACCOUNT)).await.expect("no trouble"));
        }
        handled
    }

    /// Handles what waits; `None` if it has to be tried again.
    async fn handle(&self, waiting: Waiting) -> Option<Vec<Handled>> {
        let Progress { handled, stopped_by } = self.outbox.run(&waiting).await;
        stopped_by.is_none().then_some(handled)
    }

    /// Sets a new password with a challenge whose code was sent.
    async fn change_password(&self, challenge: &Challenge) {
        let armed = self.stored(challenge).await.owner().unwrap();
        let token_hash = SecretHash::from_parts(KeyVersion(1), [1; 32]);
        let now = self.deliver.environment.clock.now();
        let redeemed = self.table.redeem(challenge, armed, &token_hash, now, challenge.expires_at).await;
        assert!(matches!(redeemed.unwrap(), Redeemed::Done));
        let change = PasswordChange {
            challenge: challenge.id,
            token_hash: &token_hash,
            armed,
            password_hash: PasswordHash::from_phc("$argon2id$new"),
            now,
            mark: None,
            device: Device {
                id: DeviceId::from_bytes(*challenge.id.as_bytes()),
                account: armed.account,
                credential_version: armed.credential_version.next(),
                secret_hash: token_hash.clone(),
                expires_at: now,
                failures: 0,
            },
        };
        assert!(self.table.set_password(change).await.unwrap());
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.scribe.sent.lock().unwrap().clone()
    }

    pub(crate) fn ways(&self) -> Vec<Channel> {
        self.scribe.ways.lock().unwrap().clone()
    }

    async fn suppress(&self, address: IdentifierHash, seconds: u64) {
        let until = START.plus(std::time::Duration::from_secs(seconds));
        assert!(self.table.suppress(&address, DeadAddress::Bounced, until).await.unwrap());
    }

    pub(crate) async fn stored(&self, challenge: &Challenge) -> Challenge {
        DeliveryStore::challenge(&self.table, challenge.id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_record_that_comes_again_sends_nothing_again() {
    let world = World::new("again").await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    for _ in 0..3 {
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Stale));
    }
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn records_in_parallel_arm_once_and_send_the_same_code() {
    let world = World::new("parallel").await;
    let challenge = world.challenge(1).await;
    let outcomes = futures_util::future::join_all((0..8).map(|_| world.deliver(&challenge, 1))).await;
    assert!(outcomes.iter().all(Option::is_some), "{outcomes:?}");
    let sent = world.sent();
    assert!(!sent.is_empty() && sent.iter().all(|message| *message == sent[0]), "{sent:?}");
    // Two may be armed a day: had the race counted twice, the next would get a link.
    let next = world.challenge(2).await;
    assert_eq!(world.deliver(&next, 1).await, Some(Delivered::Sent));
    assert!(world.sent().last().unwrap().contains(' '), "a code, not a link");
}

#[tokio::test]
async fn a_send_that_failed_is_the_same_when_it_is_tried_again() {
    let world = World::new("failed").await;
    let challenge = world.challenge(1).await;
    world.fail(2);
    assert_eq!(world.deliver(&challenge, 1).await, None);
    assert_eq!(world.deliver(&challenge, 1).await, None);
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_sent() {
    let world = World::new("stale").await;
    let expired = world.challenge(1).await;
    world.move_clock(expired.expires_at);
    assert_eq!(world.deliver(&expired, 1).await, Some(Delivered::Stale));
    world.move_clock(START);
    let resend = Resend {
        challenge: &expired,
        channel: Channel::Email,
        salt: Salt::from_bytes([9; 16]),
        now: START,
        expires_at: expired.expires_at,
        policy: &world.policy,
        caller: CallerHash::from_bytes([9; 32]),
        call: None,
    };
    assert!(matches!(world.table.resend(resend).await.unwrap(), Resent::Done(_)));
    assert_eq!(world.deliver(&expired, 1).await, Some(Delivered::Stale), "superseded");
    assert_eq!(world.deliver(&expired, 2).await, Some(Delivered::Sent));
    assert_eq!(world.sent().len(), 1);
    let unknown = Challenge { id: ChallengeId::from_bytes([7; 16]), ..expired };
    assert_eq!(world.deliver(&unknown, 1).await, Some(Delivered::Stale));
}

#[tokio::test]
async fn a_spent_budget_queues_a_link_for_each_address_that_is_asked_for() {
    let world = World::new("budget").await;
    for byte in 1..=2 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    }
    assert_eq!(world.send_link(world.identifier).await, [Handled::Stale], "nothing asked for one");
    let third = world.challenge(3).await;
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::Stale), "delivered means handled");
    assert_eq!(world.send_link(world.identifier).await, [Handled::Queued, Handled::Sent]);
    assert_eq!(world.send_link(world.identifier).await, [Handled::Stale]);
    // By the phone it is another address, whatever channel is asked for.
    let fourth = world.challenge_of(4, world.phone, Channel::Email).await;
    assert_eq!(world.deliver(&fourth, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.send_link(world.phone).await, [Handled::Queued, Handled::Sent]);
    assert_eq!(world.ways(), [Channel::Email, Channel::Email, Channel::Email, Channel::Sms]);
    let links = &world.sent()[2..];
    assert!(links.iter().all(|link| link.len() == 26) && links[0] != links[1], "{links:?}");
    // An hour later it is queued again, and the address has had its link of the day.
    world.move_clock(START.plus(std::time::Duration::from_hours(1)));
    let fifth = world.challenge(5).await;
    assert_eq!(world.deliver(&fifth, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.send_link(world.identifier).await, [Handled::AlreadyToday]);
    // The next day there are codes again.
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    let next = world.challenge(6).await;
    assert_eq!(world.deliver(&next, 1).await, Some(Delivered::Sent));
    assert!(world.sent().last().unwrap().contains(' '), "a code, not a link");
}

/// A link is tried for a day, and then works for a day.
#[tokio::test]
async fn a_link_waits_for_a_service_that_is_down_and_is_the_same_when_it_is_tried_again() {
    let world = World::new("link-waits").await;
    let lookup = Lookup::recovery_link(world.identifier, None, None, START);
    DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(lookup.name())).await, Some(vec![Handled::Queued]));
    world.fail(2);
    for hours in [0, 12] {
        world.move_clock(START.plus(std::time::Duration::from_hours(hours)));
        assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, None);
    }
    world.move_clock(START.plus(std::time::Duration::from_hours(23)));
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Sent]));
    let [link] = &world.sent()[..] else { panic!("one link") };
    let challenge = OutboxStore::challenge(&world.table, LinkToken::parse(link).unwrap().id()).await.unwrap();
    let State::Verified { token_expires_at, .. } = challenge.unwrap().state else { panic!("a link") };
    assert_eq!(token_expires_at, START.plus(std::time::Duration::from_hours(47)));

    let late = Lookup::recovery_link(world.phone, None, None, START);
    DeliveryStore::queue(&world.table, &late).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(late.name())).await, Some(vec![Handled::Queued]));
    world.move_clock(START.plus(std::time::Duration::from_hours(47)));
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::GivenUp]));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_link_goes_to_no_address_but_the_one_that_was_typed_and_to_no_dead_one() {
    let world = World::new("link-address").await;
    let queue = async |identifier| {
        let lookup = Lookup::recovery_link(identifier, None, None, START);
        DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    };
    world.suppress(world.identifier, 60).await;
    queue(world.identifier).await;
    assert_eq!(world.send_link(world.identifier).await, [Handled::Suppressed]);
    let nobody = IdentifierHash::from_bytes([9; 32]);
    queue(nobody).await;
    assert_eq!(world.send_link(nobody).await, [Handled::NoRecipient]);
    let unlisted = world.add_phone(9, "+33612345678").await;
    queue(unlisted).await;
    assert_eq!(world.send_link(unlisted).await, [Handled::CountryNotAllowed]);
    world.refuse(&[Channel::Sms]);
    queue(world.phone).await;
    assert_eq!(world.send_link(world.phone).await, [Handled::Queued, Handled::Refused]);
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn a_new_password_ends_a_link_that_was_not_sent_yet() {
    let world = World::new("link-overtaken").await;
    let lookup = Lookup::recovery_link(world.identifier, None, None, START);
    DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(lookup.name())).await, Some(vec![Handled::Queued]));
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    world.change_password(&challenge).await;
    let handled = world.handle(Waiting::Account(ACCOUNT)).await;
    assert_eq!(handled, Some(vec![Handled::NoRecipient, Handled::Sent]), "the link, then the notice");
    assert_eq!(world.sent()[1..], ["changed", "changed"]);
}

#[tokio::test]
async fn a_message_to_a_dead_address_goes_to_the_other_one() {
    let world = World::new("dead").await;
    world.suppress(world.identifier, 60).await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Stale), "once, by one channel");
    assert_eq!(world.ways(), [Channel::Sms]);
    let message = MessageId::parse("message-1").unwrap();
    let hash = MessageHash::of(world.deliver.environment.prf.as_ref(), Channel::Sms, &message).unwrap();
    assert_eq!(world.table.challenge_of(hash).await.unwrap(), Some(challenge.id));
    // What was asked for is still what answers say.
    assert_eq!(world.stored(&challenge).await.channel, Channel::Email);
}

#[tokio::test]
async fn where_every_address_is_dead_nothing_is_sent_and_no_budget_is_spent_until_it_ends() {
    let world = World::new("all-dead").await;
    world.suppress(world.identifier, 60).await;
    world.suppress(world.phone, 90).await;
    for byte in 1..=3 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Suppressed));
        let stored = world.stored(&challenge).await;
        assert!(stored.owner().is_none() && stored.send == SendState::Over);
    }
    assert!(world.sent().is_empty());
    *world.clock.0.lock().unwrap() = START.plus(std::time::Duration::from_mins(1));
    let after = world.challenge(4).await;
    assert_eq!(world.deliver(&after, 1).await, Some(Delivered::Sent));
    assert!(world.sent()[0].contains(' '), "a code, not a link");
    assert_eq!(world.ways(), [Channel::Email]);
}

#[tokio::test]
async fn a_channel_that_failed_a_challenge_is_its_last_resort() {
    let world = World::new("marked").await;
    let (first, second) = (world.challenge(1).await, world.challenge(2).await);
    assert!(world.table.mark_undeliverable(first.id, Channel::Email).await.unwrap());
    assert_eq!(world.deliver(&first, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.deliver(&second, 1).await, Some(Delivered::Sent), "other challenges don't mind");
    assert_eq!(world.ways(), [Channel::Sms, Channel::Email]);
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    world.suppress(world.phone, 100_000).await;
    let third = world.challenge(3).await;
    assert!(world.table.mark_undeliverable(third.id, Channel::Email).await.unwrap());
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::Sent), "nothing else is left");
    assert_eq!(world.ways()[2], Channel::Email);
}

#[tokio::test]
async fn what_one_channel_refuses_the_other_takes() {
    let world = World::new("refused").await;
    world.refuse(&[Channel::Email]);
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.ways(), [Channel::Sms]);
    assert_eq!(world.stored(&challenge).await.undeliverable, [Channel::Email], "the next goes there at once");
    world.refuse(&[Channel::Email, Channel::Sms]);
    let challenge = world.challenge(2).await;
    let reason = "on purpose".to_owned();
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Refused { reason }));
    let stored = world.stored(&challenge).await;
    assert_eq!(stored.owner(), None, "nobody may guess at what nobody got");
    let mut refused = stored.undeliverable;
    refused.sort_by_key(|channel| channel.as_str());
    assert_eq!(refused, [Channel::Email, Channel::Sms]);
}

#[tokio::test]
async fn a_number_that_gets_no_sms_is_armed_with_a_decoy_and_not_guessed_at_unheard() {
    let world = World::new("unlisted").await;
    let number = world.add_phone(9, "+33612345678").await;
    let challenge = world.challenge_of(1, number, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::HeldBack(HeldBack::Country)));
    assert!(world.stored(&challenge).await.owner().is_none() && world.sent().is_empty());
}

#[tokio::test]
async fn a_notice_passes_over_a_dead_address() {
    let world = World::new("notice").await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    world.change_password(&challenge).await;
    world.suppress(world.identifier, 60).await;
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Sent]));
    assert_eq!(world.ways(), [Channel::Email, Channel::Sms], "the code, and the notice");
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Stale]));
}

/// The first that fails holds up those behind it, and each comes once.
#[tokio::test]
async fn an_account_s_notices_come_in_order_and_once() {
    let world = World::new("notices").await;
    for byte in 1..=2 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
        world.change_password(&challenge).await;
        world.move_clock(START.plus(std::time::Duration::from_secs(byte.into())));
    }
    world.fail(1);
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, None, "its email failed, its text went out");
    assert_eq!(world.ways()[2..], [Channel::Sms]);
    let handled = world.handle(Waiting::Account(ACCOUNT)).await;
    assert_eq!(handled, Some(vec![Handled::Sent, Handled::Sent]));
    assert_eq!(world.ways()[3..], [Channel::Email, Channel::Email, Channel::Sms]);
}

/// Two deliveries of one record at the same time: one has sent the code, the other is refused on every channel.
#[tokio::test]
async fn a_delivery_that_is_refused_does_not_disarm_a_code_that_another_has_sent() {
    let world = World::new("twice").await;
    let challenge = world.challenge(1).await;
    world.fail(1);
    assert_eq!(world.deliver(&challenge, 1).await, None, "armed, and in the middle of its send");
    let sender = world.stored(&challenge).await;
    world.refuse(&[Channel::Email, Channel::Sms]);
    assert!(matches!(world.deliver(&challenge, 1).await, Some(Delivered::Refused { .. })));
    assert_eq!(world.stored(&challenge).await.owner(), None);
    let message = Some(OnItsWay { hash: None, texted_to: None });
    let sent = Trace { message, refused: Vec::new() };
    world.table.delivered(&sender, sender.armed.unwrap(), &sent).await.unwrap();
    assert_eq!(world.stored(&challenge).await.owner(), sender.armed);
}
