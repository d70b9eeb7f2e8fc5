//! The same call again has one effect and the same answer.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Api, NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};

async fn password_with_key(api: &Api, token: &str, key: &str, password: &str) -> Answer {
    let request = api.request("POST", "/v1/password").bearer_auth(token).header("idempotency-key", key);
    api.send(request.json(&json!({"password": password}))).await
}

#[tokio::test]
async fn a_request_that_is_repeated_sends_one_message_and_counts_once() {
    let stack = Stack::shared();
    let api = stack.client();
    for identifier in [stack.person().email, "nobody-repeats@example.com".to_owned()] {
        let body = json!({"identifier": identifier});
        let first = api.post_with_key("/v1/challenges", "request-key-00001", &body).await;
        assert_eq!(first.status, StatusCode::ACCEPTED);
        // More often than the limit of five an hour allows.
        for again in
            join_all((0..10).map(|_| api.post_with_key("/v1/challenges", "request-key-00001", &body))).await
        {
            assert_eq!(again.said(), first.said());
        }
        let other = json!({"identifier": identifier, "channel": "sms"});
        api.post_with_key("/v1/challenges", "request-key-00001", &other)
            .await
            .is_problem(422, "idempotency_key_reused");
        for n in 0..4 {
            let key = format!("request-key-1000{n}");
            let answer = api.post_with_key("/v1/challenges", &key, &body).await;
            assert_eq!(answer.status, StatusCode::ACCEPTED, "the repeats were not counted");
            assert_ne!(answer.body["challenge_id"], first.body["challenge_id"]);
        }
        api.post_with_key("/v1/challenges", "request-key-20000", &body).await.is_problem(429, "rate_limited");
        let again = api.post_with_key("/v1/challenges", "request-key-00001", &body).await;
        assert_eq!(again.said(), first.said(), "a limit does not stand in the way of a repeat");
    }
}

#[tokio::test]
async fn a_repeat_after_the_code_has_expired_is_told_so_and_counts_against_the_caller() {
    let stack = Stack::start(&[("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "20")]);
    let (api, person) = (stack.client(), stack.person());
    for identifier in [&person.email, "nobody-repeats-late@example.com"] {
        let body = json!({"identifier": identifier});
        let ask = || api.post_with_key("/v1/challenges", "late-request-key-1", &body);
        let first = ask().await;
        api.move_clock(590).await;
        assert_eq!(ask().await.said(), first.said(), "{identifier}");
        for seconds in [600, 700, 3_000] {
            api.move_clock(seconds).await;
            ask().await.is_problem(410, "challenge_expired");
        }
        api.move_clock(0).await;
    }
    // Ten of the twenty are used up.
    let body = json!({"identifier": person.email});
    for _ in 0..10 {
        api.post_with_key("/v1/challenges", "late-request-key-1", &body).await;
    }
    let limited = api.post_with_key("/v1/challenges", "late-request-key-1", &body).await;
    limited.is_problem(429, "caller_rate_limited");
}

#[tokio::test]
async fn parallel_requests_with_one_key_open_one_challenge() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let body = json!({"identifier": person.email});
    let answers =
        join_all((0..5).map(|_| api.post_with_key("/v1/challenges", "parallel-key-0001", &body))).await;
    assert!(answers.iter().all(|a| a.said() == answers[0].said()), "{answers:?}");
    api.message(&person.email, &answers[0].text("reference")).await;
    stack.delivered(&answers[0].text("challenge_id")).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 1);
}

#[tokio::test]
async fn a_resend_that_is_repeated_sends_once() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person) = (stack.client(), stack.person());
    let challenge = api.request_code(&person.email).await.text("challenge_id");
    let path = format!("/v1/challenges/{challenge}/resend");
    let first = api.post_with_key(&path, "resend-key-000001", &json!({})).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let again = api.post_with_key(&path, "resend-key-000001", &json!({})).await;
    assert_eq!(again.said(), first.said());
    api.post_with_key(&path, "resend-key-000001", &json!({"channel": "sms"}))
        .await
        .is_problem(422, "idempotency_key_reused");
    let second = api.post_with_key(&path, "resend-key-000002", &json!({})).await;
    assert_ne!(second.body["reference"], first.body["reference"]);
    assert_eq!(second.body["resends_remaining"], 1);
    // The first answer comes again even now that the challenge has moved on.
    let again = api.post_with_key(&path, "resend-key-000001", &json!({})).await;
    assert_eq!(again.said(), first.said());
}

#[tokio::test]
async fn a_guess_that_is_repeated_is_charged_once_and_a_token_comes_again() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    let path = format!("/v1/challenges/{challenge}/verify");
    let guess = json!({"code": wrong(&code)});
    for _ in 0..8 {
        let answer = api.post_with_key(&path, "verify-key-000001", &guess).await;
        answer.is_problem(422, "code_incorrect");
        assert_eq!(answer.body["attempts_remaining"], 4);
    }
    let right = json!({"code": code});
    api.post_with_key(&path, "verify-key-000001", &right).await.is_problem(422, "idempotency_key_reused");
    let answers = join_all((0..6).map(|_| api.post_with_key(&path, "verify-key-000002", &right))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.said()), (StatusCode::OK, answers[0].said()));
    }
    api.post_with_key(&path, "verify-key-000003", &right).await.is_problem(410, "challenge_used");
    let again = api.post_with_key(&path, "verify-key-000001", &guess).await;
    assert_eq!(again.body["attempts_remaining"], 4);

    let token = answers[0].text("verification_token");
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_that_is_set_again_with_the_same_key_is_set_once() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    let key = "password-key-0001";
    for _ in 0..12 {
        let rejected = password_with_key(&api, &token, "password-key-0000", "short").await;
        rejected.is_problem(422, "password_rejected");
    }
    let answers = join_all((0..5).map(|_| password_with_key(&api, &token, key, NEW_PASSWORD))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.said()), (StatusCode::OK, answers[0].said()), "{answer:?}");
    }
    password_with_key(&api, &token, key, OLD_PASSWORD).await.is_problem(422, "idempotency_key_reused");
    password_with_key(&api, &token, "password-key-0002", NEW_PASSWORD)
        .await
        .is_problem(401, "verification_token_invalid");
    let session = api.sign_in(&person.email, NEW_PASSWORD).await.text("session_token");
    password_with_key(&api, &token, key, NEW_PASSWORD).await;
    assert_eq!(api.session(&session).await.status, StatusCode::OK, "a repeat signs nobody out");
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let api = Stack::shared().client();
    let long = "k".repeat(256);
    for key in ["short", "with spaces in the middle", long.as_str()] {
        for (path, body) in [
            ("/v1/challenges", json!({"identifier": "bad-key@example.com"})),
            ("/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/resend", json!({})),
            ("/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify", json!({"code": "123456"})),
        ] {
            api.post_with_key(path, key, &body).await.is_problem(400, "invalid_request");
        }
        password_with_key(&api, &"A".repeat(64), key, NEW_PASSWORD).await.is_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn one_key_of_two_people_is_two_keys() {
    let stack = Stack::shared();
    let api = stack.client();
    let key = "everybodys-key-01";
    let mut ids: Vec<Value> = Vec::new();
    for person in [stack.person(), stack.person()] {
        let answer = api.post_with_key("/v1/challenges", key, &json!({"identifier": person.email})).await;
        ids.push(answer.body["challenge_id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}
