//! SMS that somebody earns from: the budgets and the breaker hold them back, other numbers, callers and countries
//! go on, and nobody can see it.

use regain_domain::usecase::deliver::{Blocked, Delivered};
use regain_domain::usecase::verify_code::{Guess, VerifyCode};
use regain_domain::{CallerHash, Challenge, Channel, Code, GuessBudget, SmsLimits, SourceAddress};
use reqwest::StatusCode;
use serde_json::json;

use crate::delivery_world::{START, World};
use crate::harness::{Api, Kind, Person, Stack};

const WIDE: SmsLimits = SmsLimits {
    per_country_per_day: 1_000,
    per_range_per_day: 1_000,
    per_number_per_day: 1_000,
    before_breaker_per_hour: 1_000,
    conversion_percent: 10,
};

async fn world(name: &str, sms: SmsLimits) -> World {
    let mut world = World::new(name).await;
    world.deliver.sms = sms;
    world
}

/// A caller of an address that ends so.
fn caller(last: u8) -> CallerHash {
    CallerHash::from_bytes([last.wrapping_mul(31); 32])
}

/// Somebody with this number asks for a code, from an address; what came of it.
async fn text_from(world: &World, last: u8, byte: u8, number: &str) -> (Challenge, Option<Delivered>) {
    let identifier = world.add_phone(byte, number).await;
    let challenge = world.challenge_from(Some(caller(last)), byte, identifier, Channel::Sms).await;
    let outcome = world.deliver(&challenge, 1).await;
    (challenge, outcome)
}

/// The same, everybody from an address of their own.
async fn text(world: &World, byte: u8, number: &str) -> (Challenge, Option<Delivered>) {
    text_from(world, byte, byte, number).await
}

/// The code of a challenge is typed.
async fn type_code(world: &World, challenge: &Challenge) {
    let verify = VerifyCode {
        store: world.table.clone(),
        context: world.deliver.context.clone(),
        policy: world.policy.guesses,
        guesses_per_address_per_hour: 120,
        token_lifetime: std::time::Duration::from_mins(10),
    };
    let code =
        Code::of(challenge, world.deliver.context.prf.as_ref(), world.policy.guesses.code_length).unwrap();
    let guess =
        Guess { challenge: challenge.id, code, source: SourceAddress::unknown(), idempotency_key: None };
    verify.run(guess, world.now()).await.unwrap();
}

const HELD_BACK: Option<Delivered> = Some(Delivered::Blocked(Blocked::Budget));
const BREAKER: Option<Delivered> = Some(Delivered::Blocked(Blocked::Breaker));
const SENT: Option<Delivered> = Some(Delivered::Sent);

#[tokio::test]
async fn a_range_of_numbers_has_a_budget_of_a_day() {
    let world = world("range", SmsLimits { per_range_per_day: 3, ..WIDE }).await;
    for byte in 2..=4 {
        assert_eq!(text(&world, byte, &format!("+4670174000{byte}")).await.1, SENT);
    }
    let (blocked, outcome) = text(&world, 5, "+46701740005").await;
    assert_eq!(outcome, HELD_BACK);
    assert_eq!(world.deliver(&blocked, 1).await, Some(Delivered::Stale), "not tried again");
    assert_eq!(text(&world, 6, "+46701750000").await.1, SENT, "the next range");
    assert_eq!(world.sent().len(), 4);
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    assert_eq!(text(&world, 7, "+46701740007").await.1, SENT, "the next day");
}

#[tokio::test]
async fn no_number_uses_up_its_range() {
    let mut world =
        world("number", SmsLimits { per_number_per_day: 10, per_range_per_day: 50, ..WIDE }).await;
    world.deliver.guesses = GuessBudget { challenges_per_day: 100, challenges_since_success: 100 };
    let identifier = world.add_phone(2, "+46701740002").await;
    let mut outcomes = Vec::new();
    for byte in 10..22 {
        let challenge = world.challenge_from(Some(caller(1)), byte, identifier, Channel::Sms).await;
        outcomes.push(world.deliver(&challenge, 1).await);
    }
    assert!(outcomes[..10].iter().all(|outcome| *outcome == SENT), "{outcomes:?}");
    assert!(outcomes[10..].iter().all(|outcome| *outcome == HELD_BACK), "{outcomes:?}");
    assert_eq!(text(&world, 3, "+46701740003").await.1, SENT, "another number of the range");
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    let challenge = world.challenge_from(Some(caller(1)), 22, identifier, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, SENT, "the next day");
}

#[tokio::test]
async fn pumped_traffic_stops_at_the_countrys_cap_and_other_countries_go_on() {
    let world = world("pumped", SmsLimits { per_country_per_day: 5, ..WIDE }).await;
    let mut sent = 0;
    for byte in 2..=40 {
        match text(&world, byte, &format!("+467{byte:04}0000")).await.1 {
            Some(Delivered::Sent) => sent += 1,
            outcome => assert_eq!(outcome, HELD_BACK),
        }
    }
    assert_eq!((sent, world.sent().len()), (5, 5));
    assert_eq!(text(&world, 41, "+4740612345").await.1, SENT);
    // Mail costs nothing, and goes on too.
    let by_email = world.challenge_of(42, world.identifier, Channel::Email).await;
    assert_eq!(world.deliver(&by_email, 1).await, SENT);
}

#[tokio::test]
async fn pumping_by_many_callers_to_many_ranges_stops_the_country_and_no_other() {
    let limits = SmsLimits { before_breaker_per_hour: 30, conversion_percent: 50, ..WIDE };
    let world = world("broad", limits).await;
    let mut challenges = Vec::new();
    for byte in 2..=31 {
        let (challenge, outcome) = text(&world, byte, &format!("+467{byte:04}0000")).await;
        assert_eq!(outcome, SENT);
        challenges.push(challenge);
    }
    for byte in 32..=33 {
        assert_eq!(text(&world, byte, &format!("+467{byte:04}0000")).await.1, BREAKER);
    }
    assert_eq!(text(&world, 34, "+4740612345").await.1, SENT, "another country");
    for challenge in &challenges[..16] {
        type_code(&world, challenge).await;
    }
    assert_eq!(text(&world, 35, "+46700350000").await.1, SENT, "people type their codes");
    world.move_clock(START.plus(std::time::Duration::from_hours(1)));
    assert_eq!(text(&world, 36, "+46700360000").await.1, SENT, "the next hour");
}

#[tokio::test]
async fn a_caller_whose_codes_nobody_types_is_stopped_and_stops_nobody_else() {
    let limits = SmsLimits { before_breaker_per_hour: 4, ..WIDE };
    let world = world("caller", limits).await;
    let mut challenges = Vec::new();
    for byte in 2..=5 {
        let (challenge, outcome) = text_from(&world, 1, byte, &format!("+467{byte:04}0000")).await;
        assert_eq!(outcome, SENT);
        challenges.push(challenge);
    }
    assert_eq!(text_from(&world, 1, 6, "+46700060000").await.1, BREAKER);
    assert_eq!(text_from(&world, 2, 7, "+46700070000").await.1, SENT, "another caller");
    type_code(&world, &challenges[0]).await;
    assert_eq!(text_from(&world, 1, 8, "+46700080000").await.1, SENT, "one of five was typed");
}

#[tokio::test]
async fn a_range_whose_codes_nobody_types_is_stopped_and_stops_no_other() {
    let world = world("range-breaker", SmsLimits { before_breaker_per_hour: 4, ..WIDE }).await;
    let mut challenges = Vec::new();
    for byte in 2..=5 {
        let (challenge, outcome) = text(&world, byte, &format!("+4670174000{byte}")).await;
        assert_eq!(outcome, SENT);
        challenges.push(challenge);
    }
    assert_eq!(text(&world, 6, "+46701740006").await.1, BREAKER);
    assert_eq!(text(&world, 7, "+46701750007").await.1, SENT, "another range");
    type_code(&world, &challenges[0]).await;
    assert_eq!(text(&world, 8, "+46701740008").await.1, SENT, "one of five was typed");
}

#[tokio::test]
async fn what_was_not_sent_costs_no_budget() {
    let world = world("unsent", SmsLimits { per_range_per_day: 1, ..WIDE }).await;
    world.fail(3);
    let (challenge, outcome) = text(&world, 2, "+46701740002").await;
    assert_eq!(outcome, None);
    for _ in 0..2 {
        assert_eq!(world.deliver(&challenge, 1).await, None);
    }
    assert_eq!(world.deliver(&challenge, 1).await, SENT, "and no try");
    assert_eq!(text(&world, 3, "+46701740003").await.1, HELD_BACK);
}

#[tokio::test]
async fn what_was_refused_costs_no_budget() {
    let world = world("refused-sms", SmsLimits { per_range_per_day: 1, ..WIDE }).await;
    world.refuse(&[Channel::Sms]);
    assert!(matches!(text(&world, 2, "+46701740002").await.1, Some(Delivered::Refused { .. })));
    world.refuse(&[]);
    assert_eq!(text(&world, 3, "+46701740003").await.1, SENT);
    assert_eq!(text(&world, 4, "+46701740004").await.1, HELD_BACK);
}

/// A stack on which a caller is who a proxy says, and where nobody is limited but by what SMS cost.
fn stack_behind_a_proxy() -> Stack {
    const HIGH: &str = "1000";
    Stack::start(&[
        ("REGAIN_TRUSTED_PROXIES", "127.0.0.0/8"),
        ("REGAIN_SMS_CONVERSION_PERCENT", "10"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", HIGH),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", HIGH),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", HIGH),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS", HIGH),
    ])
}

/// Asks for a code by SMS from an address; the challenge and its reference.
async fn ask_from(api: &Api, address: &str, person: &Person) -> (String, String) {
    let request = api.request("POST", "/v1/challenges").header("x-forwarded-for", address);
    let answer = api.send(request.json(&json!({"identifier": person.phone}))).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    (answer.text("challenge_id"), answer.text("reference"))
}

#[tokio::test]
async fn one_caller_with_three_numbers_at_full_speed_stops_no_country() {
    let stack = stack_behind_a_proxy();
    let api = stack.client();
    let mine = [(); 3].map(|()| stack.person_of(Kind::PhoneOnly));
    for call in 0..60 {
        let (challenge, _) = ask_from(&api, "198.51.100.1", &mine[call % 3]).await;
        stack.delivered(&challenge).await;
    }
    let mut sent = 0;
    for person in &mine {
        let messages = api.messages(&person.phone, 0).await;
        sent += messages.iter().filter(|message| message["code"].is_string()).count();
    }
    assert_eq!(sent, 20, "the caller is stopped");
    for last in 2..6 {
        let owner = stack.person_of(Kind::PhoneOnly);
        let (challenge, reference) = ask_from(&api, &format!("198.51.100.{last}"), &owner).await;
        let code = api.message(&owner.phone, &reference).await["code"].as_str().unwrap().to_owned();
        assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn many_callers_with_many_numbers_stop_the_country_and_mail_goes_on() {
    let stack = stack_behind_a_proxy();
    let api = stack.client();
    let mut sent = 0;
    for n in 0..40 {
        let person = stack.person_of(Kind::PhoneOnly);
        let (challenge, _) = ask_from(&api, &format!("203.0.113.{n}"), &person).await;
        stack.delivered(&challenge).await;
        sent += api.messages(&person.phone, 0).await.len();
    }
    // Two of so few can look like one to the country's count, which then waits for one more.
    assert!((20..=23).contains(&sent), "{sent}");
    let owner = stack.person();
    let (challenge, reference) = ask_from(&api, "198.51.100.1", &owner).await;
    let message = api.message(&owner.email, &reference).await;
    assert_eq!(api.verify(&challenge, message["code"].as_str().unwrap()).await.status, StatusCode::OK);
    assert!(api.messages(&owner.phone, 0).await.is_empty());
}

#[tokio::test]
async fn what_is_blocked_looks_like_sent_and_mail_still_comes() {
    let stack = Stack::start(&[("REGAIN_SMS_PER_NUMBER_BLOCK_PER_DAY", "1")]);
    let (api, person) = (stack.client(), stack.person());
    api.code_for(&person.phone).await;
    let blocked = api.request_code(&person.phone).await;
    assert_eq!((blocked.status, &blocked.body["channel"]), (StatusCode::ACCEPTED, &json!("sms")));
    // It comes by the other way, and the caller is told nothing of that.
    api.message(&person.email, &blocked.text("reference")).await;
    assert_eq!(api.messages(&person.phone, 0).await.len(), 1);
    let (challenge, code) = api.code_for(&person.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
}
