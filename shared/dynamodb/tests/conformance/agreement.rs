//! The domain's rules and the store's conditions say the same, tried on generated items: what a rule allows, the write
//! does, and what it refuses, the write refuses.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use regain_domain::device::FAILURES_PER_DEVICE;
use regain_domain::port::FailureCharge;
use regain_domain::port::sms::SmsTry;
use regain_domain::sign_in::FAILURE_WINDOW;
use regain_domain::sms_limits::SMS_TRIES;
use regain_domain::{FailureBudget, Failures, IssuedToken};

use super::*;

/// A table whose items can be changed past the adapter, to what its own writes would need many steps for.
struct Bench {
    table: Table,
    client: Client,
    name: String,
}

impl Bench {
    async fn set(&self, key: String, attribute: &str, number: i64) {
        let request = self.client.update_item().table_name(&self.name).key("pk", AttributeValue::S(key));
        let request = request.update_expression("SET #a = :n").expression_attribute_names("#a", attribute);
        let number = AttributeValue::N(number.to_string());
        request.expression_attribute_values(":n", number).send().await.unwrap();
    }

    async fn store(&self, challenge: &Challenge) {
        assert!(self.table.open_challenge(challenge, &[]).await.unwrap().is_none());
        if matches!(challenge.state, State::Used { .. }) {
            self.set(format!("CHALLENGE#{}", challenge.id), "changed_at", NOW.as_unix()).await;
        }
    }

    async fn store_account(&self, account: &Account, armed_since_success: u32) {
        assert_eq!(self.table.add_account(account, &[]).await.unwrap(), Adding::Added);
        self.set(format!("ACCOUNT#{}", account.id), "armed_since_success", armed_since_success.into()).await;
    }
}

/// Tries what must hold of every value, on one table.
fn for_all<S: Strategy<Value: Clone>, F: Future<Output = ()>>(
    values: S,
    check: impl Fn(std::rc::Rc<Bench>, S::Value) -> F,
) {
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    let (runtime, name) = new_table();
    let bench = std::rc::Rc::new(Bench { table: Table::new(client(), &*name), client: client(), name });
    let outcome = TestRunner::new(config).run(&values, |value| {
        runtime.block_on(check(bench.clone(), value));
        Ok(())
    });
    outcome.unwrap();
}

/// An id that no other value of this process has.
fn fresh() -> [u8; 16] {
    static IDS: AtomicU32 = AtomicU32::new(1);
    u128::from(IDS.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

/// A time around now.
fn around() -> impl Strategy<Value = Timestamp> {
    prop_oneof![Just(-1), Just(0), Just(1), -600_i64..600]
        .prop_map(|seconds| Timestamp::from_unix(NOW.as_unix() + seconds))
}

fn state() -> impl Strategy<Value = State> {
    (0..3, around()).prop_map(|(which, expires_at)| {
        let token = IssuedToken { hash: hash(1), expires_at };
        match which {
            0 => State::Open,
            1 => State::Verified { token },
            _ => State::Used { token, changed_at: NOW, call: None },
        }
    })
}

fn send() -> impl Strategy<Value = SendState> {
    prop_oneof![Just(SendState::Pending), Just(SendState::Sending), Just(SendState::Over)]
}

/// A challenge in any state, at any end of its life.
fn any_challenge() -> impl Strategy<Value = Challenge> {
    let numbers = (1_u32..3, 3_u32..7, 8_u32..12);
    (prop_oneof![2 => Just(State::Open), 2 => state()], numbers, around(), send(), prop::option::of(1_u8..3))
        .prop_map(|(state, (generation, attempts, rejections), expires_at, send, owner)| {
            but(&challenge(1), |record| {
                record.generation = Generation(generation);
                (record.state, record.send, record.expires_at) = (state, send, expires_at);
                (record.attempts, record.rejections) = (attempts, rejections);
                record.armed = owner.map(armed);
            })
        })
}

/// A challenge as it is stored, and as somebody has read it, perhaps before it was resent.
fn stored_and_read() -> impl Strategy<Value = (Challenge, Challenge)> {
    (any_challenge(), prop::option::weighted(0.3, 1_u32..3)).prop_map(|(stored, before)| {
        let read = but(&stored, |record| {
            record.generation = before.map_or(record.generation, Generation);
        });
        (stored, read)
    })
}

fn with_id(challenge: &Challenge, id: [u8; 16]) -> Challenge {
    but(challenge, |record| record.id = ChallengeId::from_bytes(id))
}

/// An account, and what a challenge was armed with that may be for an earlier password.
fn any_account() -> impl Strategy<Value = (Account, Armed)> {
    (1_u64..3, 1_u64..3, prop::bool::weighted(0.2)).prop_map(|(version, armed_at, disabled)| {
        let id = AccountId::from_bytes(fresh());
        let account = Account { id, credential_version: CredentialVersion(version), disabled, ..account(1) };
        (account, Armed { account: id, credential_version: CredentialVersion(armed_at) })
    })
}

#[test]
fn a_guess_is_charged_where_nothing_refuses_it() {
    for_all(any_challenge(), |bench, challenge| async move {
        let challenge = with_id(&challenge, fresh());
        bench.store(&challenge).await;
        let charged = charge(&bench.table, challenge.id, NOW).await;
        assert_eq!(
            matches!(charged, Charge::Charged(_)),
            challenge.refuse_guess(NOW, &policy().guesses).is_none()
        );
    });
}

#[test]
fn a_resend_is_started_where_nothing_refuses_it_and_the_send_is_the_one_that_was_read() {
    for_all(stored_and_read(), |bench, (stored, read)| async move {
        let id = fresh();
        let (stored, read) = (with_id(&stored, id), with_id(&read, id));
        bench.store(&stored).await;
        let resend = Resend {
            challenge: &read,
            channel: Channel::Email,
            salt: Salt::from_bytes([9; 16]),
            now: NOW,
            expires_at: later(600),
            policy: &policy(),
            caller: CallerHash::from_bytes([9; 32]),
            call: None,
        };
        let done = matches!(bench.table.resend(resend).await.unwrap(), Resent::Done(_));
        let is_current = stored.generation == read.generation;
        assert_eq!(done, is_current && stored.refuse_guess(NOW, &policy().guesses).is_none());
        // What was asked of the challenge as it was read holds of it as it is.
        if done {
            assert_eq!(read.refuse_resend(NOW, &policy()), stored.refuse_resend(NOW, &policy()));
        }
    });
}

#[test]
fn a_right_code_is_redeemed_for_an_open_challenge_and_an_account_that_it_may_recover() {
    let values = (stored_and_read(), any_account());
    for_all(values, |bench, ((stored, read), (account, armed))| async move {
        let (id, owner) = (fresh(), AccountId::from_bytes(fresh()));
        let (stored, read) = (with_id(&stored, id), with_id(&read, id));
        let (account, armed) = (Account { id: owner, ..account }, Armed { account: owner, ..armed });
        bench.store(&stored).await;
        bench.store_account(&account, 0).await;
        let redeemed = bench.table.redeem(&read, armed, &hash(2), NOW, later(600)).await.unwrap();
        let is_taken = stored.is_open(NOW) && stored.generation == read.generation;
        assert_eq!(matches!(redeemed, Redeemed::Done), is_taken && armed.may_recover(&standing(&account)));
    });
}

#[test]
fn a_token_allows_a_password_where_nothing_refuses_it() {
    let values = (state(), 8_u32..12, 1_u8..3, any_account());
    for_all(values, |bench, (state, rejections, token, (account, armed))| async move {
        let owner = AccountId::from_bytes(fresh());
        let (account, armed) = (Account { id: owner, ..account }, Armed { account: owner, ..armed });
        bench.store_account(&account, 0).await;
        let stored = but(&challenge(1), |record| {
            (record.state, record.rejections, record.armed) = (state, rejections, Some(armed));
        });
        let is_its_token =
            stored.state.token().is_some_and(|issued| issued.hash.parts() == hash(token).parts());
        let is_good = is_its_token && stored.refuse_token(NOW).is_none();

        let rejected = with_id(&stored, fresh());
        bench.store(&rejected).await;
        let noted = bench.table.note_rejection(rejected.id, &hash(token), NOW, None).await.unwrap();
        assert_eq!(noted, is_good);

        let accepted = with_id(&stored, fresh());
        bench.store(&accepted).await;
        let change = PasswordChange {
            challenge: accepted.id,
            token_hash: &hash(token),
            armed,
            now: NOW,
            record: None,
            device: Device { id: DeviceId::from_bytes(fresh()), ..device(1) },
        };
        let set = bench.table.set_password(&PasswordHash::from_phc("$argon2id$new"), change).await.unwrap();
        assert_eq!(set, is_good && armed.may_recover(&standing(&account)));
    });
}

#[test]
fn a_challenge_is_armed_as_it_was_read_while_the_accounts_budget_lasts() {
    let read_owner = prop::option::weighted(0.3, prop::option::of(1_u8..3));
    let values = (stored_and_read(), read_owner, any_account(), 0_u32..4, 0_u32..4);
    for_all(values, |bench, ((stored, read), read_owner, (account, armed), had, limit)| async move {
        let (id, owner) = (fresh(), AccountId::from_bytes(fresh()));
        let read = but(&with_id(&read, id), |record| {
            record.armed = read_owner.map_or(record.armed, |owner| owner.map(super::armed));
        });
        let stored = with_id(&stored, id);
        let (account, armed) = (Account { id: owner, ..account }, Armed { account: owner, ..armed });
        bench.store(&stored).await;
        bench.store_account(&account, had).await;
        let since_success = SinceSuccess::Account { limit };
        let per_day = Counter::new(Scope::Armed, owner, u32::MAX, NOW);
        let is_spent = since_success.is_spent(had);
        let charge = GuessCharge { per_day, since_success, challenges: 1 };
        let arming = bench.table.arm(&read, armed, &charge).await.unwrap();
        let is_as_read = matches!(stored.state, State::Open)
            && stored.send == SendState::Pending
            && stored.generation == read.generation
            && stored.armed == read.armed;
        let expected = match (is_as_read && armed.may_recover(&standing(&account)), is_spent) {
            (false, _) => Arming::Changed,
            (true, true) => Arming::BudgetSpent,
            (true, false) => Arming::Armed,
        };
        assert_eq!(arming, expected);
    });
}

#[test]
fn a_send_has_a_try_of_sms_while_it_is_being_delivered() {
    let values = (stored_and_read(), 0..=SMS_TRIES);
    for_all(values, |bench, ((stored, read), tries)| async move {
        let id = fresh();
        let (stored, read) = (with_id(&stored, id), with_id(&read, id));
        bench.store(&stored).await;
        bench.set(format!("CHALLENGE#{}", stored.id), "sms_tries", tries.into()).await;
        let is_sending = stored.send == SendState::Sending && stored.generation == read.generation;
        let expected = match is_sending {
            false => SmsTry::Over,
            true if tries < SMS_TRIES => SmsTry::Taken(tries + 1),
            true => SmsTry::Spent,
        };
        assert_eq!(bench.table.take_sms_try(&read).await.unwrap(), expected);
    });
}

#[test]
fn a_counter_counts_until_it_is_full() {
    for_all((0_u32..4, 1_u32..4), |bench, (count, limit)| async move {
        let subject = AccountId::from_bytes(fresh());
        let counter = |limit| Counter::new(Scope::RequestsPerHour, subject, limit, NOW);
        for _ in 0..count {
            assert!(bench.table.consume(vec![counter(u32::MAX)]).await.unwrap().limited.is_none());
        }
        let outcome = bench.table.consume(vec![counter(limit)]).await.unwrap();
        assert_eq!(outcome.limited.is_some(), counter(limit).is_full(count));
    });
}

#[test]
fn a_try_is_charged_to_a_device_that_takes_it() {
    let failures = FAILURES_PER_DEVICE - 2..FAILURES_PER_DEVICE + 2;
    for_all((failures, around()), |bench, (failures, expires_at)| async move {
        let device = Device { id: DeviceId::from_bytes(fresh()), failures, expires_at, ..device(1) };
        bench.table.add_device(&device).await.unwrap();
        assert_eq!(bench.table.charge_device(device.id, NOW).await.unwrap(), device.takes_try(NOW));
    });
}

#[test]
fn a_failure_is_charged_where_the_budget_has_no_reason_against_it() {
    let hours = [0, 1, 2, 365 * 24, 365 * 24 + 1].map(|hours| later(hours * 3_600));
    let tries = prop::collection::vec((0_u8..3, prop::sample::select(hours.to_vec())), 1..10);
    for_all(tries, |bench, mut tries| async move {
        tries.sort_by_key(|(_, now)| *now);
        let id = fresh();
        let identifier = IdentifierHash::from_bytes([id, id].concat().try_into().unwrap());
        // The window as the rules have it: its end, its failures, and those of each network and hour.
        let mut window = (NOW, 0, HashMap::new());
        for (network, now) in tries {
            let budget = FailureBudget {
                identifier,
                version: CredentialVersion(1),
                from_network: Counter::new(Scope::SignInFailures, [network; 32], 2, now),
                limit: 5,
                now,
            };
            if window.0 <= now {
                window = (now.plus(FAILURE_WINDOW), 0, HashMap::new());
            }
            let from_network =
                window.2.entry((network, budget.from_network.window().start().as_unix())).or_insert(0);
            let before =
                Failures { count: window.1, from_network: *from_network, window_end: window.0, told_at: 0 };
            let charged = bench.table.charge_failure(&budget).await.unwrap();
            match (budget.refusal(&before), charged) {
                (None, FailureCharge::Charged(after)) => {
                    (window.1, *from_network) = (before.count + 1, before.from_network + 1);
                    let expected = Failures { count: window.1, from_network: *from_network, ..before };
                    assert_eq!(after, expected);
                }
                (Some(_), FailureCharge::Refused(failures)) => assert_eq!(failures, before),
                (rule, store) => panic!("the rule says {rule:?}, the store {store:?}"),
            }
        }
    });
}
