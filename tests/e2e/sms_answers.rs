//! SMS whose answers are lost: each may have been sent and paid for, so they count, and there are two at the most.

use regain_domain::port::{Resend, ResendStore as _, Resent};
use regain_domain::usecase::deliver::Delivered;
use regain_domain::{CallerHash, Channel, Salt};
use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::delivery_world::{START, World};
use crate::harness::{Answer, Api, Kind, Person, Stack};

/// The counter of a day's SMS to the people's country.
async fn counted(stack: &Stack) -> u64 {
    let table: Value = serde_json::from_str(&stack.items().await).unwrap();
    let items = table["Items"].as_array().unwrap().iter();
    let is_counter =
        |item: &&Value| item[KEY]["S"].as_str().unwrap().starts_with(&ItemKind::Counter.key("sms-country#"));
    items.filter(is_counter).map(|item| item["count"]["N"].as_str().unwrap().parse::<u64>().unwrap()).sum()
}

async fn ask(api: &Api, person: &Person) -> Answer {
    let answer = api.request_code(&person.phone).await;
    assert_eq!((answer.status, &answer.body["channel"]), (StatusCode::ACCEPTED, &json!("sms")));
    answer
}

#[tokio::test]
async fn an_answer_that_is_lost_fifty_times_costs_two_sms_and_the_code_comes_by_email() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.phone, "fault": "drop_after_accept", "count": 50})).await;
    let asked = ask(&api, &person).await;
    let by_email = api.message(&person.email, &asked.text("reference")).await;
    stack.delivered(&asked.text("challenge_id")).await;
    let by_sms = api.messages(&person.phone, 0).await;
    assert_eq!(by_sms.len(), 2);
    assert!(by_sms.iter().all(|message| message["code"] == by_email["code"]), "the same code");
    assert_eq!(counted(&stack).await, 2);
    let code = by_email["code"].as_str().unwrap();
    assert_eq!(api.verify(&asked.text("challenge_id"), code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_call_that_never_ends_is_tried_twice_and_counts_twice() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.phone, "fault": "hang"})).await;
    let asked = ask(&api, &person).await;
    let by_email = api.message(&person.email, &asked.text("reference")).await;
    assert_eq!(counted(&stack).await, 2);
    let code = by_email["code"].as_str().unwrap();
    assert_eq!(api.verify(&asked.text("challenge_id"), code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_has_a_phone_alone_can_use_the_code_that_may_have_come() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person_of(Kind::PhoneOnly));
    api.fault(&json!({"to": person.phone, "fault": "drop_after_accept"})).await;
    let asked = ask(&api, &person).await;
    stack.delivered(&asked.text("challenge_id")).await;
    let messages = api.messages(&person.phone, 0).await;
    assert_eq!(messages.len(), 2);
    let code = messages[0]["code"].as_str().unwrap();
    assert_eq!(api.verify(&asked.text("challenge_id"), code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_is_lost_once_costs_one_sms_more() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.phone, "fault": "drop_after_accept", "count": 1})).await;
    let asked = ask(&api, &person).await;
    stack.delivered(&asked.text("challenge_id")).await;
    assert_eq!((api.messages(&person.phone, 0).await.len(), counted(&stack).await), (2, 2));
    assert!(api.messages(&person.email, 0).await.is_empty());
}

#[tokio::test]
async fn what_sns_clearly_did_not_take_is_given_back_and_tried_until_it_is_taken() {
    let stack = Stack::start(&[]);
    let (api, refused, later) = (stack.client(), stack.person(), stack.person());
    api.fault(&json!({"to": refused.phone, "fault": "opted_out"})).await;
    let asked = ask(&api, &refused).await;
    api.message(&refused.email, &asked.text("reference")).await;
    stack.delivered(&asked.text("challenge_id")).await;
    assert_eq!(counted(&stack).await, 0);
    for fault in ["throttle", "server_error"] {
        api.fault(&json!({"to": later.phone, "fault": fault, "count": 3})).await;
        let asked = ask(&api, &later).await;
        api.message(&later.phone, &asked.text("reference")).await;
    }
    assert_eq!((api.messages(&later.phone, 0).await.len(), counted(&stack).await), (2, 2));
}

#[tokio::test]
async fn deliveries_of_one_record_at_the_same_time_try_twice_together() {
    let world = World::new("lost-parallel").await;
    world.lose(50);
    let challenge = world.challenge_of(1, world.phone, Channel::Sms).await;
    let outcomes = futures_util::future::join_all((0..8).map(|_| world.deliver(&challenge, 1))).await;
    let by_sms = world.ways().iter().filter(|way| **way == Channel::Sms).count();
    assert!(by_sms <= 2, "{outcomes:?}");
    while world.deliver(&challenge, 1).await != Some(Delivered::Stale) {}
    let sent = world.sent();
    assert!(sent.iter().all(|message| *message == sent[0]), "{sent:?}");
    assert!(world.ways().contains(&Channel::Email));
    assert_eq!(world.ways().iter().filter(|way| **way == Channel::Sms).count(), 2);
    assert!(world.stored(&challenge).await.owner().is_some());
}

#[tokio::test]
async fn a_resend_has_two_tries_of_its_own() {
    let world = World::new("lost-resend").await;
    world.lose(50);
    let number = world.add_phone(2, "+46701740002").await;
    let challenge = world.challenge_of(2, number, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, None, "tried again");
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Unknown));
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Stale), "done with");
    let stored = world.stored(&challenge).await;
    assert!(stored.owner().is_some() && stored.sms_sent_to.is_some(), "it may have arrived");
    let resend = Resend {
        challenge: &stored,
        channel: Channel::Sms,
        salt: Salt::from_bytes([9; 16]),
        now: START,
        expires_at: stored.expires_at,
        policy: &world.policy,
        caller: CallerHash::from_bytes([9; 32]),
        call: None,
    };
    assert!(matches!(world.table.resend(resend).await.unwrap(), Resent::Done(_)));
    assert_eq!(world.deliver(&challenge, 2).await, None);
    assert_eq!(world.deliver(&challenge, 2).await, Some(Delivered::Unknown));
    assert_eq!(world.sent().len(), 4);
}

#[tokio::test]
async fn a_code_that_may_have_come_works_though_its_second_try_is_blocked_or_refused() {
    let mut world = World::new("lost-blocked").await;
    let blocked = world.add_phone(2, "+46701740002").await;
    let refused = world.add_phone(3, "+46701750003").await;
    world.deliver.sms.per_number_per_day = 1;
    world.lose(1);
    let challenge = world.challenge_of(2, blocked, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, None);
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Unknown));
    assert!(world.stored(&challenge).await.owner().is_some());
    world.lose(1);
    world.deliver.sms.per_number_per_day = 10;
    let challenge = world.challenge_of(3, refused, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, None);
    world.refuse(&[Channel::Sms]);
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Unknown));
    assert!(world.stored(&challenge).await.owner().is_some());
    assert_eq!(world.sent().len(), 2);
}

/// The owner has a phone alone, and somebody has spent whatever can be spent of it.
#[tokio::test]
async fn a_link_by_sms_arrives_with_the_budgets_spent_and_twice_at_the_most() {
    let settings =
        [("REGAIN_SMS_PER_COUNTRY_PER_DAY", "1"), ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "2")];
    let stack = Stack::start(&settings);
    let (api, person) = (stack.client(), stack.person_of(Kind::PhoneOnly));
    api.code_for(&person.phone).await;
    let blocked = ask(&api, &person).await;
    stack.delivered(&blocked.text("challenge_id")).await;
    api.fault(&json!({"to": person.phone, "fault": "drop_after_accept", "count": 50})).await;
    api.request_code(&person.phone).await.is_problem(429, "rate_limited");
    let link = api.recovery_link(&[&person.phone]).await;
    stack.logged(&["\"outcome\":\"unknown\""]).await;
    assert_eq!(api.messages(&person.phone, 0).await.len(), 3, "a code, and a link that came twice");
    assert_eq!(api.set_password(&link, "seven green lamps by the sea").await.status, StatusCode::OK);
}

/// A notice says nothing new to whoever gets it too often, and costs as much as a code.
#[tokio::test]
async fn a_number_gets_three_notices_a_day_and_mail_gets_them_all() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let passwords = [
        "seven green lamps by the sea",
        "nine red kites over dunes",
        "two old maps of a coast",
        "four tin boats on a lake",
    ];
    for (place, password) in passwords.into_iter().enumerate() {
        let token = api.token_for(&person.email).await;
        assert_eq!(api.set_password(&token, password).await.status, StatusCode::OK);
        while api.messages(&person.email, 0).await.len() < 2 * (place + 1)
            || api.messages(&person.phone, 0).await.len() < (place + 1).min(3)
        {
            tokio::task::yield_now().await;
        }
    }
    let asked = ask(&api, &person).await;
    api.message(&person.phone, &asked.text("reference")).await;
    let messages = api.messages(&person.phone, 0).await;
    assert_eq!(messages.iter().filter(|message| message["code"].is_null()).count(), 3);
}
