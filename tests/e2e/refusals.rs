//! Refusals of SES and SNS until an operator mends something, and the sender of emails. `outages` is about what passes
//! and what is refused for good; `feedback` about what is taken and doesn't arrive.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Kind, NEW_PASSWORD, Stack};

#[tokio::test]
async fn what_an_operator_has_to_mend_goes_by_the_other_channel_meanwhile() {
    let stack = Stack::shared();
    let api = stack.client();
    for by_email in [true, false] {
        let person = stack.person();
        let (asked, other) =
            if by_email { (&person.email, &person.phone) } else { (&person.phone, &person.email) };
        api.fault(&json!({"to": asked, "fault": "operator", "count": 1})).await;
        let challenge = api.request_code(asked).await;
        let message = api.message(other, &challenge.text("reference")).await;
        let verified = api.verify(&challenge.text("challenge_id"), message["code"].as_str().unwrap()).await;
        assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
        assert!(api.messages(asked, 0).await.is_empty());
        // It was no fault of the address.
        let again = api.request_code(asked).await;
        api.message(asked, &again.text("reference")).await;
    }
}

#[tokio::test]
async fn what_an_operator_mends_in_time_is_not_lost() {
    let stack = Stack::shared();
    let api = stack.client();
    for kind in [Kind::EmailOnly, Kind::PhoneOnly] {
        let person = stack.person_of(kind);
        let address = if matches!(kind, Kind::EmailOnly) { &person.email } else { &person.phone };
        for fault in ["operator", "quota_spent"] {
            // Text messages without quota are taken: `feedback`.
            if matches!(kind, Kind::PhoneOnly) && fault == "quota_spent" {
                continue;
            }
            // The SDK tries again what looks like throttling.
            let count = if fault == "operator" { 3 } else { 7 };
            api.fault(&json!({"to": address, "fault": fault, "count": count})).await;
            let (challenge, code) = api.code_for(address).await;
            assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK, "{fault} {address}");
        }
        assert!(api.messages(address, 0).await.len() <= 2, "one each");
    }
}

#[tokio::test]
async fn a_notice_waits_for_the_operator_too() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.phone).await;
    api.fault(&json!({"to": person.email, "fault": "operator", "count": 3})).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
    for address in [&person.phone, &person.email] {
        api.message_without_code(address).await;
    }
}

#[tokio::test]
async fn a_companys_name_arrives_as_it_was_written() {
    let name = "Bäckerei \"Müller\" & Söhne, Köln (GmbH) \\ Москва 🥨";
    let stack = Stack::start(&[("REGAIN_EMAIL_FROM", &format!("{name} <No-Reply@bücher.example>"))]);
    let (api, person) = (stack.client(), stack.person());
    let challenge = api.request_code(&person.email).await;
    let message = api.message(&person.email, &challenge.text("reference")).await;
    // The gateway takes nothing but ASCII, and reads it with a mail client's library.
    assert_eq!(message["from"], format!("{name} <No-Reply@xn--bcher-kva.example>"));
    let headers = message["headers"].as_array().unwrap();
    assert!(headers[0]["name"] == "From" && headers[0]["value"].as_str().unwrap().is_ascii(), "{headers:?}");
    assert!(headers.contains(&json!({"name": "Auto-Submitted", "value": "auto-generated"})), "{headers:?}");
    let suppressed = headers.iter().find(|header| header["name"] == "X-Auto-Response-Suppress").unwrap();
    assert!(suppressed["value"].as_str().unwrap().contains("OOF"));
}
