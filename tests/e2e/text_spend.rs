//! Text messages that somebody earns from: the budgets and the breaker hold them back, other countries go on,
//! and nobody can see it. And the link that comes before anybody can be locked out.

use regain_domain::usecase::deliver::{Delivered, HeldBack};
use regain_domain::usecase::verify_code::{Guess, VerifyCode};
use regain_domain::{Challenge, Channel, Code, SourceAddress, TextLimits};
use reqwest::StatusCode;
use serde_json::json;

use crate::deliveries::{START, World};
use crate::harness::{Kind, NEW_PASSWORD, Stack};

const WIDE: TextLimits = TextLimits {
    per_country_per_day: 1_000,
    per_block_per_day: 1_000,
    before_breaker_per_hour: 1_000,
    conversion_percent: 10,
};

async fn world(name: &str, texts: TextLimits) -> World {
    let mut world = World::new(name).await;
    world.deliver.limits.texts = texts;
    world
}

/// Somebody with this number asks for a code; what came of it.
async fn text(world: &World, byte: u8, number: &str) -> (Challenge, Option<Delivered>) {
    let identifier = world.add_phone(byte, number).await;
    let challenge = world.challenge_of(byte, identifier, Channel::Sms).await;
    let outcome = world.deliver(&challenge, 1).await;
    (challenge, outcome)
}

const HELD_BACK: Option<Delivered> = Some(Delivered::HeldBack(HeldBack::Budget));

#[tokio::test]
async fn a_block_of_numbers_has_a_budget_of_a_day() {
    let world = world("block", TextLimits { per_block_per_day: 3, ..WIDE }).await;
    for byte in 2..=4 {
        assert_eq!(text(&world, byte, &format!("+4670174000{byte}")).await.1, Some(Delivered::Sent));
    }
    let (held_back, outcome) = text(&world, 5, "+46701740005").await;
    assert_eq!(outcome, HELD_BACK);
    assert_eq!(world.deliver(&held_back, 1).await, Some(Delivered::Stale), "not tried again");
    assert_eq!(text(&world, 6, "+46701750000").await.1, Some(Delivered::Sent), "the next block");
    assert_eq!(world.sent().len(), 4);
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    assert_eq!(text(&world, 7, "+46701740007").await.1, Some(Delivered::Sent), "the next day");
}

#[tokio::test]
async fn pumped_traffic_stops_at_the_countrys_cap_and_other_countries_go_on() {
    let world = world("pumped", TextLimits { per_country_per_day: 5, ..WIDE }).await;
    let mut sent = 0;
    for byte in 2..=40 {
        match text(&world, byte, &format!("+467{byte:04}0000")).await.1 {
            Some(Delivered::Sent) => sent += 1,
            outcome => assert_eq!(outcome, HELD_BACK),
        }
    }
    assert_eq!((sent, world.sent().len()), (5, 5));
    assert_eq!(text(&world, 41, "+4740612345").await.1, Some(Delivered::Sent));
    // Mail costs nothing, and goes on too.
    let by_email = world.challenge_of(42, world.identifier, Channel::Email).await;
    assert_eq!(world.deliver(&by_email, 1).await, Some(Delivered::Sent));
}

#[tokio::test]
async fn messages_that_nobody_types_a_code_of_trip_the_breaker() {
    let limits = TextLimits { before_breaker_per_hour: 4, conversion_percent: 50, ..WIDE };
    let world = world("breaker", limits).await;
    let verify = VerifyCode {
        store: world.table.clone(),
        environment: world.deliver.environment.clone(),
        policy: world.policy,
        limits: world.deliver.limits,
    };
    let mut challenges = Vec::new();
    for byte in 2..=5 {
        let (challenge, outcome) = text(&world, byte, &format!("+467{byte:04}0000")).await;
        assert_eq!(outcome, Some(Delivered::Sent));
        challenges.push(challenge);
    }
    let breaker = Some(Delivered::HeldBack(HeldBack::Breaker));
    for byte in 6..=7 {
        assert_eq!(text(&world, byte, &format!("+467{byte:04}0000")).await.1, breaker);
    }
    assert_eq!(text(&world, 8, "+4740612345").await.1, Some(Delivered::Sent), "another country");

    for challenge in &challenges {
        let prf = world.deliver.environment.prf.as_ref();
        let code = Code::of(challenge, prf, world.policy.code_length).unwrap();
        let guess =
            Guess { challenge: challenge.id, code, source: SourceAddress::unknown(), idempotency_key: None };
        verify.run(guess).await.unwrap();
    }
    assert_eq!(text(&world, 9, "+46700090000").await.1, Some(Delivered::Sent), "people type their codes");
    world.move_clock(START.plus(std::time::Duration::from_hours(1)));
    assert_eq!(text(&world, 10, "+46700100000").await.1, Some(Delivered::Sent), "the next hour");
}

#[tokio::test]
async fn what_was_not_sent_costs_no_budget() {
    let world = world("unsent", TextLimits { per_block_per_day: 1, ..WIDE }).await;
    world.fail(3);
    let (challenge, outcome) = text(&world, 2, "+46701740002").await;
    assert_eq!(outcome, None);
    for _ in 0..2 {
        assert_eq!(world.deliver(&challenge, 1).await, None);
    }
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    assert_eq!(text(&world, 3, "+46701740003").await.1, HELD_BACK);
}

#[tokio::test]
async fn what_is_held_back_looks_like_sent_and_mail_still_comes() {
    let stack = Stack::start(&[("REGAIN_SMS_PER_NUMBER_BLOCK_PER_DAY", "1")]);
    let (api, person) = (stack.client(), stack.person());
    api.code_for(&person.phone).await;
    let held_back = api.request_code(&person.phone).await;
    assert_eq!((held_back.status, &held_back.body["channel"]), (StatusCode::ACCEPTED, &json!("sms")));
    // It comes by the other way, and the caller is told nothing of that.
    api.message(&person.email, &held_back.text("reference")).await;
    assert_eq!(api.messages(&person.phone, 0).await.len(), 1);
    let (challenge, code) = api.code_for(&person.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
}
