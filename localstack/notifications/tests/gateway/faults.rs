//! `/faults`, and what the senders see. The faults of the connection stand in `connection`.

use http::StatusCode;
use regain_notifications::Gateway;
use serde_json::{Value, json};

use crate::{delete, get, mail, messages, put_fault, router, send_form, send_json, text};

#[tokio::test]
async fn faults_look_like_the_services_own() {
    for (fault, ses_status, ses_type, sns_status, sns_code) in [
        ("throttle", 429, "TooManyRequestsException", 400, "Throttling"),
        ("server_error", 500, "InternalServiceErrorException", 500, "InternalError"),
        ("opted_out", 400, "MessageRejected", 400, "OptedOut"),
        ("operator", 400, "MessageRejected", 403, "AuthorizationError"),
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

/// The event of SES in a topic's notification.
fn email_event(event: &Value) -> Value {
    assert_eq!(event["Records"].as_array().unwrap().len(), 1);
    assert_eq!(event["Records"][0]["EventSource"], "aws:sns");
    serde_json::from_str(event["Records"][0]["Sns"]["Message"].as_str().unwrap()).unwrap()
}

/// The lines in a packed batch of log lines.
fn log_lines(event: &Value) -> Vec<Value> {
    let gzip = data_encoding::BASE64.decode(event["awslogs"]["data"].as_str().unwrap().as_bytes()).unwrap();
    let batch: Value = serde_json::from_reader(flate2::read::GzDecoder::new(gzip.as_slice())).unwrap();
    assert_eq!(batch["messageType"], "DATA_MESSAGE");
    assert!(batch["logGroup"].as_str().unwrap().ends_with("/DirectPublishToPhoneNumber/Failure"));
    let lines = batch["logEvents"].as_array().unwrap();
    lines.iter().map(|line| serde_json::from_str(line["message"].as_str().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn a_spent_quota_is_refused_by_ses_and_told_later_by_sns() {
    let gateway = Gateway::new();
    let (router, mut feedback) = (gateway.router(), gateway.feedback());
    put_fault(&router, json!({ "fault": "quota_spent" })).await;
    let answer = send_json(&router, mail("anna@example.com")).await;
    assert_eq!(answer.header("x-amzn-errortype"), "TooManyRequestsException");
    assert!(answer.json()["message"].as_str().unwrap().contains("quota"));
    assert!(feedback.try_recv().is_err());
    assert_eq!(send_form(&router, &text("+46701234567")).await.status, StatusCode::OK);
    let lines = log_lines(&feedback.try_recv().unwrap());
    assert_eq!(lines[0]["delivery"]["providerResponse"], "No quota left for account");
    assert!(messages(&router, "").await.is_empty());
}

#[tokio::test]
async fn what_bounces_is_taken_and_told_of_later() {
    let gateway = Gateway::new();
    let (router, mut feedback) = (gateway.router(), gateway.feedback());
    put_fault(&router, json!({ "fault": "bounce" })).await;

    let answer = send_json(&router, mail("Anna@example.com")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let id = answer.json()["MessageId"].clone();
    let event = email_event(&feedback.try_recv().unwrap());
    assert_eq!((&event["eventType"], &event["mail"]["messageId"]), (&json!("Bounce"), &id));
    assert_eq!(event["bounce"]["bounceType"], "Permanent");
    assert_eq!(event["bounce"]["bouncedRecipients"][0]["emailAddress"], "Anna@example.com");
    assert!(!event.to_string().contains("123 456"), "an event has headers, and no text");

    let answer = send_form(&router, &text("+46701234567")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let lines = log_lines(&feedback.try_recv().unwrap());
    let told = lines[0]["notification"]["messageId"].as_str().unwrap();
    assert!(answer.text().contains(&format!("<MessageId>{told}</MessageId>")));
    assert_ne!(told, id);
    assert_eq!((&lines[0]["status"], lines.len()), (&json!("FAILURE"), 1));
    assert_eq!(lines[0]["delivery"]["destination"], "+46701234567");
    assert_eq!(lines[0]["delivery"]["providerResponse"], "Invalid phone number");

    assert!(messages(&router, "").await.is_empty());
    delete(&router, "/faults").await;
    let kept = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    assert!(kept != id && kept != told, "no id is given twice");
    assert!(feedback.try_recv().is_err(), "nothing is told of what arrives");
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
