//! What is sent to SES, and what the adapter makes of its answers, with scripted replies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use regain_domain::port::SendError;
use regain_domain::{EmailAddress, MessageId};
use regain_ses::{Mailer, Parts};
use serde_json::{Value, json};

/// Answers every send alike, and keeps what was asked.
#[derive(Clone)]
struct Script {
    status: u16,
    /// The error's code, or empty.
    error: &'static str,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Script {
    async fn serve(status: u16, error: &'static str) -> (Self, Client) {
        let script = Self { status, error, requests: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(reply).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-north-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        (script, Client::from_conf(config))
    }
}

async fn reply(State(script): State<Script>, body: String) -> Response {
    script.requests.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    let answer = json!({"MessageId": "1", "message": "anna@example.com"}).to_string();
    let headers = [("content-type", "application/json"), ("x-amzn-errortype", script.error)];
    (StatusCode::from_u16(script.status).unwrap(), headers, answer).into_response()
}

async fn send(client: Client, configuration_set: Option<&str>) -> Result<Option<MessageId>, SendError> {
    let mailer = Mailer::new(client, "Acme <no-reply@example.com>", configuration_set.map(str::to_owned));
    let parts = Parts { subject: "Hej", text: "text", html: "<p>html</p>" };
    mailer.send(&EmailAddress::parse("anna@example.com").unwrap(), parts).await
}

#[tokio::test]
async fn a_message_is_sent_under_the_configuration_set_that_is_named() {
    let (script, client) = Script::serve(200, "").await;
    assert_eq!(send(client.clone(), Some("regain-test")).await.unwrap(), MessageId::parse("1"));
    send(client, None).await.unwrap();
    let requests = script.requests.lock().unwrap();
    let [named, plain] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(named["ConfigurationSetName"], "regain-test");
    assert!(plain.get("ConfigurationSetName").is_none(), "{plain}");
    for request in [named, plain] {
        assert_eq!(request["FromEmailAddress"], "Acme <no-reply@example.com>");
        assert_eq!(request["Destination"], json!({"ToAddresses": ["anna@example.com"]}));
        assert_eq!(request["Content"]["Simple"]["Subject"]["Data"], "Hej");
    }
}

#[tokio::test]
async fn what_ses_refuses_for_good_is_told_from_what_may_pass_and_its_words_are_kept_back() {
    for (status, code, is_refused) in [
        (400, "MessageRejected", true),
        (400, "BadRequestException", true),
        (429, "TooManyRequestsException", false),
        (400, "SendingPausedException", false),
        (400, "MailFromDomainNotVerifiedException", false),
        // The configuration set isn't there.
        (404, "NotFoundException", false),
    ] {
        let (_script, client) = Script::serve(status, code).await;
        let error = send(client, Some("regain-test")).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Refused { .. }), is_refused, "{code}");
        assert!(!format!("{error:?}").contains("anna"), "{error:?}");
    }
}
