//! The gateway through its HTTP interface: the services, the inbox and the faults by router, connections by
//! socket.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod connection;
mod faults;
mod messages;
mod page;
mod services;

use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, Bytes};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use regain_notifications::Gateway;
use serde_json::{Value, json};
use tower::ServiceExt;

const SES: &str = "/v2/email/outbound-emails";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is text")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The `code` of a problem document, whose form it checks.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{member}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

async fn call(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.expect("the body is whole").to_bytes();
    Answer { status: head.status, headers: head.headers, body }
}

fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).header(header::HOST, "localhost").body(body.into()).unwrap()
}

async fn get(router: &Router, path: &str) -> Answer {
    call(router, request(Method::GET, path, "")).await
}

async fn delete(router: &Router, path: &str) {
    assert_eq!(call(router, request(Method::DELETE, path, "")).await.status, StatusCode::NO_CONTENT);
}

async fn put_fault(router: &Router, fault: Value) -> Answer {
    call(router, request(Method::PUT, "/faults", fault.to_string())).await
}

async fn send_json(router: &Router, body: Value) -> Answer {
    call(router, request(Method::POST, SES, body.to_string())).await
}

async fn send_form(router: &Router, pairs: &[(&str, &str)]) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    call(router, request(Method::POST, "/", form)).await
}

/// A request of `SendEmail`.
fn mail(to: &str) -> Value {
    json!({
        "FromEmailAddress": "Acme <no-reply@acme.example>",
        "Destination": { "ToAddresses": [to] },
        "Content": { "Simple": {
            "Subject": { "Data": "Your code", "Charset": "UTF-8" },
            "Body": {
                "Text": { "Data": "Your code: 123 456\nReference: K7F\n" },
                "Html": { "Data": "<p>Your code: <b>123456</b></p>" },
            },
        } },
    })
}

/// A request of `Publish`.
fn text(to: &str) -> Vec<(&str, &str)> {
    vec![
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("PhoneNumber", to),
        ("Message", "654321 is your Acme code. Reference X2B.\n\n@acme.example #654321"),
        ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SenderID"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "Acme"),
        ("MessageAttributes.entry.2.Name", "AWS.SNS.SMS.SMSType"),
        ("MessageAttributes.entry.2.Value.DataType", "String"),
        ("MessageAttributes.entry.2.Value.StringValue", "Transactional"),
    ]
}

fn messages_of(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["messages"].as_array().unwrap().clone()
}

async fn messages(router: &Router, query: &str) -> Vec<Value> {
    messages_of(&get(router, &format!("/messages{query}")).await)
}

/// A request as it goes over a socket.
fn wire(method: &str, path: &str, body: &str) -> String {
    let mut wire = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    write!(wire, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    wire
}

fn router() -> Router {
    Gateway::new().router()
}
