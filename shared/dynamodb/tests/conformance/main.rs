//! The conformance suite of every store, run against a DynamoDB endpoint: the embedded one, or the one that
//! `REGAIN_CONFORMANCE_ENDPOINT` names. Each test has a table of its own. [`promises`] has what emulators do
//! otherwise.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounts;
mod agreement;
mod delivery;
mod feedback;
mod outbox;
mod promises;
mod rotation;
mod sign_in;
mod sms;

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use futures_util::future::join_all;
use regain_domain::account::{SessionAccount, Standing};
use regain_domain::challenge::NewChallenge;
use regain_domain::outbox::Entry;
use regain_domain::port::sms::SmsStore as _;
use regain_domain::port::{
    AccountReader, AccountStore, Adding, AddressStore, Arming, Charge, Counters, CredentialStore,
    DeliveryStore, OutboxStore, OwnerReader, PasswordChange, PasswordStore, Redeemed, RequestStore, Resend,
    ResendStore, Resent, SendRecord, SessionReader, SessionStore, SignInStore, VerifyStore,
};
use regain_domain::sms_limits::ConversionCounter;
use regain_domain::{
    Account, AccountId, Armed, CallFingerprint, CallerHash, Challenge, ChallengeId, Channel, Counter,
    CredentialVersion, Device, DeviceId, EmailAddress, Generation, GuessCharge, IdentifierHash, KeyVersion,
    PasswordHash, PhoneNumber, Purpose, Refusal, Salt, Scope, SecretHash, SendState, Session, SessionEpoch,
    SessionId, SinceSuccess, State, Timestamp,
};
use regain_dynamodb::Table;
use regain_fixtures::samples::{self, but, policy};

fn endpoint_is_set() -> bool {
    std::env::var_os("REGAIN_CONFORMANCE_ENDPOINT").is_some()
}

/// The endpoint under test; the embedded one lives as long as the process.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        std::env::var("REGAIN_CONFORMANCE_ENDPOINT").unwrap_or_else(|_| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            listener.set_nonblocking(true).unwrap();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                    let database = dynoxide::Database::memory().unwrap();
                    let _ = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending())
                        .await;
                });
            });
            format!("http://{address}")
        })
    })
}

fn client() -> Client {
    Client::new(&regain_fixtures::sdk_config(endpoint()))
}

/// Runs a test on a new table.
fn on_a_table<F: Future<Output = ()>>(test: impl FnOnce(Table) -> F) {
    on_a_named_table(|name| test(Table::new(client(), name)));
}

/// Runs a test with the name of a new table.
fn on_a_named_table<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    let (runtime, name) = new_table();
    runtime.block_on(test(name));
}

/// The name of a new table, and what runs a test on it.
fn new_table() -> (tokio::runtime::Runtime, String) {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("conformance-{}-{}", std::process::id(), TABLES.fetch_add(1, Ordering::Relaxed));
    let table = Table::new(client(), name.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        table.create_if_absent().await.unwrap();
        table.create_if_absent().await.expect("a second time changes nothing");
    });
    (runtime, name)
}

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn challenge(byte: u8) -> Challenge {
    let new = NewChallenge {
        id: ChallengeId::from_bytes([byte; 16]),
        purpose: Purpose::PasswordReset,
        // Another than the accounts' ids: it is what the decoy is made of.
        identifier: IdentifierHash::from_bytes([byte ^ 0x80; 32]),
        channel: Channel::Email,
        salt: Salt::from_bytes([byte; 16]),
        code_key: KeyVersion(1),
        locale: None,
        postal_code: None,
        caller: CallerHash::from_bytes([byte; 32]),
        call: None,
        now: NOW,
    };
    Challenge::open(new, &policy())
}

fn account(byte: u8) -> Account {
    Account {
        email: EmailAddress::parse("alice@example.com"),
        phone: PhoneNumber::parse("+46701740605"),
        password_hash: Some(PasswordHash::from_phc("$argon2id$old")),
        ..samples::account(byte)
    }
}

fn standing(account: &Account) -> Standing {
    let Account { id, credential_version, disabled, .. } = *account;
    Standing { id, credential_version, disabled }
}

fn armed(byte: u8) -> Armed {
    Armed { account: AccountId::from_bytes([byte; 16]), credential_version: CredentialVersion(1) }
}

/// The charge for arming a challenge of one account.
fn charge_of(limit: u32, now: Timestamp) -> GuessCharge {
    let per_day = Counter::new(Scope::Armed, [1; 32], 10, now);
    GuessCharge { per_day, since_success: SinceSuccess::Account { limit }, challenges: 1 }
}

fn budget() -> GuessCharge {
    charge_of(20, NOW)
}

fn hash(byte: u8) -> SecretHash {
    SecretHash::from_parts(KeyVersion(1), [byte; 32])
}

/// The device that a new password of an account makes known.
fn device(byte: u8) -> Device {
    Device {
        id: DeviceId::from_bytes([byte; 16]),
        account: AccountId::from_bytes([byte; 16]),
        credential_version: CredentialVersion(2),
        secret_hash: hash(byte),
        expires_at: later(600),
        failures: 0,
    }
}

async fn add_account(table: &Table, byte: u8) {
    assert_eq!(
        table.add_account(&account(byte), &[IdentifierHash::from_bytes([byte; 32])]).await.unwrap(),
        Adding::Added
    );
}

async fn stored(table: &Table, id: ChallengeId) -> Challenge {
    DeliveryStore::challenge(table, id).await.unwrap().unwrap()
}

/// An armed, open challenge of an account.
async fn armed_challenge(table: &Table, byte: u8) -> Challenge {
    add_account(table, byte).await;
    let challenge = challenge(byte);
    table.open_challenge(&challenge, &[]).await.unwrap();
    assert_eq!(table.arm(&challenge, armed(byte), &budget()).await.unwrap(), Arming::Armed);
    stored(table, challenge.id).await
}

async fn charge(table: &Table, id: ChallengeId, now: Timestamp) -> Charge {
    table.charge_attempt(id, now, &policy().guesses, None).await.unwrap()
}

fn refused(charge: Charge, now: Timestamp) -> Option<Refusal> {
    match charge {
        Charge::Charged(_) => None,
        Charge::Refused(None) => Some(Refusal::NotFound),
        Charge::Refused(Some(challenge)) => {
            Some(challenge.refuse_guess(now, &policy().guesses).expect("the store and the rules agree"))
        }
    }
}

#[test]
fn a_challenge_is_read_as_it_was_written_and_never_overwritten() {
    on_a_table(|table| async move {
        let written = challenge(1);
        assert!(DeliveryStore::challenge(&table, written.id).await.unwrap().is_none());
        table.open_challenge(&written, &[]).await.unwrap();
        assert_eq!(format!("{:?}", stored(&table, written.id).await), format!("{written:?}"));
        let again = table.open_challenge(&written, &[]).await.unwrap();
        assert!(again.is_none(), "the same write again, as after an answer that was lost");
        let other = but(&written, |record| record.salt = Salt::from_bytes([9; 16]));
        let existing = table.open_challenge(&other, &[]).await.unwrap().unwrap();
        assert_eq!(existing.salt, written.salt);
        // The TTL is late: what may be purged makes way.
        let purged = but(&other, |record| record.created_at = written.purge_at());
        assert!(table.open_challenge(&purged, &[]).await.unwrap().is_none());
        assert_eq!(stored(&table, written.id).await.salt, purged.salt);
    });
}

#[test]
fn guesses_are_charged_until_none_are_left() {
    on_a_table(|table| async move {
        let id = challenge(1).id;
        assert_eq!(refused(charge(&table, id, NOW).await, NOW), Some(Refusal::NotFound));
        table.open_challenge(&challenge(1), &[]).await.unwrap();
        for spent in 1..=5 {
            let Charge::Charged(challenge) = charge(&table, id, NOW).await else { panic!("refused") };
            assert_eq!(challenge.attempts, spent);
        }
        assert_eq!(refused(charge(&table, id, NOW).await, NOW), Some(Refusal::AttemptsExhausted));
    });
}

#[test]
fn parallel_guesses_are_charged_no_more_often() {
    on_a_table(|table| async move {
        table.open_challenge(&challenge(1), &[]).await.unwrap();
        let charges = join_all((0..50).map(|_| charge(&table, challenge(1).id, NOW))).await;
        assert_eq!(charges.iter().filter(|c| matches!(c, Charge::Charged(_))).count(), 5);
    });
}

#[test]
fn an_expired_challenge_that_is_still_stored_takes_no_guess() {
    on_a_table(|table| async move {
        table.open_challenge(&challenge(1), &[]).await.unwrap();
        let id = challenge(1).id;
        assert_eq!(refused(charge(&table, id, later(599)).await, later(599)), None);
        assert_eq!(refused(charge(&table, id, later(600)).await, later(600)), Some(Refusal::Expired));
        let purged = later(600 + 86_400);
        assert_eq!(refused(charge(&table, id, purged).await, purged), Some(Refusal::NotFound));
    });
}

#[test]
fn a_code_is_redeemed_once_and_only_for_the_account_as_it_was() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        let redeem = |challenge: Challenge, armed| {
            let table = table.clone();
            async move { table.redeem(&challenge, armed, &hash(1), NOW, later(600)).await.unwrap() }
        };
        let resent = but(&challenge, |record| record.generation = Generation(2));
        assert!(matches!(redeem(resent, armed(1)).await, Redeemed::Stale));
        let moved_on = Armed { credential_version: CredentialVersion(2), ..armed(1) };
        assert!(matches!(redeem(challenge.clone(), moved_on).await, Redeemed::Stale));
        let late = table.redeem(&challenge, armed(1), &hash(1), later(600), later(900)).await.unwrap();
        assert!(matches!(late, Redeemed::Stale), "expired since it was charged");
        assert!(matches!(stored(&table, challenge.id).await.state, State::Open));

        let results = join_all((0..20).map(|_| redeem(challenge.clone(), armed(1)))).await;
        assert_eq!(results.iter().filter(|r| matches!(r, Redeemed::Done)).count(), 1);
        let is_later = |r: &Redeemed| matches!(r, Redeemed::AlreadyUsed(State::Verified { .. }));
        assert_eq!(results.iter().filter(|r| is_later(r)).count(), 19);
        assert_eq!(refused(charge(&table, challenge.id, NOW).await, NOW), Some(Refusal::Used));
    });
}

#[test]
fn a_password_is_set_once_with_everything_that_belongs_to_it() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        table.redeem(&challenge, armed(1), &hash(1), NOW, later(600)).await.unwrap();
        let set = |token: u8, version: u64, now, phc: &'static str| {
            let table = table.clone();
            async move {
                let change = PasswordChange {
                    challenge: ChallengeId::from_bytes([1; 16]),
                    token_hash: &hash(token),
                    armed: Armed { credential_version: CredentialVersion(version), ..armed(1) },
                    now,
                    record: None,
                    device: device(1),
                };
                table.set_password(&PasswordHash::from_phc(phc), change).await.unwrap()
            }
        };
        assert!(!set(2, 1, NOW, "wrong token").await);
        assert!(!set(1, 2, NOW, "wrong version").await);
        assert!(!set(1, 1, later(600), "expired").await);
        let before = AccountReader::<Account>::account(&table, account(1).id).await.unwrap().unwrap();
        assert_eq!(before.password_hash, account(1).password_hash, "nothing is half done");
        assert!(table.device(device(1).id).await.unwrap().is_none());

        let results = join_all((0..20).map(|_| set(1, 1, NOW, "$argon2id$new"))).await;
        assert_eq!(results.iter().filter(|done| **done).count(), 1);
        let after = AccountReader::<Account>::account(&table, account(1).id).await.unwrap().unwrap();
        assert_eq!(after.password_hash.as_ref().unwrap().as_phc(), "$argon2id$new");
        assert_eq!(after.credential_version, CredentialVersion(2));
        assert!(table.device(device(1).id).await.unwrap().unwrap().is_known_to(&standing(&after), NOW));
        assert_eq!(after.session_epoch, SessionEpoch(2));
        assert!(matches!(stored(&table, challenge.id).await.state, State::Used { call: None, .. }));
        let outbox = table.outbox(account(1).id).await.unwrap().expect("queued in the same transaction");
        assert_eq!(outbox.entries, [Entry::password_changed(challenge.id, NOW)]);
    });
}

#[test]
fn the_tenth_rejection_spends_the_token() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        assert!(!table.note_rejection(challenge.id, &hash(1), NOW, None).await.unwrap(), "not verified yet");
        table.redeem(&challenge, armed(1), &hash(1), NOW, later(600)).await.unwrap();
        assert!(!table.note_rejection(challenge.id, &hash(2), NOW, None).await.unwrap(), "another token");
        for _ in 0..10 {
            assert!(table.note_rejection(challenge.id, &hash(1), NOW, None).await.unwrap());
        }
        assert!(!table.note_rejection(challenge.id, &hash(1), NOW, None).await.unwrap());
        let change = PasswordChange {
            challenge: challenge.id,
            token_hash: &hash(1),
            armed: armed(1),
            now: NOW,
            record: None,
            device: device(1),
        };
        assert!(!table.set_password(&PasswordHash::from_phc("x"), change).await.unwrap());
    });
}

#[test]
fn counters_let_through_what_they_may_and_refund() {
    on_a_table(|table| async move {
        let hour = Counter::new(Scope::RequestsPerHour, [1; 32], 3, NOW);
        let day = Counter::new(Scope::RequestsPerDay, [1; 32], 100, NOW);
        let results = join_all((0..20).map(|_| table.consume(vec![hour.clone(), day.clone()]))).await;
        let outcomes: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes.iter().filter(|o| o.limited.is_none()).count(), 3);
        let limited = outcomes.iter().find_map(|o| o.limited).unwrap();
        assert_eq!(limited.until, hour.window().end());

        table.refund(vec![hour.clone()]).await.unwrap();
        assert!(table.consume(vec![hour.clone()]).await.unwrap().limited.is_none());
        assert!(table.consume(vec![hour.clone()]).await.unwrap().limited.is_some());
        let next = Counter::new(Scope::RequestsPerHour, [1; 32], 3, hour.window().end());
        assert!(table.consume(vec![next]).await.unwrap().limited.is_none());
        let nobody = Counter::new(Scope::RequestsPerHour, [2; 32], 3, NOW);
        assert_eq!(counts(&table, &[&hour, &nobody, &day]).await, [3, 0, 20]);
        table.refund(vec![nobody]).await.expect("nothing to refund");
    });
}

/// How far counters have come: what one more makes of them, refunded.
async fn counts(table: &Table, counters: &[&Counter]) -> Vec<u32> {
    let counters = counters.iter().map(|counter| (*counter).clone());
    let with_one: Vec<_> =
        counters.clone().map(|counter| ConversionCounter { counter, breadth: None }).collect();
    let counted = table.count_sms(&with_one).await.unwrap();
    table.refund(counters.collect()).await.unwrap();
    counted.into_iter().map(|count| count.sent - 1).collect()
}

fn call(name: u8, fingerprint: u8) -> CallFingerprint {
    CallFingerprint { name: [name; 16], fingerprint: [fingerprint; 16] }
}

#[test]
fn a_guess_with_a_key_is_charged_once() {
    on_a_table(|table| async move {
        table.open_challenge(&challenge(1), &[]).await.unwrap();
        let id = challenge(1).id;
        let charge = |record: CallFingerprint| {
            let table = table.clone();
            async move { table.charge_attempt(id, NOW, &policy().guesses, Some(&record.into())).await.unwrap() }
        };
        let results = join_all((0..10).map(|_| charge(call(1, 1)))).await;
        assert_eq!(results.iter().filter(|c| matches!(c, Charge::Charged(_))).count(), 1);
        assert!(matches!(charge(call(2, 1)).await, Charge::Charged(_)));
        let challenge = stored(&table, id).await;
        assert_eq!(challenge.attempts, 2);
        let mut records: Vec<_> =
            challenge.idempotency_records.iter().map(|m| (m.call, m.attempts, m.generation)).collect();
        records.sort_by_key(|record| record.1);
        assert_eq!(records, [(call(1, 1), 1, Generation(1)), (call(2, 1), 2, Generation(1))]);
    });
}

#[test]
fn a_resend_is_a_new_send_with_everything_that_belongs_to_it() {
    on_a_table(|table| async move {
        let before = armed_challenge(&table, 1).await;
        charge(&table, before.id, NOW).await;
        let resend = |now, salt| {
            let (table, before) = (table.clone(), before.clone());
            async move {
                let resend = Resend {
                    challenge: &before,
                    channel: Channel::Sms,
                    salt: Salt::from_bytes([salt; 16]),
                    now,
                    expires_at: later(900),
                    policy: &policy(),
                    caller: CallerHash::from_bytes([9; 32]),
                    call: Some(call(salt, 1).into()),
                };
                table.resend(resend).await.unwrap()
            }
        };
        assert!(matches!(resend(later(600), 9).await, Resent::Refused(Some(_))), "expired");
        let results = join_all((10..20).map(|salt| resend(later(300), salt))).await;
        let done: Vec<_> = results.iter().filter(|r| matches!(r, Resent::Done(_))).collect();
        assert_eq!(done.len(), 1, "nobody resends twice from one state");

        let after = stored(&table, before.id).await;
        assert_eq!((after.generation, after.channel, after.attempts), (Generation(2), Channel::Sms, 1));
        assert_eq!((after.sent_at, after.expires_at), (later(300), later(900)));
        assert_ne!(after.salt, before.salt);
        assert!(after.send == SendState::Pending && after.armed.is_some());
        assert_eq!(after.idempotency_records.len(), 1);
        assert_eq!(
            (after.idempotency_records[0].generation, after.idempotency_records[0].attempts),
            (Generation(2), 1)
        );
        table.delivered(&before, armed(1), &SendRecord::default()).await.unwrap();
        let after = stored(&table, before.id).await;
        assert_eq!(after.send, SendState::Pending, "the old send's delivery leaves the new one alone");
        let unknown = but(&before, |record| record.id = ChallengeId::from_bytes([9; 16]));
        let resend = Resend {
            challenge: &unknown,
            channel: Channel::Email,
            salt: Salt::from_bytes([1; 16]),
            now: NOW,
            expires_at: later(600),
            policy: &policy(),
            caller: CallerHash::from_bytes([9; 32]),
            call: None,
        };
        assert!(matches!(table.resend(resend).await.unwrap(), Resent::Refused(None)));
    });
}
