//! Requests that no client would send: no answer changes, nothing is stored, nothing is sent, and it is never
//! our fault.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use regain_http_api::routes::{ROUTES, path_matches};
use serde_json::json;

use crate::contract_bad_input::{OTHER_MEDIA_TYPES, UNKNOWN, Watched, operations, wrong_bodies};
use crate::harness::{Answer, Api, OLD_PASSWORD};
use crate::unknown::shape;

/// Fails unless two answers are the same but for what names each.
#[track_caller]
pub(crate) fn are_alike(answer: &Answer, plain: &Answer, what: &dyn std::fmt::Debug) {
    assert_eq!(shape(answer), shape(plain), "{what:?}");
}

#[tokio::test]
async fn a_body_where_none_belongs_changes_nothing() {
    let mut watched = Watched::start().await;
    let api = watched.api.clone();
    let person = watched.person();
    let session = || async { api.sign_in(&person.email, OLD_PASSWORD).await.text("session_token") };
    let (token, last) = (session().await, session().await);
    watched.look_again().await;

    // Those of a call with one member are enough: what is in a body is nothing here.
    let guess = operations().into_iter().find(|(path, _)| path.ends_with("/verify")).unwrap();
    let mut bodies = wrong_bodies(&guess.1);
    bodies.extend([b"[", b" ", b"\xff"].map(|byte| byte.repeat(1_000_000)));
    let without = ROUTES.iter().filter(|route| route.method != "POST");
    let mut calls: Vec<_> = without.map(|route| (route.method, route.path, "A".repeat(64))).collect();
    // A session that is looked at is none the worse for it either.
    calls.push(("GET", "/v1/sessions/current", token));
    for (method, path, token) in &calls {
        assert!(!path.contains('{'), "what is in the place of the parameter of {path}?");
        let request = || api.request(method, path).bearer_auth(token);
        let plain = api.send(request()).await;
        for body in &bodies {
            let answer =
                api.send(request().header("content-type", "application/json").body(body.clone())).await;
            are_alike(&answer, &plain, &(method, path, String::from_utf8_lossy(&body[..body.len().min(99)])));
        }
        for media_type in OTHER_MEDIA_TYPES {
            for body in ["", "{}", "x"] {
                let answer = api.send(request().header("content-type", media_type).body(body)).await;
                are_alike(&answer, &plain, &(method, path, media_type, body));
            }
        }
    }
    watched.nothing_happened().await;

    // What is meant to happen does, whatever the body says.
    let signed_out =
        |token: String| api.send(api.request("DELETE", "/v1/sessions/current").bearer_auth(token).body("]"));
    assert_eq!(signed_out(last.clone()).await.status, 204);
    api.session(&last).await.is_problem(401, "session_invalid");
}

/// RFC 9110, section 9.3.2: what `meta` answers to `GET`, it answers to `HEAD` without a body. Without origins that
/// may call, `OPTIONS` is a method like any other that a path doesn't have.
#[tokio::test]
async fn head_is_get_without_a_body_and_options_is_no_method() {
    let watched = Watched::start().await;
    let api = &watched.api;
    for route in ROUTES {
        let path = route.path.replace("{challenge_id}", UNKNOWN);
        let head = api.send(api.request("HEAD", &path)).await;
        if route.function == "meta" {
            let get = api.send(api.request("GET", &path)).await;
            let (mut of_head, mut of_get) = (shape(&head), shape(&get));
            of_get.2 = json!(null);
            // The length may be left out (section 8.6).
            for (_, headers, _) in [&mut of_head, &mut of_get] {
                headers.retain(|(name, _)| !["content-length", "transfer-encoding"].contains(&name.as_str()));
            }
            assert_eq!(of_head, of_get, "{path}");
        } else {
            assert_eq!(head.status, 405, "{path}");
        }
        let options = api.send(api.request("OPTIONS", &path)).await;
        options.is_problem(405, "method_not_allowed");
        let others = ROUTES.iter().filter(|other| path_matches(other.path, &path));
        let mut methods: Vec<&str> = others.map(|other| other.method).collect();
        if route.function == "meta" {
            methods.push("HEAD");
        }
        assert_eq!(options.header("allow"), methods.join(", "), "{path}");
    }
    assert_eq!(api.send(api.request("HEAD", "/nowhere")).await.status, 404);
    api.send(api.request("OPTIONS", "/nowhere")).await.is_problem(404, "not_found");
    watched.nothing_happened().await;
}

/// Sends bytes as they are, and fails unless there is an answer with a status that doesn't say it is our fault. No
/// request here may just end with its connection.
#[track_caller]
fn is_answered(api: &Api, request: &[u8]) {
    let shown = String::from_utf8_lossy(request);
    let mut stream = TcpStream::connect(api.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that has seen enough may stop reading.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        // Then what it had not read is thrown away with the connection, after the answer.
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "no end of the answer to {shown}");
    }
    let text = String::from_utf8_lossy(&bytes);
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    let status = status.unwrap_or_else(|| panic!("no answer to {shown}: {text}"));
    assert!((200..500).contains(&status), "{shown}{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_no_client_would_send_are_never_our_fault() {
    let watched = Watched::start().await;
    let paths: [&[u8]; 16] = [
        b"/v1/health",
        b"/\xc3\xa9",
        b"/\xff\xfe",
        b"/v1/\"quoted\"",
        b"/<>",
        b"/{}",
        b"/|",
        b"/\\..\\..",
        b"/^`",
        b"*",
        b"http://evil.example/v1/health",
        b"http://evil.example",
        b"//evil.example/v1/health",
        b"evil.example:443",
        b"/a#fragment",
        b"/?\xff",
    ];
    let methods = ["GET", "POST", "OPTIONS", "HEAD", "CONNECT", "TRACE", "BREW", "get", "G\u{e9}T"];
    for method in methods {
        for path in paths {
            for host in ["Host: 127.0.0.1\r\n", "", "Host: a\r\nHost: b\r\n"] {
                let request = [
                    method.as_bytes(),
                    b" ",
                    path,
                    b" HTTP/1.1\r\n",
                    host.as_bytes(),
                    b"Connection: close\r\n\r\n",
                ]
                .concat();
                is_answered(&watched.api, &request);
            }
        }
    }
    for headers in [
        "Authorization: Bearer \u{e9}",
        "Authorization:",
        "Content-Length: 5",
        "Content-Length: -1",
        "Transfer-Encoding: nonsense",
        "Transfer-Encoding: chunked",
        "X-A: b\r\n folded",
        "No colon",
        "Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
    ] {
        for path in ["/v1/health", "/v1/sessions/current", "/v1/sessions", "/v1/password"] {
            let request =
                format!("POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n\r\n");
            // What waits for a body that doesn't come is waited for no longer than it takes to say so.
            let complete = if headers.contains("Length: 5") { format!("{request}12345") } else { request };
            let complete = if headers.ends_with("chunked") { format!("{complete}zz\r\n") } else { complete };
            is_answered(&watched.api, complete.as_bytes());
        }
    }
    watched.nothing_happened().await;
}
