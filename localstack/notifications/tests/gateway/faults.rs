//! `/faults`, and what the senders see. The faults of the connection stand in `connection`.

use http::StatusCode;
use serde_json::json;

use crate::{delete, get, mail, messages, put_fault, router, send_form, send_json, text};

#[tokio::test]
async fn faults_look_like_the_services_own() {
    for (fault, ses_status, ses_type, sns_status, sns_code) in [
        ("throttle", 429, "TooManyRequestsException", 400, "Throttling"),
        ("server_error", 500, "InternalServiceErrorException", 500, "InternalError"),
        ("bounce", 400, "MessageRejected", 400, "InvalidParameter"),
        ("opted_out", 400, "MessageRejected", 400, "OptedOut"),
    ] {
        let router = router();
        assert_eq!(put_fault(&router, json!({ "fault": fault })).await.status, StatusCode::OK);

        let answer = send_json(&router, mail("anna@example.com")).await;
        assert_eq!(answer.status.as_u16(), ses_status);
        assert_eq!(answer.header("x-amzn-errortype"), ses_type);
        assert!(answer.json()["message"].is_string());

        let answer = send_form(&router, &text("+46701234567")).await;
        assert_eq!(answer.status.as_u16(), sns_status);
        assert!(answer.text().contains(&format!("<Code>{sns_code}</Code>")), "{}", answer.text());
        assert!(messages(&router, "").await.is_empty());

        delete(&router, "/faults").await;
        assert_eq!(send_json(&router, mail("anna@example.com")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_fault_can_be_for_one_address_and_a_few_sends() {
    let router = router();
    let fault = json!({ "fault": "throttle", "channel": "email", "to": "Anna@example.com", "count": 2 });
    let set = put_fault(&router, fault).await.json();
    let shown = |count| {
        json!({ "faults": [
            { "fault": "throttle", "channel": "email", "to": "anna@example.com", "count": count, "rate": 1.0 },
        ] })
    };
    assert_eq!(set, shown(2));
    assert_eq!(send_json(&router, mail("bo@example.com")).await.status, StatusCode::OK);
    assert_eq!(send_json(&router, mail("ANNA@example.com")).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(get(&router, "/faults").await.json(), shown(1));
    assert_eq!(send_json(&router, mail("anna@example.com")).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send_json(&router, mail("anna@example.com")).await.status, StatusCode::OK);
    assert_eq!(get(&router, "/faults").await.json(), json!({ "faults": [] }));
}

#[tokio::test]
async fn bad_faults_are_refused() {
    let router = router();
    for fault in [
        json!({}),
        json!([]),
        json!({ "fault": "explode" }),
        json!({ "fault": "hang", "channel": "fax" }),
        json!({ "fault": "hang", "count": 0 }),
        json!({ "fault": "hang", "count": -1 }),
        json!({ "fault": "hang", "rate": 0 }),
        json!({ "fault": "hang", "rate": 1.5 }),
        json!({ "fault": "hang", "to": "" }),
        json!({ "fault": "hang", "until": "tomorrow" }),
    ] {
        let answer = put_fault(&router, fault.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fault}");
        assert_eq!(answer.problem(), "invalid_request");
    }
    assert_eq!(get(&router, "/faults").await.json(), json!({ "faults": [] }));
}
