//! Keeps web pages out of what listens on a developer's machine. Every listener of the local stack uses it.
//!
//! A page in the developer's browser can send requests to loopback addresses. It reads the answers if a listener
//! allows its origin (CORS, which none here does), or if its own domain resolves to this machine (DNS rebinding).
//! Without reading anything, it can still post. So two things are refused with 403:
//!
//! - a `Host` that an attacker could own ([`is_foreign_host`]);
//! - what a browser says comes from a page of another origin ([`is_foreign_origin`]). The HTTP API doesn't ask for
//!   this: which origins may call it is configuration.

use std::net::IpAddr;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, Method, header};

use crate::http::{Problem, add_headers};

/// Refuses requests of foreign hosts and of foreign origins.
pub async fn refuse_foreign(request: Request, next: Next) -> Response {
    if is_foreign_host(&request) {
        host_refusal().await
    } else if is_foreign_origin(&request) {
        add_headers(Problem::origin_not_allowed().into_response()).await
    } else {
        next.run(request).await
    }
}

/// The answer to a foreign host.
pub async fn host_refusal() -> Response {
    add_headers(Problem::host_not_allowed().into_response()).await
}

/// Whether a request's `Host`, or the authority in its target, could be a domain that an attacker lets resolve to this
/// machine. A request without either is not foreign: browsers always send it.
pub fn is_foreign_host<B>(request: &http::Request<B>) -> bool {
    let is_local = |host: &http::HeaderValue| host.to_str().is_ok_and(is_local_host);
    let hosts = request.headers().get_all(header::HOST);
    !hosts.iter().all(is_local)
        || request.uri().authority().is_some_and(|named| !is_local_host(named.as_str()))
}

/// Whether a browser says that a request comes from a page of another origin: by `Origin`, which it sends with
/// everything but plain reads, or by [fetch metadata]. A link that a person follows is not foreign.
///
/// [fetch metadata]: https://www.w3.org/TR/fetch-metadata/
pub fn is_foreign_origin<B>(request: &http::Request<B>) -> bool {
    let headers = request.headers();
    let is_own = |origin: &http::HeaderValue| is_own_origin(origin.as_bytes(), headers);
    if !headers.get_all(header::ORIGIN).iter().all(is_own) {
        return true;
    }
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    let is_from_elsewhere = says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site");
    let is_followed_link = request.method() == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    is_from_elsewhere && !is_followed_link
}

/// Whether an origin is the one that the request itself was sent to. `null`, which sandboxed pages and files have, is
/// nobody's.
fn is_own_origin(origin: &[u8], headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(|host| host.as_bytes().to_ascii_lowercase());
    let named = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
    named.is_some_and(|named| Some(named.to_ascii_lowercase()) == host)
}

/// Whether no attacker can own `host` (with or without a port): an IP address, a name without dots such as
/// `localhost` or a Compose service, or a name under a domain that is kept out of the public DNS: `.localhost` and
/// `.test` ([RFC 6761]), and `.internal` (ICANN), such as `host.docker.internal`.
///
/// [RFC 6761]: https://www.rfc-editor.org/rfc/rfc6761#section-6
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
        Some((_, last)) => matches!(last, "localhost" | "test" | "internal"),
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
            "regain.test",
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
            "example.com.",
            "user@localhost",
            "",
            "a b",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }

    fn request(target: &str, headers: &[(&str, &str)]) -> http::Request<()> {
        let builder = http::Request::builder().method("GET").uri(target);
        headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(()).unwrap()
    }

    #[test]
    fn a_second_host_and_one_in_the_target_count_too() {
        assert!(!is_foreign_host(&request("/", &[])));
        assert!(!is_foreign_host(&request("http://127.0.0.1:8000/", &[("host", "localhost")])));
        assert!(is_foreign_host(&request("/", &[("host", "localhost"), ("host", "example.com")])));
        assert!(is_foreign_host(&request("http://example.com/", &[("host", "localhost")])));
    }

    #[test]
    fn only_the_page_of_the_listener_itself_has_its_origin() {
        let from = |headers: &[(&str, &str)]| is_foreign_origin(&request("/", headers));
        let host = ("host", "127.0.0.1:8025");
        assert!(!from(&[host]));
        assert!(!from(&[host, ("origin", "http://127.0.0.1:8025"), ("sec-fetch-site", "same-origin")]));
        assert!(!from(&[("host", "Localhost:1"), ("origin", "http://localhost:1")]));
        for origin in
            ["http://example.com", "null", "", "http://127.0.0.1:8080", "http://127.0.0.1", "127.0.0.1:8025"]
        {
            assert!(from(&[host, ("origin", origin)]), "{origin}");
        }
        assert!(from(&[("origin", "http://127.0.0.1:8025")]));
        for site in ["cross-site", "same-site"] {
            assert!(from(&[host, ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]));
            assert!(from(&[
                host,
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ]));
            assert!(!from(&[
                host,
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ]));
        }
        assert!(!from(&[host, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
    }
}
