//! From a function's answer to an HTTP response, and the gateway's own error answers.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use data_encoding::BASE64;
use regain_http_api::problem::Code;
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

/// Why a function's answer is no response.
#[derive(Debug, Error)]
pub(crate) enum AnswerError {
    /// It has not the proxy integration's form.
    #[error("the answer is not in the proxy format: {0}")]
    Format(#[from] serde_json::Error),
    /// The status is no HTTP status.
    #[error("the answer's status is not valid: {0}")]
    Status(#[from] axum::http::status::InvalidStatusCode),
    /// A header has characters that headers cannot have.
    #[error("the answer's header {0} is not valid")]
    Header(String),
    /// The body is said to be base64 and is not.
    #[error("the answer's body is not base64: {0}")]
    Base64(#[from] data_encoding::DecodeError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Option<HashMap<String, Value>>,
    multi_value_headers: Option<HashMap<String, Vec<Value>>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response that a function's answer stands for.
pub(crate) fn from_answer(answer: &[u8]) -> Result<Response, AnswerError> {
    let answer: Answer = serde_json::from_slice(answer)?;
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers.unwrap_or_default() {
        headers.insert(header_name(&name)?, header_value(&name, &value)?);
    }
    // Where both kinds name a header, the list wins.
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        let header = header_name(&name)?;
        headers.remove(&header);
        for value in &values {
            headers.append(&header, header_value(&name, value)?);
        }
    }
    // The connection decides about these.
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    let body = answer.body.unwrap_or_default();
    let body =
        if answer.is_base64_encoded { Body::from(BASE64.decode(body.as_bytes())?) } else { Body::from(body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status_code)?;
    *response.headers_mut() = headers;
    Ok(response)
}

/// An error that the gateway answers itself, with a code of the contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: &'static str,
}

impl Problem {
    /// The body is larger than the gateway takes.
    pub(crate) const BODY_TOO_LARGE: Self =
        Self { code: Code::BodyTooLarge, detail: "The request is larger than this service accepts." };
    /// The body broke off.
    pub(crate) const INVALID_REQUEST: Self =
        Self { code: Code::InvalidRequest, detail: "The request could not be read." };
    /// The path takes other methods.
    pub(crate) const METHOD_NOT_ALLOWED: Self =
        Self { code: Code::MethodNotAllowed, detail: "This address does not accept this method." };
    /// A function failed.
    pub(crate) const INTERNAL_ERROR: Self = Self {
        code: Code::InternalError,
        detail: "Something went wrong on our side. Try again in a moment.",
    };
    /// Too many requests wait for the function.
    pub(crate) const SERVICE_UNAVAILABLE: Self =
        Self { code: Code::ServiceUnavailable, detail: "The service is busy. Try again in a moment." };

    /// The response, with the headers that every response of the API has.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let body = json!({
            "type": format!("urn:problem-type:regain:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.code.status().as_u16(),
            "detail": self.detail,
            "code": self.code.as_str(),
        });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.code.status();
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert("x-request-id", request_id);
        }
        if self.code == Code::ServiceUnavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn header_name(name: &str) -> Result<HeaderName, AnswerError> {
    HeaderName::try_from(name).map_err(|_| AnswerError::Header(name.to_owned()))
}

/// Numbers and booleans are taken for their text, as API Gateway does.
fn header_value(name: &str, value: &Value) -> Result<HeaderValue, AnswerError> {
    let value = match value {
        Value::String(text) => HeaderValue::from_str(text),
        other => HeaderValue::from_str(&other.to_string()),
    };
    value.map_err(|_| AnswerError::Header(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn text(response: Response) -> String {
        String::from_utf8(to_bytes(response.into_body(), 1_000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_answer_becomes_a_response() {
        let answer = json!({
            "statusCode": 202,
            "headers": { "Content-Type": "application/json", "X-Count": 3, "Vary": "Accept" },
            "multiValueHeaders": {
                "vary": ["Origin", "Cookie"],
                "set-cookie": ["a=1; Path=/; Secure", "b=2; HttpOnly"],
                "Content-Length": ["7"],
            },
            "body": "{}",
        });
        let response = from_answer(answer.to_string().as_bytes()).unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["x-count"], "3");
        let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
        assert_eq!(vary, ["Origin", "Cookie"]);
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1; Path=/; Secure", "b=2; HttpOnly"]);
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(text(response).await, "{}");
    }

    #[tokio::test]
    async fn a_base64_body_is_decoded_and_a_missing_one_is_empty() {
        let answer = br#"{"statusCode":200,"body":"aGVq","isBase64Encoded":true}"#;
        assert_eq!(text(from_answer(answer).unwrap()).await, "hej");
        assert_eq!(text(from_answer(br#"{"statusCode":204,"body":null}"#).unwrap()).await, "");
    }

    #[test]
    fn nonsense_is_refused() {
        for answer in [
            "null",
            "{}",
            r#"{"statusCode":9}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":"b\nc"}}"#,
            r#"{"statusCode":200,"body":"*","isBase64Encoded":true}"#,
        ] {
            assert!(from_answer(answer.as_bytes()).is_err(), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_problem_has_the_members_and_headers_of_the_contract() {
        let response = Problem::SERVICE_UNAVAILABLE.into_response("id");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-request-id"], "id");
        assert_eq!(response.headers()["retry-after"], "1");
        let body: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(body["status"], 503);
        assert_eq!(body["code"], "service_unavailable");
        assert_eq!(body["type"], "urn:problem-type:regain:service_unavailable");
        assert!(body["title"].is_string() && body["detail"].is_string());
    }
}
