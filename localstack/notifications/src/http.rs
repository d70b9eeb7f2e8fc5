//! The path of every answer: the common headers, problem documents (RFC 9457), JSON bodies, and answers that
//! break off. Nothing in here knows about messages.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::channel::Channel;
use serde_json::{Value, json};

/// An error of the gateway's own interface, answered as `application/problem+json`.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
}

impl Problem {
    /// 400: the request is malformed; `detail` names the part.
    pub(crate) fn invalid_request(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_request",
            title: "The request is not valid",
            detail: detail.into(),
        }
    }

    /// 403: the request is for a host that an attacker could own.
    pub(crate) fn host_not_allowed() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "host_not_allowed",
            title: "The host is not allowed",
            detail: "Call this machine by an IP address, by localhost or by a name without dots.".to_owned(),
        }
    }

    /// 403: the request comes from a page of another origin.
    pub(crate) fn origin_not_allowed() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "origin_not_allowed",
            title: "The origin is not allowed",
            detail: "Pages of other origins may neither read nor change anything here.".to_owned(),
        }
    }

    /// 404: no such message or path.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", title: "Not found", detail: detail.into() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

/// A `200` answer with a JSON body.
pub(crate) fn ok_json(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Breaks the connection off instead of answering.
///
/// The body fails at its first poll, before hyper has flushed the head of the response, so that the client sees
/// the connection close without a single byte of an answer.
pub(crate) fn broken_off() -> Response {
    let (sender, body) = Channel::<Bytes, io::Error>::new(1);
    sender.abort(io::Error::new(io::ErrorKind::ConnectionAborted, "broken off on purpose"));
    Body::new(body).into_response()
}

pub(crate) async fn not_found() -> Problem {
    Problem::not_found("There is nothing at this path.")
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method_not_allowed",
        title: "Method not allowed",
        detail: "The path does not take this method; see the Allow header.".to_owned(),
    }
}

/// Sees to it that answers are neither stored nor taken for another type than they say.
pub(crate) async fn add_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
