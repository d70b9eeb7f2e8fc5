//! Every expiry, by the local stack's clock. What has expired is still stored: only the clock has moved.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};

#[tokio::test]
async fn codes_challenges_and_what_is_remembered_of_them_expire() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;

    api.move_clock(600).await;
    api.verify(&challenge, &code).await.is_problem(410, "challenge_expired");
    api.resend(&challenge, &json!({})).await.is_problem(410, "challenge_expired");
    api.move_clock(590).await;
    api.verify(&challenge, &wrong(&code)).await.is_problem(422, "code_incorrect");

    // A resend starts ten minutes anew, but no challenge lasts longer than thirty.
    let mut expiries = Vec::new();
    for moment in [595, 1_190, 1_785] {
        api.move_clock(moment).await;
        let resent = api.resend(&challenge, &json!({})).await;
        assert_eq!(resent.status, StatusCode::ACCEPTED, "{resent:?}");
        expiries.push(resent.text("expires_at"));
    }
    assert_eq!(expiries.len(), 3);
    api.move_clock(1_800).await;
    api.verify(&challenge, &code).await.is_problem(410, "challenge_expired");

    api.move_clock(1_800 + 86_300).await;
    api.verify(&challenge, &code).await.is_problem(410, "challenge_expired");
    api.move_clock(1_800 + 86_400).await;
    api.verify(&challenge, &code).await.is_problem(404, "challenge_not_found");
    api.resend(&challenge, &json!({})).await.is_problem(404, "challenge_not_found");
}

/// A client whose clock is wrong counts from the answer: the seconds are right to the second, for a repeat too.
#[tokio::test]
async fn seconds_stand_beside_times_and_count_from_the_answer() {
    let stack = Stack::start(&[("REGAIN_RESENDS_PER_CHALLENGE", "1")]);
    let (api, person) = (stack.client(), stack.person());
    let seconds =
        |answer: &Answer| ["expires_in", "resend_available_in"].map(|name| answer.body[name].as_u64());
    let body = json!({"identifier": person.email});
    let ask = || api.post_with_key("/v1/challenges", "seconds-request-key", &body);
    let first = ask().await;
    assert_eq!(seconds(&first), [Some(600), Some(60)], "{first:?}");
    api.move_clock(30).await;
    let [Some(expires), Some(wait)] = seconds(&ask().await) else { panic!("no seconds") };
    assert!((500..=570).contains(&expires) && wait <= 30, "{expires}, {wait}");
    // Nobody who waits that long is too early.
    api.move_clock(30 + i64::try_from(wait).unwrap()).await;
    assert_eq!(seconds(&ask().await)[1], Some(0), "never below 0");
    let challenge = first.text("challenge_id");
    let resent = api.resend(&challenge, &json!({})).await;
    assert_eq!(seconds(&resent), [Some(600), None], "{resent:?}");
    assert!(resent.body["resend_available_at"].is_null() && resent.body["resend_available_in"].is_null());

    let message = api.message(&person.email, &resent.text("reference")).await;
    let path = format!("/v1/challenges/{challenge}/verify");
    let guess = json!({"code": message["code"]});
    let verify = || api.post_with_key(&path, "seconds-verify-key", &guess);
    assert_eq!(verify().await.body["expires_in"], 600);
    api.move_clock(160).await;
    let again = verify().await.body["expires_in"].as_u64().unwrap();
    assert!((400..=530).contains(&again), "{again}");

    let signed_in = api.sign_in(&person.email, OLD_PASSWORD).await;
    assert_eq!(signed_in.body["expires_in"], 86_400);
    api.move_clock(1_160).await;
    let left = api.session(&signed_in.text("session_token")).await.body["expires_in"].as_u64().unwrap();
    assert!((85_000..=85_400).contains(&left), "{left}");
}

#[tokio::test]
async fn a_verification_token_expires() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    api.move_clock(600).await;
    api.set_password(&token, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    api.move_clock(590).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn repeats_end_with_the_code() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    let path = |action: &str| format!("/v1/challenges/{challenge}/{action}");
    let guess = json!({"code": wrong(&code)});
    let repeat = async |guess_key: &str| {
        let guessed = api.post_with_key(&path("verify"), guess_key, &guess).await;
        (guessed, api.post_with_key(&path("resend"), "resend-key-000001", &json!({})).await)
    };
    let (guessed, resent) = repeat("verify-key-000001").await;
    for seconds in [0, 590] {
        api.move_clock(seconds).await;
        let again = repeat("verify-key-000001").await;
        assert_eq!((again.0.said(), again.1.said()), (guessed.said(), resent.said()));
    }
    for (seconds, status, code) in
        [(600, 410, "challenge_expired"), (600 + 86_400, 404, "challenge_not_found")]
    {
        api.move_clock(seconds).await;
        let (guessed, resent) = repeat("verify-key-000001").await;
        guessed.is_problem(status, code);
        resent.is_problem(status, code);
    }
}

#[tokio::test]
async fn a_session_expires() {
    let stack = Stack::start(&[("REGAIN_SESSION_LIFETIME_SECONDS", "3600")]);
    let (api, person) = (stack.client(), stack.person());
    let session = api.sign_in(&person.email, OLD_PASSWORD).await.text("session_token");
    api.move_clock(3_590).await;
    assert_eq!(api.session(&session).await.status, StatusCode::OK);
    api.move_clock(3_600).await;
    api.session(&session).await.is_problem(401, "session_invalid");
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_in_time_is_not_sent_late() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.email, "fault": "throttle"})).await;
    api.request_code(&person.email).await;
    api.move_clock(601).await;
    // A try that began in time may still be under way, and would be right to send.
    stack.logged(&["is given up for its age", "\"outcome\":\"stale\""]).await;
    api.http.delete(format!("{}/faults", api.inbox)).send().await.unwrap();
    // It is over with: what comes from now on is a later one, and the only one.
    api.code_for(&person.email).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 1);
}

#[tokio::test]
async fn a_recovery_link_works_for_a_day() {
    let stack = Stack::start(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1")]);
    let (api, person) = (stack.client(), stack.person());
    api.code_for(&person.email).await;
    api.request_code(&person.email).await;
    let link = api.recovery_link(&[&person.email]).await;
    api.move_clock(86_400).await;
    api.set_password(&link, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    api.move_clock(86_300).await;
    assert_eq!(api.set_password(&link, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_clock_is_read_moved_and_put_back() {
    let stack = Stack::start(&[]);
    let api = stack.client();
    let read = || async { api.send(api.request("GET", "/_local/clock")).await.body };
    for moved in [json!({"offset_seconds": -5}), json!({"offset_seconds": 86_400})] {
        assert_eq!(api.send(api.request("PUT", "/_local/clock").json(&moved)).await.body, moved);
        assert_eq!(read().await, moved);
    }
    assert_eq!(api.send(api.request("DELETE", "/_local/clock")).await.status, StatusCode::OK);
    assert_eq!(read().await, json!({"offset_seconds": 0}));
    for wrong in [json!({}), json!({"offset_seconds": "x"}), json!({"offset_seconds": i64::MAX}), Value::Null]
    {
        let request = api.request("PUT", "/_local/clock").json(&wrong);
        api.send(request).await.is_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_notice_outlasts_a_long_outage_and_goes_where_it_can_meanwhile() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.phone).await;
    api.fault(&json!({"channel": "email", "fault": "server_error"})).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
    api.message_without_code(&person.phone).await;
    // Longer than a code lives.
    api.move_clock(3_600).await;
    assert!(api.messages(&person.email, 0).await.is_empty());
    api.http.delete(format!("{}/faults", api.inbox)).send().await.unwrap();
    api.message_without_code(&person.email).await;
    let to_phone = api.messages(&person.phone, 0).await;
    assert_eq!(to_phone.iter().filter(|message| message["code"].is_null()).count(), 1, "once each");
}
