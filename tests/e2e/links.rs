//! The recovery link: whoever spends an owner's codes and requests, the owner gets in. And the outbox that it goes
//! through.

use std::collections::BTreeSet;

use regain_dynamodb::kind::ItemKind;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Api, Kind, NEW_PASSWORD, Stack};

const DAY: i64 = 86_400;

/// A stack on which an identifier has ten requests, all of them in one hour if that is how it comes.
const TEN: (&str, &str) = ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "10");

/// Asks for codes until it is refused, as somebody does who knows the identifier alone, and waits until all of it is
/// delivered.
async fn spend(stack: &Stack, identifier: &str, channel: &str) {
    let mut asked = Vec::new();
    loop {
        let body = json!({"identifier": identifier, "channel": channel});
        let answer = stack.client().post("/v1/challenges", &body).await;
        if answer.code() == "rate_limited" {
            break;
        }
        asked.push(answer.text("challenge_id"));
        assert!(asked.len() < 20, "there is no limit");
    }
    for challenge in asked {
        stack.delivered(&challenge).await;
    }
}

async fn empty(api: &Api) {
    api.http.delete(format!("{}/messages", api.inbox)).send().await.unwrap();
}

fn links(messages: &[Value]) -> Vec<String> {
    let text = |message: &Value| message["text"].as_str().unwrap_or_default().to_owned();
    let token = |text: String| Some(text.split_once("#token=")?.1.split_whitespace().next()?.to_owned());
    messages.iter().map(text).filter_map(token).collect()
}

/// The owner of both addresses reads one of them; somebody else asks for codes by the other, or to the other.
#[tokio::test]
async fn whoever_asks_the_owner_gets_in_by_either_address_on_each_of_four_days() {
    let stack = Stack::start(&[TEN]);
    let api = stack.client();
    let attacks = [("email", "email"), ("email", "sms"), ("phone", "sms"), ("phone", "email")];
    for (asked_by, asked_to) in attacks {
        let person = stack.person();
        let address = |name: &str| if name == "email" { person.email.clone() } else { person.phone.clone() };
        for day in 0..4 {
            api.move_clock(day * DAY).await;
            empty(&api).await;
            spend(&stack, &address(asked_by), asked_to).await;
            for owner in ["email", "phone"] {
                let owner = address(owner);
                let answer = api.request_code(&owner).await;
                assert!([202, 429].contains(&answer.status.as_u16()), "{answer:?}");
                let link = api.recovery_link(&[&owner]).await;
                assert_eq!(link.len(), 26, "to be typed as well: {link}");
                if day == 3 && owner == address("phone") {
                    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
                }
            }
            for owner in ["email", "phone"] {
                let messages = api.messages(&address(owner), 0).await;
                assert_eq!(links(&messages).len(), 1, "one a day for each address");
            }
        }
        assert_eq!(api.sign_in(&person.email, NEW_PASSWORD).await.status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn a_refused_request_brings_one_link_to_the_address_that_was_typed() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let nobody = "nobody-has-a-link@example.com";
    let mut challenges = Vec::new();
    for _ in 0..5 {
        challenges.push(api.request_code(&person.email).await.text("challenge_id"));
        api.request_code(nobody).await;
    }
    let (known, unknown) = (api.request_code(&person.email).await, api.request_code(nobody).await);
    known.is_problem(429, "rate_limited");
    assert_eq!(known.body, unknown.body, "nobody is told who has an account");
    assert!(known.text("detail").contains("a link that sets a new password is on its way"), "{known:?}");
    let link = api.recovery_link(&[&person.email]).await;
    for _ in 0..3 {
        api.request_code(&person.email).await.is_problem(429, "rate_limited");
    }
    // The next hour's five, and its refusal.
    api.move_clock(3_600).await;
    for _ in 0..5 {
        challenges.push(api.request_code(&person.email).await.text("challenge_id"));
    }
    api.request_code(&person.email).await.is_problem(429, "rate_limited");
    for challenge in &challenges {
        stack.delivered(challenge).await;
    }
    let messages = api.messages(&person.email, 0).await;
    assert_eq!((messages.len(), links(&messages)), (11, vec![link.clone()]), "ten codes and one link");
    assert!(api.messages(&person.phone, 0).await.is_empty() && api.messages(nobody, 0).await.is_empty());

    // As the email shows it, and as people type that.
    let texts = messages.iter().filter_map(|message| message["text"].as_str()?.split_once("Link code: "));
    let shown: Vec<_> = texts.filter_map(|(_, rest)| rest.lines().next()).collect();
    assert_eq!(shown.len(), 1, "{messages:?}");
    assert_eq!(shown[0].replace('-', ""), link);
    let typed = shown[0].to_lowercase().replace('0', "o").replace('1', "l");
    assert_eq!(api.set_password(&typed, NEW_PASSWORD).await.status, StatusCode::OK);
    api.set_password(&link, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    assert_eq!(api.sign_in(&person.email, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_caller_over_its_own_limit_brings_nobody_a_link() {
    let stack = Stack::start(&[("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "5")]);
    let (api, person) = (stack.client(), stack.person());
    let mut last = String::new();
    for _ in 0..5 {
        last = api.request_code(&person.email).await.text("challenge_id");
    }
    let limited = api.request_code(&person.email).await;
    limited.is_problem(429, "caller_rate_limited");
    stack.delivered(&last).await;
    assert!(links(&api.messages(&person.email, 0).await).is_empty());
    assert!(!stack.items().await.contains(ItemKind::Lookup.prefix()), "nothing is queued");
}

/// Others spend the budgets of texts of the owner's country and range of numbers, and the owner has nothing else.
#[tokio::test]
async fn the_link_comes_by_text_when_the_budgets_of_texts_are_spent() {
    let stack = Stack::start(&[
        TEN,
        ("REGAIN_SMS_PER_NUMBER_BLOCK_PER_DAY", "2"),
        ("REGAIN_SMS_PER_COUNTRY_PER_DAY", "2"),
    ]);
    let (api, person) = (stack.client(), stack.person_of(Kind::PhoneOnly));
    spend(&stack, &person.phone, "sms").await;
    let link = api.recovery_link(&[&person.phone]).await;
    assert_eq!(api.messages(&person.phone, 0).await.len(), 3, "two codes and the link");
    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
    assert_eq!(api.sign_in(&person.phone, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_link_waits_for_mail_that_is_down_and_works_for_a_day_from_then() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person_of(Kind::EmailOnly));
    api.fault(&json!({"channel": "email", "fault": "server_error"})).await;
    for _ in 0..6 {
        api.request_code(&person.email).await;
    }
    // Long after every code has expired.
    api.move_clock(20 * 3_600).await;
    api.http.delete(format!("{}/faults", api.inbox)).send().await.unwrap();
    let link = api.recovery_link(&[&person.email]).await;
    assert_eq!(links(&api.messages(&person.email, 0).await).len(), 1);
    api.move_clock(43 * 3_600).await;
    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
}

/// One person's mail fails for as long as it takes; everybody else's goes out, and that one's comes afterwards.
#[tokio::test]
async fn a_message_that_fails_holds_up_nobody_else() {
    let stack = Stack::start(&[]);
    let api = stack.client();
    let people: Vec<_> = (0..9).map(|_| stack.person_of(Kind::EmailOnly)).collect();
    let mut tokens = Vec::new();
    for person in &people {
        tokens.push(api.token_for(&person.email).await);
    }
    empty(&api).await;
    let unlucky = &people[0].email;
    api.fault(&json!({"to": unlucky, "fault": "server_error"})).await;
    for token in &tokens {
        assert_eq!(api.set_password(token, NEW_PASSWORD).await.status, StatusCode::OK);
    }
    for person in &people[1..] {
        api.message_without_code(&person.email).await;
    }
    assert!(api.messages(unlucky, 0).await.is_empty());
    api.http.delete(format!("{}/faults", api.inbox)).send().await.unwrap();
    api.message_without_code(unlucky).await;
}

/// Whoever spends the texts of a number, its owner asks once and has a way in.
#[tokio::test]
async fn a_code_that_a_spent_budget_holds_back_brings_the_link_at_once() {
    let stack = Stack::start(&[("REGAIN_SMS_PER_NUMBER_PER_DAY", "1")]);
    let (api, person) = (stack.client(), stack.person_of(Kind::PhoneOnly));
    api.code_for(&person.phone).await;
    assert_eq!(api.request_code(&person.phone).await.status, StatusCode::ACCEPTED);
    let link = api.recovery_link(&[&person.phone]).await;
    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
    assert_eq!(api.sign_in(&person.phone, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

/// A notice that can't go out by one way holds up no link, which its owner waits for.
#[tokio::test]
async fn a_notice_that_fails_holds_up_no_link_of_the_same_account() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    api.fault(&json!({"channel": "sms", "fault": "operator"})).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
    api.message_without_code(&person.email).await;
    for _ in 0..5 {
        api.request_code(&person.email).await;
    }
    api.recovery_link(&[&person.email]).await;
    assert!(api.messages(&person.phone, 0).await.is_empty(), "its notice still waits");
    api.http.delete(format!("{}/faults", api.inbox)).send().await.unwrap();
    api.move_clock(3_600).await;
    api.message_without_code(&person.phone).await;
}

/// The names of an item's attributes.
fn attributes(item: &Value) -> BTreeSet<String> {
    item.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn items_of_known_and_unknown_identifiers_have_the_same_attributes() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let api = stack.client();
    let (person, phone_only) = (stack.person(), stack.person_of(Kind::PhoneOnly));
    let identifiers = [person.email.as_str(), &person.phone, &phone_only.email, "nobody-at-all@example.com"];
    for resend in [None, Some(json!({})), Some(json!({"channel": "sms"}))] {
        let mut shapes = BTreeSet::new();
        for identifier in identifiers {
            let answer = api.request_code(identifier).await;
            let challenge = answer.text("challenge_id");
            stack.delivered(&challenge).await;
            if let Some(resend) = &resend {
                assert_eq!(api.resend(&challenge, resend).await.status, StatusCode::ACCEPTED);
                stack.delivered(&challenge).await;
            }
            shapes.insert(attributes(&stack.item(&ItemKind::Challenge.key(challenge)).await));
        }
        assert_eq!(shapes.len(), 1, "{shapes:?}");
    }
}
