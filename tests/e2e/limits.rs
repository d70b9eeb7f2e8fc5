//! Limits by identifier, by address, by account; the postal code.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{NEW_PASSWORD, POSTAL_CODE, Stack};

#[tokio::test]
async fn a_limit_says_right_to_the_second_when_it_ends() {
    let stack = Stack::start(&[("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "1")]);
    let (api, person) = (stack.client(), stack.person());
    api.request_code(&person.email).await;
    let limited = api.request_code(&person.email).await;
    limited.is_problem(429, "rate_limited");
    let seconds: i64 = limited.header("retry-after").parse().unwrap();
    // An hour has just begun.
    assert!((1..=3_600).contains(&seconds));
    api.move_clock(seconds - 30).await;
    api.request_code(&person.email).await.is_problem(429, "rate_limited");
    api.move_clock(seconds).await;
    assert_eq!(api.request_code(&person.email).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn refusals_of_an_hour_do_not_use_up_the_day() {
    let stack = Stack::start(&[
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "2"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", "4"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    api.request_code(&person.email).await;
    api.request_code(&person.email).await;
    let refused = api.request_code(&person.email).await;
    let next_hour: i64 = refused.header("retry-after").parse().unwrap();
    for _ in 0..5 {
        api.request_code(&person.email).await.is_problem(429, "rate_limited");
    }
    api.move_clock(next_hour).await;
    // Whether the next hour is of the same day or not, two more are let through.
    for _ in 0..2 {
        assert_eq!(api.request_code(&person.email).await.status, StatusCode::ACCEPTED);
    }
}

#[tokio::test]
async fn an_address_is_limited_whatever_its_headers_say() {
    let stack = Stack::start(&[
        ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "10"),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "10"),
        ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", "10"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    for n in 0..12 {
        for header in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"] {
            let forged = format!("203.0.113.{n}");
            let send =
                |path: &str, body| api.send(api.request("POST", path).header(header, &forged).json(&body));
            send("/v1/challenges", json!({"identifier": format!("nobody-{n}-{header}@example.com")})).await;
            send("/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify", json!({"code": "123456"})).await;
            send(
                "/v1/sessions",
                json!({"identifier": format!("x{n}-{header}@example.com"), "password": "x"}),
            )
            .await;
        }
    }
    api.request_code("nobody-at-last@example.com").await.is_problem(429, "caller_rate_limited");
    api.sign_in("nobody-at-last@example.com", "x").await.is_problem(429, "rate_limited");
    api.verify(&challenge, &code).await.is_problem(429, "rate_limited");
}

/// A caller over the address's limit gets nothing compared, and nothing is charged: not even by the right code, by
/// guesses in parallel, or by several that share a key.
#[tokio::test]
async fn over_the_addresss_limit_no_guess_is_compared_and_none_is_charged() {
    let stack = Stack::start(&[
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "3"),
        ("REGAIN_ATTEMPTS_PER_CHALLENGE", "10"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    // The limit's window ends before the code.
    api.move_clock(3_300).await;
    let (challenge, code) = api.code_for(&person.email).await;
    let path = format!("/v1/challenges/{challenge}/verify");
    let mut seen = 0;
    while api.verify("AAAAAAAAAAAAAAAAAAAAAA", &code).await.code() != "rate_limited" {
        seen += 1;
        assert!(seen < 10, "there is no limit");
    }
    let guesses = (0..4).flat_map(|n| {
        let guess = if n == 3 { code.clone() } else { format!("{n}{n}{n}{n}{n}{n}") };
        (0..6).map(move |_| (format!("parallel-key-{n:05}"), json!({"code": guess})))
    });
    let calls = guesses.map(|(key, guess)| {
        let (api, path) = (api.clone(), path.clone());
        async move { api.post_with_key(&path, &key, &guess).await }
    });
    for answer in join_all(calls).await {
        answer.is_problem(429, "rate_limited");
    }
    let limited = api.verify(&challenge, &code).await;
    limited.is_problem(429, "rate_limited");
    let item = stack.items().await;
    assert!(item.contains(r#""attempts":{"N":"0"}"#), "a guess was charged: {item}");

    api.move_clock(3_300 + limited.header("retry-after").parse::<i64>().unwrap()).await;
    // What was answered with 429 is no answer yet: the same call is now charged and compared.
    let again = api.post_with_key(&path, "parallel-key-00000", &json!({"code": "000000"})).await;
    again.is_problem(422, "code_incorrect");
    assert_eq!(again.body["attempts_remaining"], 9);
}

/// Somebody in the owner's network guesses until its limit is spent. The owner's code is right from any other
/// network, and tries from the first one cost nothing.
#[tokio::test]
async fn junk_guesses_from_a_shared_address_cost_the_owner_no_attempt() {
    let stack = Stack::start(&[
        ("REGAIN_TRUSTED_PROXIES", "127.0.0.0/8,::1/128"),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "120"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    let guess = |network: &'static str, challenge: &str, code: &str| {
        let path = format!("/v1/challenges/{challenge}/verify");
        let request = api.request("POST", &path).header("x-forwarded-for", network);
        api.send(request.json(&json!({ "code": code })))
    };
    let (shared, elsewhere) = ("203.0.113.7", "198.51.100.9");
    // An hour has just begun.
    for _ in 0..120 {
        guess(shared, "AAAAAAAAAAAAAAAAAAAAAA", "123456").await.is_problem(404, "challenge_not_found");
    }
    let (challenge, code) = api.code_for(&person.email).await;
    for _ in 0..10 {
        guess(shared, &challenge, &code).await.is_problem(429, "rate_limited");
    }
    let wrong = guess(elsewhere, &challenge, &crate::harness::wrong(&code)).await;
    assert_eq!(wrong.body["attempts_remaining"], 4, "{wrong:?}");
    assert_eq!(guess(elsewhere, &challenge, &code).await.status, StatusCode::OK);
    guess(shared, &challenge, &code).await.is_problem(429, "rate_limited");
}

#[tokio::test]
async fn challenges_by_email_and_phone_in_parallel_stay_within_the_accounts_budget() {
    let stack = Stack::start(&[
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "1000"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", "1000"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    let requests = (0..40).map(|n| {
        let identifier = if n % 2 == 0 { &person.email } else { &person.phone };
        api.request_code(identifier)
    });
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|a| a.status == StatusCode::ACCEPTED), "nobody is told");

    // One link goes out when the budget is spent; what comes after it is silent.
    for answer in &answers {
        stack.delivered(&answer.text("challenge_id")).await;
    }
    let link = api.recovery_link(&[&person.email, &person.phone]).await;
    let messages = [api.messages(&person.email, 0).await, api.messages(&person.phone, 0).await].concat();
    let codes = messages.iter().filter(|message| message["code"].is_string()).count();
    assert!(codes <= 10, "{codes} codes");

    // The link never runs out of guesses, and sets a password as a code would.
    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
    api.set_password(&link, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    assert_eq!(api.sign_in(&person.email, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_postal_code_is_asked_of_everyone_and_checked_where_the_message_is_sent() {
    let stack = Stack::start(&[("REGAIN_POSTAL_CODE_CHECK", "required")]);
    let (api, person) = (stack.client(), stack.person());
    let request = |identifier: &str, postal_code: &str| {
        let (api, body) = (api.clone(), json!({"identifier": identifier, "postal_code": postal_code}));
        async move { api.post("/v1/challenges", &body).await }
    };
    for identifier in [person.email.as_str(), "nobody-posts@example.com"] {
        api.request_code(identifier).await.is_problem(422, "postal_code_required");
        request(identifier, "").await.is_problem(422, "postal_code_required");
        let wrong = request(identifier, "99999").await;
        assert_eq!(wrong.status, StatusCode::ACCEPTED);
        stack.delivered(&wrong.text("challenge_id")).await;
    }
    let right = request(&person.email, &POSTAL_CODE.replace(' ', "")).await;
    api.message(&person.email, &right.text("reference")).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 1, "nothing was sent for the wrong one");

    // Whoever doesn't know it can ask as often as the limits let him, gets no link out of it either, and uses up
    // nothing of what the owner may ask for.
    for _ in 0..4 {
        request(&person.email, "99999").await;
    }
    request(&person.email, "99999").await.is_problem(429, "rate_limited");
    let right = request(&person.email, POSTAL_CODE).await;
    api.message(&person.email, &right.text("reference")).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 2);
}
