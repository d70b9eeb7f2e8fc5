//! Input that nobody should send, in steps that belong together. What a single request can have that is wrong is
//! in `contract_bad_input` and the files beside it.

use std::time::Duration;

use serde_json::json;

use crate::harness::{OLD_PASSWORD, Stack};

/// A domain that `IDNA` accepts as another, though it looks like somebody's.
#[tokio::test]
async fn look_alikes_that_are_accepted_are_somebody_else() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let mut challenges = Vec::new();
    for look_alike in [
        // Cyrillic, Greek, with an accent, and what IDNA itself calls a deviation.
        person.email.replace("@example", "@ex\u{430}mple"),
        person.email.replace("@example", "@exampl\u{435}"),
        person.email.replace("@example", "@\u{3b5}xample"),
        person.email.replace("@example", "@ex\u{e0}mple"),
        person.email.replace(".com", ".c\u{43e}m"),
        // What others fold away, and what is another mailbox here.
        person.email.replace('@', "+reset@"),
        person.email.replacen('-', ".", 1),
        person.email.replacen('o', "0", 1),
        person.email.replace('@', "@www."),
    ] {
        assert_ne!(look_alike, person.email);
        let requested = api.request_code(&look_alike).await;
        assert_eq!(requested.status, 202, "{look_alike}: {requested:?}");
        challenges.push(requested.text("challenge_id"));
        api.sign_in(&look_alike, OLD_PASSWORD).await.is_problem(401, "credentials_invalid");
    }
    nothing_is_pending(&stack).await;
    let (_, code) = api.code_for(&person.email).await;
    for challenge in &challenges {
        api.verify(challenge, &code).await.is_problem(422, "code_incorrect");
    }
    assert_eq!(api.messages(&person.email, 0).await.len(), 1, "the one that was asked for");
    assert!(api.messages(&person.phone, 0).await.is_empty());
}

/// Waits until whatever was asked for has been sent or passed over, where the table can be looked into.
async fn nothing_is_pending(stack: &Stack) {
    let waiting = async {
        while stack.is_its_own() && stack.items().await.contains("\"pending\"") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("everything is delivered");
}

#[tokio::test]
async fn codes_that_are_none_cost_no_attempt() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    for text in [
        "",
        "12345",
        "1234567",
        "12345a",
        "１２３４５",
        "123٤56",
        "your code is 123456",
        "123456\0",
        "000000000000000000",
    ] {
        api.verify(&challenge, text).await.is_problem(400, "invalid_request");
    }
    let answer = api.verify(&challenge, &crate::harness::wrong(&code)).await;
    assert_eq!(answer.body["attempts_remaining"], 4);
}

#[tokio::test]
async fn ids_and_tokens_that_are_none_are_unknown() {
    let api = Stack::shared().client();
    for id in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", "AAAAAAAAAAAAAAAAAAAAAAA", "%F0%9F%A6%80", "a%2Fb"] {
        api.verify(id, "123456").await.is_problem(404, "challenge_not_found");
    }
    for token in ["", "x", &"A".repeat(64), &"A".repeat(5_000)] {
        api.set_password(token, "a password that is long")
            .await
            .is_problem(401, "verification_token_invalid");
        api.session(token).await.is_problem(401, "session_invalid");
    }
    let request = api.request("POST", "/v1/password").json(&json!({"password": "a password that is long"}));
    let answer = api.send(request).await;
    answer.is_problem(401, "verification_token_invalid");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart() {
    let api = Stack::shared().client();
    for path in ["/v1", "/v1/challenges/", "/v2/challenges", "/v1/challenges/a/b/verify", "/%00", "/v1/../x"]
    {
        api.send(api.request("GET", path)).await.is_problem(404, "not_found");
    }
    for (method, path, allow) in [
        ("GET", "/v1/challenges", "POST"),
        ("PUT", "/v1/password", "POST"),
        ("PATCH", "/v1/sessions", "POST, DELETE"),
        ("POST", "/v1/sessions/current", "GET, DELETE"),
        ("POST", "/v1/health", "GET, HEAD"),
        ("BREW", "/v1/password-policy", "GET, HEAD"),
    ] {
        let answer = api.send(api.request(method, path)).await;
        answer.is_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow);
    }
}
