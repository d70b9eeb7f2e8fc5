//! The code again, or by the other channel.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Stack, wrong};

/// A stack on which nobody has to wait for a resend.
fn without_cooldown() -> Stack {
    Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")])
}

#[tokio::test]
async fn a_resend_has_a_new_code_and_reference_and_spent_guesses_stay_spent() {
    let stack = without_cooldown();
    let (api, person) = (stack.client(), stack.person());
    let first = api.request_code(&person.email).await;
    let first_code = api.message(&person.email, &first.text("reference")).await["code"].clone();
    let challenge = first.text("challenge_id");
    api.verify(&challenge, &wrong(first_code.as_str().unwrap())).await.is_problem(422, "code_incorrect");

    let second = api.resend(&challenge, &json!({})).await;
    assert_eq!(second.status, StatusCode::ACCEPTED, "{second:?}");
    assert_eq!(second.body["challenge_id"], first.body["challenge_id"]);
    assert_ne!(second.body["reference"], first.body["reference"]);
    assert_eq!(
        (&second.body["attempts_remaining"], &second.body["resends_remaining"]),
        (&json!(4), &json!(2))
    );
    let message = api.message(&person.email, &second.text("reference")).await;
    let second_code = message["code"].as_str().unwrap();
    if first_code != second_code {
        let old = api.verify(&challenge, first_code.as_str().unwrap()).await;
        old.is_problem(422, "code_incorrect");
        assert_eq!(old.body["attempts_remaining"], 3);
    }
    assert_eq!(api.verify(&challenge, second_code).await.status, StatusCode::OK);
    api.resend(&challenge, &json!({})).await.is_problem(410, "challenge_used");
}

#[tokio::test]
async fn resends_run_out_and_refill_nothing() {
    let stack = without_cooldown();
    let (api, person) = (stack.client(), stack.person());
    let requested = api.request_code(&person.email).await;
    let challenge = requested.text("challenge_id");
    for left in [2, 1, 0] {
        let resent = api.resend(&challenge, &json!({})).await;
        assert_eq!(resent.body["resends_remaining"], left);
        assert_eq!(resent.body["resend_available_at"].is_null(), left == 0);
        let message = api.message(&person.email, &resent.text("reference")).await;
        api.verify(&challenge, &wrong(message["code"].as_str().unwrap()))
            .await
            .is_problem(422, "code_incorrect");
    }
    let refused = api.resend(&challenge, &json!({})).await;
    refused.is_problem(429, "resend_limit_reached");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 1);
    for code in ["000000", "000001"] {
        api.verify(&challenge, code).await;
    }
    api.resend(&challenge, &json!({})).await.is_problem(410, "attempts_exhausted");
}

#[tokio::test]
async fn the_cool_down_is_right_to_the_second_and_the_same_for_nobody() {
    let stack = Stack::start(&[]);
    let api = stack.client();
    let nobody = "nobody-cools-down@example.com".to_owned();
    for identifier in [stack.person().email, nobody] {
        api.move_clock(0).await;
        let began = tokio::time::Instant::now();
        let challenge = api.request_code(&identifier).await.text("challenge_id");
        let refused = api.resend(&challenge, &json!({})).await;
        refused.is_problem(429, "resend_too_soon");
        let seconds: i64 = refused.header("retry-after").parse().unwrap();
        let passed = i64::try_from(began.elapsed().as_secs()).unwrap() + 1;
        assert!((60 - passed..=60).contains(&seconds), "{seconds} s after {passed} s");
        // Real time goes on too, so only the far side of the edge can be hit exactly.
        api.move_clock(seconds).await;
        assert_eq!(api.resend(&challenge, &json!({})).await.status, StatusCode::ACCEPTED);
        api.resend(&challenge, &json!({})).await.is_problem(429, "resend_too_soon");
    }
}

#[tokio::test]
async fn parallel_resends_send_one_message() {
    let stack = without_cooldown();
    let (api, person) = (stack.client(), stack.person());
    let requested = api.request_code(&person.email).await;
    api.message(&person.email, &requested.text("reference")).await;
    let challenge = requested.text("challenge_id");
    let empty = json!({});
    let answers = join_all((0..20).map(|_| api.resend(&challenge, &empty))).await;
    let accepted: Vec<_> = answers.iter().filter(|a| a.status == StatusCode::ACCEPTED).collect();
    // Without a cool-down each of the three may win once; every one of them is another send.
    assert!((1..=3).contains(&accepted.len()), "{answers:?}");
    let mut references: Vec<_> = accepted.iter().map(|a| a.text("reference")).collect();
    references.sort();
    references.dedup();
    assert_eq!(references.len(), accepted.len());
}

#[tokio::test]
async fn resends_against_verifies_with_the_old_code_grant_one_token_at_most() {
    let stack = without_cooldown();
    let api = stack.client();
    for _ in 0..10 {
        let person = stack.person();
        let (challenge, code) = api.code_for(&person.email).await;
        let empty = json!({});
        let (verifies, resends) = tokio::join!(
            join_all((0..3).map(|_| api.verify(&challenge, &code))),
            join_all((0..3).map(|_| api.resend(&challenge, &empty))),
        );
        let granted = verifies.iter().filter(|a| a.status == StatusCode::OK).count();
        assert!(granted <= 1);
        for answer in verifies.iter().chain(&resends) {
            assert!(answer.status.as_u16() < 500, "{answer:?}");
        }
        let resent = resends.iter().any(|a| a.status == StatusCode::ACCEPTED);
        let after = api.verify(&challenge, &code).await;
        // Once it was resent the old code is suppressed; once it was right the challenge is over.
        match (granted, resent) {
            (1, _) => after.is_problem(410, "challenge_used"),
            (_, true) => assert_ne!(after.status, StatusCode::OK),
            _ => panic!("neither a verify nor a resend won: {verifies:?} {resends:?}"),
        }
    }
}
