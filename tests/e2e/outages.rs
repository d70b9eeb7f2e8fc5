//! What clients see when something is away: fail closed, say so, tell nothing.

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::Stack;
use crate::in_process;

#[tokio::test]
async fn without_the_table_every_operation_is_unavailable_and_says_when_to_come_back() {
    let app = in_process::without_a_table();
    let token = "A".repeat(64);
    for (method, path, body) in [
        ("POST", "/v1/challenges", json!({"identifier": "alice@example.com"})),
        ("POST", "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/resend", json!({})),
        ("POST", "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify", json!({"code": "123456"})),
        ("POST", "/v1/password", json!({"password": "a password that is long"})),
        ("POST", "/v1/sessions", json!({"identifier": "alice@example.com", "password": "x"})),
        ("GET", "/v1/sessions/current", Value::Null),
        ("DELETE", "/v1/sessions/current", Value::Null),
        ("DELETE", "/v1/sessions", Value::Null),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{method} {path}");
        let retry_after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(retry_after > 0);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(problem["code"], "service_unavailable");
        assert!(!problem.to_string().to_lowercase().contains("dynamo"), "{problem}");
    }
}

#[tokio::test]
async fn mail_that_is_throttled_or_down_arrives_when_it_is_back() {
    let stack = Stack::shared();
    let api = stack.client();
    for fault in ["throttle", "server_error"] {
        let person = stack.person();
        // The SDK tries three times by itself: seven failures are more than one invocation can ride out.
        api.fault(&json!({"to": person.email, "fault": fault, "count": 7})).await;
        let (challenge, code) = api.code_for(&person.email).await;
        assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
        assert_eq!(api.messages(&person.email, 0).await.len(), 1);
    }
}

#[tokio::test]
async fn mail_that_is_refused_for_good_holds_nothing_up() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.email, "fault": "opted_out"})).await;
    assert_eq!(api.request_code(&person.email).await.status, StatusCode::ACCEPTED);
    let (challenge, code) = api.code_for(&person.phone).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    assert!(api.messages(&person.email, 0).await.is_empty());
}

#[tokio::test]
async fn a_mail_service_that_hangs_or_loses_its_answer_costs_a_delay_or_a_copy() {
    let stack = Stack::shared();
    let (api, hung, lost) = (stack.client(), stack.person(), stack.person());
    api.fault(&json!({"to": hung.email, "fault": "hang", "count": 1})).await;
    api.fault(&json!({"to": lost.email, "fault": "drop_after_accept", "count": 1})).await;
    let (challenge, code) = api.code_for(&hung.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    assert_eq!(api.messages(&hung.email, 0).await.len(), 1);

    let (challenge, code) = api.code_for(&lost.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    // The first was taken, only nobody heard: whatever comes again is the same.
    let codes: Vec<_> = api.messages(&lost.email, 0).await.iter().map(|m| m["code"].clone()).collect();
    assert!(codes.iter().all(|other| *other == code), "{codes:?}");
}

#[tokio::test]
async fn a_phone_that_opted_out_holds_nothing_up() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.phone, "fault": "opted_out"})).await;
    let by_phone = api.request_code(&person.phone).await;
    assert_eq!((by_phone.status, &by_phone.body["channel"]), (StatusCode::ACCEPTED, &json!("sms")));
    let (challenge, code) = api.code_for(&person.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    assert!(api.messages(&person.phone, 0).await.is_empty());
}
