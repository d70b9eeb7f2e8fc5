//! Pages of other sites in a developer's browser: they read nothing of the local stack and change nothing, by none of
//! its listeners. The one that has no address outside, the Runtime API, is tried beside its code.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::Stack;

/// A request that is read by each listener: method, path, more headers, body.
type Call = (&'static str, &'static str, &'static str, &'static str);

const SCAN: &str = "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n\
    X-Amz-Date: 20261124T000000Z\r\n\
    Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f\r\n";

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Where each listener is, and calls of it that are answered with 200.
fn listeners(stack: &Stack) -> Vec<(&str, Vec<Call>)> {
    vec![
        (&stack.api, vec![("GET", "/v1/health", "", ""), ("GET", "/_local/clock", "", "")]),
        (&stack.inbox, vec![("GET", "/messages", "", ""), ("GET", "/", "", ""), ("GET", "/faults", "", "")]),
        (&stack.dynamodb, vec![("GET", "/", "", ""), ("POST", "/", SCAN, "{}")]),
    ]
}

/// The answer to a request with these headers.
fn answer(listener: &str, (method, path, more, body): Call, headers: &str) -> String {
    let mut stream = TcpStream::connect(listener.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{headers}{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[track_caller]
fn is_refused(answer: &str, code: &str) {
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains(code), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
}

#[test]
fn a_domain_that_resolves_to_this_machine_reads_nothing() {
    let stack = Stack::shared();
    for (listener, calls) in listeners(stack) {
        let port = listener.rsplit_once(':').unwrap().1;
        for call in calls {
            for host in ["127.0.0.1", "localhost", "[::1]", "app.localhost", "192.168.1.10", "regain"] {
                let answer = answer(listener, call, &format!("Host: {host}:{port}\r\n"));
                assert!(answer.starts_with("HTTP/1.1 200 "), "{listener} {call:?} {host}: {answer}");
            }
            for host in
                ["rebind.example.com", "127.0.0.1.example.com", "localhost.example.com", "example.com."]
            {
                let answer = answer(listener, call, &format!("Host: {host}:{port}\r\n"));
                is_refused(&answer, "host_not_allowed");
            }
        }
    }
}

#[test]
fn a_page_of_another_origin_reads_and_changes_nothing() {
    let stack = Stack::shared();
    let host = |listener: &str| format!("Host: {}\r\n", listener.trim_start_matches("http://"));
    let changes: [(&str, Call); 5] = [
        (&stack.api, ("PUT", "/_local/clock", "", r#"{"offset_seconds": 0}"#)),
        (&stack.inbox, ("PUT", "/faults", "", "{}")),
        // What a form can send without asking first.
        (&stack.inbox, ("POST", "/", FORM, "Action=Publish&PhoneNumber=%2B46700000000&Message=x")),
        (&stack.dynamodb, ("POST", "/", SCAN, "{}")),
        (&stack.dynamodb, ("POST", "/", "Content-Type: text/plain\r\n", "{}")),
    ];
    for origin in ["https://example.com", "null", "http://127.0.0.1:1"] {
        for (listener, call) in changes {
            let answer = answer(listener, call, &format!("{}Origin: {origin}\r\n", host(listener)));
            is_refused(&answer, "origin_not_allowed");
        }
        for (listener, path) in
            [(&stack.api, "/_local/clock"), (&stack.inbox, "/messages"), (&stack.dynamodb, "/")]
        {
            let preflight =
                format!("{}Origin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n", host(listener));
            is_refused(&answer(listener, ("OPTIONS", path, "", ""), &preflight), "origin_not_allowed");
        }
    }
    for (listener, path) in
        [(&stack.api, "/_local/clock"), (&stack.inbox, "/messages"), (&stack.dynamodb, "/")]
    {
        let embedded = format!("{}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", host(listener));
        is_refused(&answer(listener, ("GET", path, "", ""), &embedded), "origin_not_allowed");
    }
    // The inbox's own page may do all of it.
    let own = format!("{}Origin: {}\r\nSec-Fetch-Site: same-origin\r\n", host(&stack.inbox), stack.inbox);
    let answer = answer(&stack.inbox, ("GET", "/messages", "", ""), &own);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
