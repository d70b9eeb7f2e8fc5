//! Limits on trying passwords, and whom they keep out: nobody who owns the account.

use std::sync::LazyLock;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Api, NEW_PASSWORD, OLD_PASSWORD, Stack};
use crate::unknown::shape;

/// A wrong password.
const WRONG: &str = "not the right password";

/// A stack on which a header names the caller's address, as a proxy's does.
static BEHIND_A_PROXY: LazyLock<Stack> = LazyLock::new(behind_a_proxy);

fn behind_a_proxy() -> Stack {
    Stack::start(&[("REGAIN_TRUSTED_PROXIES", "127.0.0.0/8")])
}

/// Tries to sign in from a network, with a device token if it isn't null.
async fn try_from(api: &Api, network: u32, identifier: &str, password: &str, device: &Value) -> Answer {
    let address = format!("10.{}.{}.7", network / 256, network % 256);
    let mut body = json!({"identifier": identifier, "password": password});
    if !device.is_null() {
        body["device_token"] = device.clone();
    }
    api.send(api.request("POST", "/v1/sessions").header("x-forwarded-for", address).json(&body)).await
}

/// Tries a wrong password so many times, ten from each network at most; all are compared.
async fn fail(api: &Api, networks: u32, identifier: &str, times: u32) {
    for n in 0..times {
        let answer = try_from(api, networks + n / 10, identifier, WRONG, &Value::Null).await;
        answer.is_problem(401, "credentials_invalid");
    }
}

/// Sets a new password; the answer.
async fn recover(api: &Api, identifier: &str, password: &str) -> Answer {
    let token = api.token_for(identifier).await;
    let set = api.set_password(&token, password).await;
    assert_eq!(set.status, StatusCode::OK, "{set:?}");
    set
}

#[tokio::test]
async fn right_passwords_count_against_nothing() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let mut devices = std::collections::BTreeSet::new();
    for n in 0..30 {
        let identifier = if n % 2 == 0 { &person.email } else { &person.phone };
        let answer = api.sign_in(identifier, OLD_PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{n}: {answer:?}");
        devices.insert(answer.text("device_token"));
    }
    assert_eq!(devices.len(), 30, "a device for each that claims none");
    // Each took back what it was charged: there is all of the budget.
    for _ in 0..10 {
        api.sign_in(&person.email, WRONG).await.is_problem(401, "credentials_invalid");
    }
    let limited = api.sign_in(&person.email, OLD_PASSWORD).await;
    limited.is_problem(429, "rate_limited");
    assert!((1..=3_600).contains(&limited.header("retry-after").parse::<u32>().unwrap()));
    // Of one identifier alone.
    assert_eq!(api.sign_in(&person.phone, OLD_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn whoever_spends_the_failures_keeps_the_owner_out_nowhere() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let known =
        try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    assert!(known.is_string());
    fail(&api, 100, &person.email, 25).await;

    // The right password of a stranger is not compared any more, from wherever it comes.
    for network in [1, 100, 200] {
        let refused = try_from(&api, network, &person.email, OLD_PASSWORD, &Value::Null).await;
        refused.is_problem(403, "recovery_required");
        assert_eq!(refused.header("retry-after"), "", "no wait mends it");
    }
    // The known device signs in, and stays the same one; a wrong password it lets in no more than anybody.
    for _ in 0..3 {
        try_from(&api, 1, &person.email, WRONG, &known).await.is_problem(401, "credentials_invalid");
        let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &known).await;
        assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, &known));
    }
    // By the other identifier it is known too.
    let answer = try_from(&api, 1, &person.phone, OLD_PASSWORD, &known).await;
    assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, &known));

    // A recovery leads in, and the new password works at once, from anywhere.
    let set = recover(&api, &person.email, NEW_PASSWORD).await;
    for network in [1, 100, 200] {
        let answer = try_from(&api, network, &person.email, NEW_PASSWORD, &Value::Null).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }
    // It made its device known, and the one from before is a stranger that gets a new token.
    let own = &set.body["device_token"];
    fail(&api, 300, &person.email, 25).await;
    try_from(&api, 1, &person.email, NEW_PASSWORD, &known).await.is_problem(403, "recovery_required");
    let answer = try_from(&api, 1, &person.email, NEW_PASSWORD, own).await;
    assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, own));
}

#[tokio::test]
async fn of_five_hundred_wrong_passwords_from_as_many_networks_exactly_25_are_compared() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let nobody = format!("nobody-{}", person.email);
    for identifier in [&person.email, &nobody] {
        let tries = (0..500).map(|n| try_from(&api, 1_000 + n, identifier, WRONG, &Value::Null));
        let answers = join_all(tries).await;
        let count = |code: &str| answers.iter().filter(|answer| answer.code() == code).count();
        assert_eq!((count("credentials_invalid"), count("recovery_required")), (25, 475), "{identifier}");
        let right = try_from(&api, 2_000, identifier, OLD_PASSWORD, &Value::Null).await;
        right.is_problem(403, "recovery_required");
    }
    // The other identifier has a budget of its own.
    let answer = try_from(&api, 1_000, &person.phone, OLD_PASSWORD, &Value::Null).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_refused_is_charged_nowhere_and_a_success_gives_back_just_its_own() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let identifier = &person.email;
    // Of two hundred at once from one network ten are compared, and the others count nowhere.
    let tries = (0..200).map(|_| try_from(&api, 10, identifier, WRONG, &Value::Null));
    let answers = join_all(tries).await;
    let count = |code: &str| answers.iter().filter(|answer| answer.code() == code).count();
    assert_eq!((count("credentials_invalid"), count("rate_limited")), (10, 190));
    try_from(&api, 10, identifier, OLD_PASSWORD, &Value::Null).await.is_problem(429, "rate_limited");

    fail(&api, 11, identifier, 13).await;
    // Right and wrong ones at the same time: 23 failures and one more.
    let right = (0..9).map(|n| try_from(&api, 20 + n % 3, identifier, OLD_PASSWORD, &Value::Null));
    for answer in join_all(right).await {
        // No more than two fit in at the same moment.
        assert!([201, 403].contains(&answer.status.as_u16()), "{answer:?}");
    }
    for _ in 0..3 {
        let answer = try_from(&api, 20, identifier, OLD_PASSWORD, &Value::Null).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }
    fail(&api, 21, identifier, 1).await;
    let answer = try_from(&api, 20, identifier, OLD_PASSWORD, &Value::Null).await;
    assert_eq!(answer.status, StatusCode::CREATED, "the last charge of the window, refunded: {answer:?}");
    fail(&api, 21, identifier, 1).await;
    // What no wait mends wins over the hour that is full.
    for network in [10, 20] {
        let answer = try_from(&api, network, identifier, OLD_PASSWORD, &Value::Null).await;
        answer.is_problem(403, "recovery_required");
    }
}

#[tokio::test]
async fn an_unknown_identifier_is_refused_like_a_known_one_to_the_last_byte() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let nobody = format!("nobody-{}", person.email);
    let device =
        try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    let somebody = stack.person();
    let of_others = try_from(&api, 1, &somebody.email, OLD_PASSWORD, &Value::Null).await;
    let of_others = of_others.body["device_token"].clone();
    assert_ne!(device, of_others);
    let mut codes = Vec::new();
    for n in 0..40 {
        let claimed = [Value::Null, json!("none"), of_others.clone()][n % 3].clone();
        let network = 30 + u32::try_from(n).unwrap() / 13;
        let known = try_from(&api, network, &person.email, WRONG, &claimed).await;
        let unknown = try_from(&api, network, &nobody, WRONG, &claimed).await;
        let (mut left, mut right) = (shape(&known), shape(&unknown));
        // A second may pass between the two.
        for answer in [&mut left, &mut right] {
            answer.1.iter_mut().filter(|header| header.0 == "retry-after").for_each(|h| h.1 = String::new());
        }
        assert_eq!(left, right, "{n}");
        codes.push(known.code().to_owned());
    }
    let count = |code: &str| codes.iter().filter(|own| *own == code).count();
    let counts = ["credentials_invalid", "rate_limited", "recovery_required"].map(count);
    assert_eq!(counts, [25, 6, 9], "{codes:?}");
}

#[tokio::test]
async fn a_device_is_known_to_its_own_account_alone_and_what_is_none_is_a_stranger() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person, other) = (stack.client(), stack.person(), stack.person());
    let device =
        try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    let of_other =
        try_from(&api, 1, &other.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    // The id of the one with the secret of the other is nobody's token.
    let (id, secret) = (&device.as_str().unwrap()[..20], &of_other.as_str().unwrap()[20..]);
    let mixed = json!(format!("{id}{secret}"));
    let long = json!("x".repeat(4_000));
    let strangers = [of_other, mixed, json!(""), json!("\u{0}\u{1f980}"), json!("A".repeat(64)), long];
    for stranger in &strangers {
        let answer = try_from(&api, 2, &person.email, OLD_PASSWORD, stranger).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{stranger}: {answer:?}");
        assert_ne!(&answer.body["device_token"], stranger);
    }
    fail(&api, 40, &person.email, 25).await;
    for stranger in &strangers {
        let answer = try_from(&api, 2, &person.email, OLD_PASSWORD, stranger).await;
        answer.is_problem(403, "recovery_required");
    }
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    for malformed in [json!(7), json!(["A"]), json!({})] {
        let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &malformed).await;
        answer.is_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn ten_wrong_passwords_make_a_known_device_a_stranger_for_good() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let device =
        try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    for _ in 0..9 {
        try_from(&api, 1, &person.email, WRONG, &device).await.is_problem(401, "credentials_invalid");
    }
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, &device));

    // Of a hundred at once ten are the device's; ten more are a stranger's, from the network that they come from.
    let answers = join_all((0..100).map(|_| try_from(&api, 50, &person.email, WRONG, &device))).await;
    let count = |code: &str| answers.iter().filter(|answer| answer.code() == code).count();
    assert_eq!((count("credentials_invalid"), count("rate_limited")), (20, 80));
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_ne!(answer.body["device_token"], device, "a stranger gets a new one");
    // The ten of the device were not the identifier's.
    fail(&api, 51, &person.email, 15).await;
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    answer.is_problem(403, "recovery_required");
}

#[tokio::test]
async fn a_password_that_is_set_again_with_the_same_key_makes_the_same_device_known() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    let set = || {
        let request = api.request("POST", "/v1/password").header("idempotency-key", "device-of-a-password");
        api.send(request.bearer_auth(&token).json(&json!({"password": NEW_PASSWORD})))
    };
    let answers = join_all((0..10).map(|_| set())).await;
    let device = &answers[0].body["device_token"];
    assert!(device.is_string());
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
    }
    fail(&api, 60, &person.email, 25).await;
    let answer = try_from(&api, 1, &person.email, NEW_PASSWORD, device).await;
    assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, device));
    assert_eq!(set().await.body, answers[0].body);
    // Somebody else's key of the same name makes another device.
    let other = stack.person();
    let token = api.token_for(&other.email).await;
    let request = api.request("POST", "/v1/password").header("idempotency-key", "device-of-a-password");
    let own = api.send(request.bearer_auth(&token).json(&json!({"password": NEW_PASSWORD}))).await;
    assert_ne!(&own.body["device_token"], device);
}

#[tokio::test]
async fn failures_add_up_for_a_year_and_a_device_is_known_for_ninety_days() {
    const DAY: i64 = 86_400;
    let stack = behind_a_proxy();
    let (api, person) = (stack.client(), stack.person());
    let device =
        try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await.body["device_token"].clone();
    // Right passwords begin no year; the first failure does.
    api.move_clock(DAY).await;
    try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await;
    api.move_clock(2 * DAY).await;
    fail(&api, 70, &person.email, 10).await;
    // The hour is over, the year isn't.
    api.move_clock(2 * DAY + 3_600).await;
    fail(&api, 70, &person.email, 10).await;
    api.move_clock(90 * DAY - 60).await;
    fail(&api, 70, &person.email, 5).await;
    let stranger = try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await;
    stranger.is_problem(403, "recovery_required");
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    assert_eq!((answer.status, &answer.body["device_token"]), (StatusCode::CREATED, &device));
    api.move_clock(90 * DAY).await;
    let expired = try_from(&api, 1, &person.email, OLD_PASSWORD, &device).await;
    expired.is_problem(403, "recovery_required");

    api.move_clock((2 + 365) * DAY - 60).await;
    let refused = try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await;
    refused.is_problem(403, "recovery_required");
    api.move_clock((2 + 365) * DAY + 60).await;
    fail(&api, 70, &person.email, 24).await;
    let answer = try_from(&api, 1, &person.email, OLD_PASSWORD, &Value::Null).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_owner_is_told_of_the_tenth_failure_and_of_the_last_once_each() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let nobody = format!("nobody-{}", person.email);
    let number = person.phone.replace("+467", "+479");
    fail(&api, 80, &person.email, 9).await;
    assert!(api.messages(&person.email, 0).await.is_empty());
    fail(&api, 81, &person.email, 1).await;
    fail(&api, 80, &nobody, 25).await;
    fail(&api, 80, &number, 25).await;
    for address in [&person.email, &person.phone] {
        let notice = api.message_without_code(address).await;
        let text = notice["text"].as_str().unwrap();
        assert!(text.contains("wrong passwords") && text.contains("ever ask you for a code"), "{text}");
        assert!(text.contains(&api.origin), "{text}");
        assert!(!text.contains("devices where") && !text.contains("no longer accept"), "{text}");
    }
    // Many at once see the last one, and what is refused after it.
    let tries = (0..60).map(|n| try_from(&api, 90 + n, &person.email, WRONG, &Value::Null));
    let answers = join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.code() == "credentials_invalid").count(), 15);
    let last = api.message_that(&person.email, |m| m["text"].as_str().unwrap().contains("no longer accept"));
    last.await;
    let last = api.message_that(&person.phone, |m| m["text"].as_str().unwrap().contains("still works"));
    last.await;
    stack.outbox_is_empty().await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 2);
    assert_eq!(api.messages(&person.phone, 0).await.len(), 2);
    for address in [&nobody, &number] {
        assert!(api.messages(address, 0).await.is_empty());
    }
}

#[tokio::test]
async fn nobody_is_told_of_failures_that_a_new_password_has_cleared() {
    let stack = &*BEHIND_A_PROXY;
    let (api, person) = (stack.client(), stack.person());
    let subject = |message: &Value| message["subject"].as_str().unwrap_or_default().to_owned();
    fail(&api, 110, &person.email, 9).await;
    recover(&api, &person.email, NEW_PASSWORD).await;
    fail(&api, 110, &person.email, 9).await;
    // A right password takes back its own charge alone: the next wrong one is the tenth.
    let right = try_from(&api, 110, &person.email, NEW_PASSWORD, &Value::Null).await;
    assert_eq!(right.status, StatusCode::CREATED);
    api.message_that(&person.email, |message| subject(message).contains("was changed")).await;
    fail(&api, 111, &person.email, 1).await;
    api.message_that(&person.email, |message| subject(message).starts_with("Failed sign-in")).await;
    stack.outbox_is_empty().await;
    let messages = api.messages(&person.email, 0).await;
    let told = messages.iter().filter(|message| subject(message).starts_with("Failed sign-in")).count();
    assert_eq!(told, 1, "{messages:?}");
}

/// Wrong passwords, which anybody can try, must not use up the texts of a day that tell of a new password.
#[tokio::test]
async fn no_number_of_wrong_passwords_keeps_a_new_password_from_the_phone() {
    let stack = behind_a_proxy();
    let (api, person) = (stack.client(), stack.person());
    fail(&api, 0, &person.email, 25).await;
    fail(&api, 10, &person.phone, 25).await;
    stack.outbox_is_empty().await;
    let token = api.token_for(&person.email).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
    stack.outbox_is_empty().await;
    let texts = api.messages(&person.phone, 0).await;
    let told = texts.iter().filter(|text| text["text"].as_str().unwrap().contains("was changed")).count();
    assert_eq!((told, texts.len()), (1, 3), "the new password, and two of the wrong ones: {texts:?}");
}
