//! Input that nobody should send: the contract's problem, nothing stored, nothing sent, never a 500.

use serde_json::{Value, json};

use crate::harness::Stack;

const UNKNOWN_CHALLENGE: &str = "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify";

#[tokio::test]
async fn bodies_that_are_not_the_operations_are_refused() {
    let api = Stack::shared().client();
    let bodies: Vec<String> = [
        "",
        "null",
        "[]",
        "\"text\"",
        "{",
        "{}",
        "{} {}",
        r#"["alice@example.com"]"#,
        r#"{"identifier":["alice@example.com"],"code":["123456"],"password":["x"]}"#,
        r#"{"identifier":{"a":1},"code":{"a":1},"password":{"a":1}}"#,
        r#"{"identifier":1,"code":123456,"password":1}"#,
        r#"{"identifier":null,"code":null,"password":null}"#,
        r#"{"identifier":"a@example.com","identifier":"b@example.com"}"#,
        r#"{"code":"123456","code":"123456"}"#,
        r#"{"password":"a","password":"b"}"#,
        r#"{"identifier":"a@example.com","role":"admin"}"#,
        r#"{"identifier":"\ud800@example.com"}"#,
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!("{{\"identifier\":{}1{}}}", "[".repeat(500), "]".repeat(500))])
    .collect();
    let token = "A".repeat(64);
    for path in ["/v1/challenges", UNKNOWN_CHALLENGE, "/v1/password", "/v1/sessions"] {
        for body in &bodies {
            let request = api
                .request("POST", path)
                .bearer_auth(&token)
                .header("content-type", "application/json")
                .body(body.clone());
            api.send(request).await.is_problem(400, "invalid_request");
        }
        let large = format!("{{\"identifier\":\"{}\"}}", "a".repeat(8 * 1024));
        let request = api.request("POST", path).header("content-type", "application/json").body(large);
        api.send(request).await.is_problem(413, "body_too_large");
        let request = api.request("POST", path).header("content-type", "text/plain").body("{}");
        api.send(request).await.is_problem(415, "unsupported_media_type");
        api.send(api.request("POST", path)).await.is_problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn identifiers_that_are_none_are_refused() {
    let api = Stack::shared().client();
    for identifier in [
        "",
        "alice",
        "alice@example.com,bob@example.com",
        "alice@example.com\r\nBcc: bob@example.com",
        "alice@example.com\0",
        "\u{ff41}lice@example.com",
        "alice@ex\u{ff41}mple.com",
        "+4670174060５",
        "0701740605",
        "+00000000",
    ] {
        api.request_code(identifier).await.is_problem(422, "invalid_identifier");
        api.sign_in(identifier, "x").await.is_problem(422, "invalid_identifier");
    }
    let base = json!({"identifier": "bad-input@example.com"});
    for (member, value, status, code) in [
        ("channel", "pigeon", 422, "invalid_channel"),
        ("channel", "", 422, "invalid_channel"),
        ("purpose", "world_domination", 400, "invalid_request"),
        ("locale", "../../etc/passwd", 400, "invalid_request"),
    ] {
        let mut body = base.clone();
        body[member] = Value::from(value);
        api.post("/v1/challenges", &body).await.is_problem(status, code);
    }
    assert!(api.messages("bad-input@example.com", 0).await.is_empty());
}

#[tokio::test]
async fn codes_that_are_none_cost_no_attempt() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    for text in ["", "12345", "1234567", "12345a", "１２３４５６", "123456\0", "000000000000000000"] {
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
    for path in [
        "/",
        "/v1",
        "/v1/challenges/",
        "/v2/challenges",
        "/v1/challenges/a/b/verify",
        "/%00",
        "/v1/../x",
        "//",
    ] {
        api.send(api.request("GET", path)).await.is_problem(404, "not_found");
    }
    for (method, path, allow) in [
        ("GET", "/v1/challenges", "POST"),
        ("PUT", "/v1/password", "POST"),
        ("PATCH", "/v1/sessions", "POST, DELETE"),
        ("POST", "/v1/sessions/current", "GET, DELETE"),
        ("POST", "/v1/health", "GET"),
        ("BREW", "/v1/password-policy", "GET"),
    ] {
        let answer = api.send(api.request(method, path)).await;
        answer.is_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow);
    }
}

#[tokio::test]
async fn headers_change_nothing() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let request = api
        .request("POST", "/v1/challenges")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-for", "203.0.113.1")
        .header("forwarded", "host=evil.example")
        .header("x-request-id", "chosen-by-the-client")
        .json(&json!({"identifier": person.email}));
    let answer = api.send(request).await;
    assert_eq!(answer.status, 202);
    assert_ne!(answer.header("x-request-id"), "chosen-by-the-client");
    let message = api.message(&person.email, &answer.text("reference")).await;
    assert!(!message.to_string().contains("evil"));
}
