//! What every request and answer goes through: the check of `Host`, the common headers, problem documents
//! (RFC 9457), JSON bodies, and answers that break off. Nothing in here knows about messages.

use std::io;
use std::net::IpAddr;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::uri::Authority;
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

/// Answers 403 to requests whose `Host` could be a domain that an attacker lets resolve to this machine (DNS
/// rebinding). A request without `Host` passes: browsers always send it.
pub(crate) async fn refuse_foreign_hosts(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    if host.is_none_or(|host| host.to_str().is_ok_and(is_local_host)) {
        return next.run(request).await;
    }
    Problem {
        status: StatusCode::FORBIDDEN,
        code: "host_not_allowed",
        title: "The host is not allowed",
        detail: "Call the gateway by an IP address, by localhost or by a name without dots.".to_owned(),
    }
    .into_response()
}

/// Whether no attacker can own `host` (a `Host` header, with or without a port): an IP address, a name without
/// dots such as `localhost` or a Compose service, or a name under `.localhost` ([RFC 6761]) or `.internal` (which
/// ICANN keeps out of the public DNS), such as `host.docker.internal`.
///
/// [RFC 6761]: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
fn is_local_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    if authority.as_str().contains('@') {
        return false;
    }
    let name = authority.host();
    let unbracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if unbracketed.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, last)) => matches!(last, "localhost" | "internal"),
        None => !name.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_no_attacker_can_own_are_local() {
        for host in [
            "127.0.0.1:8025",
            "[::1]:8025",
            "[::1]",
            "192.168.1.10",
            "localhost",
            "LOCALHOST:8025",
            "notifications:8025",
            "app.localhost",
            "host.docker.internal:8025",
        ] {
            assert!(is_local_host(host), "{host}");
        }
    }

    #[test]
    fn public_names_are_not_local() {
        for host in [
            "example.com",
            "rebind.example.com:8025",
            "127.0.0.1.nip.io",
            "localhost.example.com",
            "user@localhost",
            "",
            "a b",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }
}
