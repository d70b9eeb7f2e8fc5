//! The journey of a person who forgot the password.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};

#[tokio::test]
async fn a_person_recovers_the_account_by_email() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());

    let session = api.sign_in(&person.email, OLD_PASSWORD).await;
    assert_eq!(session.status, StatusCode::CREATED, "{session:?}");
    let session = session.text("session_token");
    let current = api.session(&session).await;
    assert_eq!(current.status, StatusCode::OK);
    assert!(!current.text("account_id").is_empty() && !current.text("created_at").is_empty());

    let requested = api.request_code(&format!("  {}\n", person.email.to_uppercase())).await;
    assert_eq!(requested.status, StatusCode::ACCEPTED);
    assert_eq!(requested.body["channel"], "email");
    assert_eq!(requested.body["code_length"], 6);
    assert_eq!(requested.body["attempts_remaining"], 5);
    assert_eq!(requested.body["resends_remaining"], 3);
    assert_eq!(requested.header("cache-control"), "no-store");
    assert_eq!(requested.header("x-content-type-options"), "nosniff");
    assert!(!requested.header("x-request-id").is_empty());

    let message = api.message(&person.email, &requested.text("reference")).await;
    assert_eq!(message["channel"], "email");
    assert!(message["text"].as_str().unwrap().contains("will ever ask you for it"));
    assert!(!message["html"].as_str().unwrap().contains("://"));
    let (challenge, code) = (requested.text("challenge_id"), message["code"].as_str().unwrap());

    let incorrect = api.verify(&challenge, &wrong(code)).await;
    incorrect.is_problem(422, "code_incorrect");
    assert_eq!(incorrect.body["attempts_remaining"], 4);
    let spaced = format!("{} {}-{}", &code[..2], &code[2..4], &code[4..]);
    let verified = api.verify(&challenge, &spaced).await;
    assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
    let token = verified.text("verification_token");
    api.verify(&challenge, code).await.is_problem(410, "challenge_used");
    assert_eq!(api.session(&session).await.status, StatusCode::OK, "nothing has changed yet");

    let set = api.set_password(&token, NEW_PASSWORD).await;
    assert_eq!(set.status, StatusCode::OK, "{set:?}");
    assert_eq!(set.body["sessions_revoked"], true);

    api.session(&session).await.is_problem(401, "session_invalid");
    api.sign_in(&person.email, OLD_PASSWORD).await.is_problem(401, "credentials_invalid");
    let again = api.sign_in(&person.email, NEW_PASSWORD).await;
    assert_eq!(again.status, StatusCode::CREATED);
    api.set_password(&token, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
}

#[tokio::test]
async fn a_rejected_password_says_why_and_costs_nothing_until_the_tenth() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    for _ in 0..9 {
        let rejected = api.set_password(&token, "short").await;
        rejected.is_problem(422, "password_rejected");
        assert_eq!(rejected.body["violations"][0]["code"], "too_short");
        assert_eq!(rejected.body["violations"][0]["minimum"], 15);
    }
    api.set_password(&token, &"x".repeat(257)).await.is_problem(422, "password_rejected");
    api.set_password(&token, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    assert_eq!(api.sign_in(&person.email, OLD_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn nine_rejections_leave_the_token_good() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    for _ in 0..9 {
        api.set_password(&token, "short").await.is_problem(422, "password_rejected");
    }
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn any_characters_make_a_password() {
    let stack = Stack::shared();
    let api = stack.client();
    for password in ["🦀".repeat(256), "    spaces    are    fine    ".to_owned(), "e\u{301}".repeat(20)] {
        let person = stack.person();
        let token = api.token_for(&person.email).await;
        assert_eq!(api.set_password(&token, &password).await.status, StatusCode::OK);
        assert_eq!(api.sign_in(&person.email, &password).await.status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn the_right_code_works_as_the_fifth_guess_and_not_as_the_sixth() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    for remaining in (1..=4).rev() {
        let answer = api.verify(&challenge, &wrong(&code)).await;
        answer.is_problem(422, "code_incorrect");
        assert_eq!(answer.body["attempts_remaining"], remaining);
    }
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);

    let (challenge, code) = api.code_for(&person.email).await;
    for _ in 0..4 {
        api.verify(&challenge, &wrong(&code)).await.is_problem(422, "code_incorrect");
    }
    api.verify(&challenge, &wrong(&code)).await.is_problem(410, "attempts_exhausted");
    api.verify(&challenge, &code).await.is_problem(410, "attempts_exhausted");
}

#[tokio::test]
async fn a_new_password_ends_every_other_challenge_and_token() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let first_token = api.token_for(&person.email).await;
    let second_token = api.token_for(&person.email).await;
    let (challenge, code) = api.code_for(&person.email).await;
    assert_eq!(api.set_password(&first_token, NEW_PASSWORD).await.status, StatusCode::OK);
    api.set_password(&second_token, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
    let answer = api.verify(&challenge, &code).await;
    answer.is_problem(422, "code_incorrect");
    assert_eq!(answer.body["attempts_remaining"], 4);
}

#[tokio::test]
async fn a_code_of_another_challenge_is_wrong() {
    let stack = Stack::shared();
    let (api, one, other) = (stack.client(), stack.person(), stack.person());
    let (challenge, code) = api.code_for(&one.email).await;
    let (other_challenge, other_code) = api.code_for(&other.email).await;
    if code != other_code {
        api.verify(&challenge, &other_code).await.is_problem(422, "code_incorrect");
        api.verify(&other_challenge, &code).await.is_problem(422, "code_incorrect");
    }
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(api.sign_in(&person.email, OLD_PASSWORD).await.text("session_token"));
    }
    let sign_out = |path: &'static str, token: String| {
        let api = api.clone();
        async move { api.send(api.request("DELETE", path).bearer_auth(token)).await }
    };
    assert_eq!(sign_out("/v1/sessions/current", tokens[0].clone()).await.status, StatusCode::NO_CONTENT);
    api.session(&tokens[0]).await.is_problem(401, "session_invalid");
    assert_eq!(api.session(&tokens[1]).await.status, StatusCode::OK);
    assert_eq!(sign_out("/v1/sessions", tokens[1].clone()).await.status, StatusCode::NO_CONTENT);
    for token in &tokens {
        api.session(token).await.is_problem(401, "session_invalid");
    }
    sign_out("/v1/sessions", tokens[2].clone()).await.is_problem(401, "session_invalid");
}

#[tokio::test]
async fn requests_for_one_identifier_are_limited_and_say_for_how_long() {
    let stack = Stack::shared();
    let api = stack.client();
    // Alike for somebody and for nobody.
    for identifier in [stack.person().email, "nobody-limited@example.com".to_owned()] {
        for _ in 0..5 {
            assert_eq!(api.request_code(&identifier).await.status, StatusCode::ACCEPTED);
        }
        let limited = api.request_code(&identifier).await;
        limited.is_problem(429, "rate_limited");
        let seconds: u64 = limited.header("retry-after").parse().unwrap();
        assert!((1..=86_400).contains(&seconds));
    }
}

#[tokio::test]
async fn what_stands_beside_the_api_answers() {
    let api = Stack::shared().client();
    assert_eq!(api.send(api.request("GET", "/v1/health")).await.body, json!({"status": "ok"}));
    let policy = api.send(api.request("GET", "/v1/password-policy")).await;
    assert_eq!((&policy.body["min_length"], &policy.body["max_length"]), (&json!(15), &json!(256)));
    let url = format!("{}/.well-known/change-password", api.base);
    let response = api.http.get(url).header("host", "evil.test").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(&api.origin), "{location}");
}
