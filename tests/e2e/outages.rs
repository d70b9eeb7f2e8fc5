//! Answers when SES or SNS is away or refuses. `table_faults` is about the table.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::Stack;

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
    let by_email = api.request_code(&person.email).await;
    assert_eq!(by_email.status, StatusCode::ACCEPTED);
    let message = api.message(&person.phone, &by_email.text("reference")).await;
    let verified = api.verify(&by_email.text("challenge_id"), message["code"].as_str().unwrap()).await;
    assert_eq!(verified.status, StatusCode::OK);
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
    // It comes by the other way, once the phone's has been tried.
    let message = api.message(&person.email, &by_phone.text("reference")).await;
    let verified = api.verify(&by_phone.text("challenge_id"), message["code"].as_str().unwrap()).await;
    assert_eq!(verified.status, StatusCode::OK);
    assert!(api.messages(&person.phone, 0).await.is_empty());
}
