//! Bad input, systematically: every operation, every member, every way to be wrong. The named problem comes
//! back, nothing is stored, nothing is sent, and it is never our fault.
//!
//! Here are bodies and paths. `contract_bad_values` has what stands in members and headers, `contract_headers`
//! and `contract_odd_requests` what lies and what no client would send. Each test has a stack of its own, so
//! that the table and the inbox can be compared before and after. The client holds every answer to the
//! document besides.

use regain_http_api::routes::ROUTES;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Api, Person, Stack};

/// A challenge that nobody opened.
pub(crate) const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Every operation with a body, with a body that it takes.
pub(crate) fn operations() -> Vec<(String, Map<String, Value>)> {
    let posts = ROUTES.iter().filter(|route| route.method == "POST");
    let operation = |path: &str| {
        let body = match path {
            "/v1/challenges" => json!({
                "identifier": "bad-input@example.com", "channel": "email", "purpose": "password_reset",
                "locale": "sv", "postal_code": "11455",
            }),
            "/v1/challenges/{challenge_id}/resend" => json!({"channel": "email"}),
            "/v1/challenges/{challenge_id}/verify" => json!({"code": "123456"}),
            "/v1/password" => json!({"password": "a password that is long"}),
            "/v1/sessions" => json!({"identifier": "bad-input@example.com", "password": "x"}),
            _ => panic!("what does {path} take?"),
        };
        let Value::Object(body) = body else { unreachable!() };
        (path.replace("{challenge_id}", UNKNOWN), body)
    };
    posts.map(|route| operation(route.path)).collect()
}

/// A request with a token, as far as an operation wants one.
pub(crate) fn post(
    api: &Api,
    path: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> RequestBuilder {
    api.request("POST", path)
        .bearer_auth("A".repeat(64))
        .header("content-type", content_type)
        .body(body.into())
}

/// A stack, with what it stores and what it sent; a stage that others use too is not watched.
pub(crate) struct Watched {
    stack: Stack,
    pub(crate) api: Api,
    before: Option<(String, Value)>,
}

impl Watched {
    pub(crate) async fn start() -> Self {
        let stack = Stack::start(&[]);
        let api = stack.client();
        let before = Self::state(&stack, &api).await;
        Self { stack, api, before }
    }

    /// Somebody with an account, who must hear nothing.
    pub(crate) fn person(&self) -> Person {
        self.stack.person()
    }

    /// Compares with what there is now from here on, after something was meant to happen.
    pub(crate) async fn look_again(&mut self) {
        self.before = Self::state(&self.stack, &self.api).await;
    }

    async fn state(stack: &Stack, api: &Api) -> Option<(String, Value)> {
        if !stack.is_its_own() {
            return None;
        }
        let messages = api.http.get(format!("{}/messages", api.inbox)).send().await.unwrap();
        Some((stack.items().await, messages.json().await.unwrap()))
    }

    /// Fails unless a body that is no JSON object is refused with this problem. On a stage the gateway may refuse
    /// it as such before the function sees how large it is, or of which type.
    #[track_caller]
    fn is_refused(&self, answer: &Answer, status: u16, code: &str) {
        if !self.stack.is_its_own() && answer.code() == "invalid_request" {
            answer.is_problem(400, "invalid_request");
        } else {
            answer.is_problem(status, code);
        }
    }

    /// Fails if anything was stored or sent since the start.
    pub(crate) async fn nothing_happened(&self) {
        assert_eq!(Self::state(&self.stack, &self.api).await, self.before);
    }
}

pub(crate) fn text(body: &Map<String, Value>) -> String {
    Value::Object(body.clone()).to_string()
}

/// The body with one member's JSON text in another form.
fn with_raw(body: &Map<String, Value>, member: &str, raw: &[u8]) -> Vec<u8> {
    let mut result = b"{".to_vec();
    for (n, (name, value)) in body.iter().enumerate() {
        result.extend(if n == 0 { "" } else { "," }.bytes());
        result.extend(format!("\"{name}\":").bytes());
        if name == member {
            result.extend(raw);
        } else {
            result.extend(value.to_string().bytes());
        }
    }
    result.push(b'}');
    result
}

/// JSON values of every type but text, and texts that aren't JSON's.
fn wrong_values() -> Vec<Vec<u8>> {
    let nested = |n: usize, open: &str, close: &str| format!("{}1{}", open.repeat(n), close.repeat(n));
    let mut values: Vec<Vec<u8>> = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "1e999",
        "-0",
        "9999999999999999999999",
        "[]",
        "{}",
        "[\"a\"]",
        "[[\"a\"]]",
        "{\"a\":1}",
        "{\"$ne\":null}",
        "NaN",
        "Infinity",
        "undefined",
        "'a'",
        "a",
        "",
        "\"a",
        "\"\\\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udfff\"",
        "\"\\ud800\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"a\u{0}b\"",
        "\"a\nb\"",
        "\"a\u{1f}b\"",
    ]
    .map(|value| value.as_bytes().to_vec())
    .into();
    for n in [100, 127, 128, 1_000, 3_000] {
        values.push(nested(n, "[", "]").into_bytes());
    }
    values.push(nested(1_000, "{\"a\":", "}").into_bytes());
    values
}

/// Not UTF-8: a stray byte, an overlong slash, a surrogate, a number beyond Unicode, half a character.
const NO_TEXTS: [&[u8]; 5] = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"];

/// Whole bodies that aren't this one.
pub(crate) fn wrong_bodies(body: &Map<String, Value>) -> Vec<Vec<u8>> {
    let good = text(body);
    let mut bodies: Vec<Vec<u8>> = (0..good.len()).map(|length| good.as_bytes()[..length].to_vec()).collect();
    bodies.extend(
        [" ", "{}", "{} {}", "null", "true", "1", "\"text\"", "[]", "[[]]", "[{}]"]
            .map(|b| b.as_bytes().to_vec()),
    );
    bodies.push(format!("[{good}]").into_bytes());
    bodies.push(Value::from(good.clone()).to_string().into_bytes());
    for around in ["{}", "x", "\0", ",", "//", "/**/", ";"] {
        bodies.push(format!("{good}{around}").into_bytes());
        bodies.push(format!("{around}{good}").into_bytes());
    }
    bodies.push(good.replace('}', ",}").into_bytes());
    bodies.push(good.replace('"', "'").into_bytes());
    bodies.push([b"\xef\xbb\xbf", good.as_bytes()].concat());
    bodies.push(good.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push([0xfe, 0xff].into_iter().chain(good.encode_utf16().flat_map(u16::to_be_bytes)).collect());
    bodies.push(format!("{}{good}{}", "{\"a\":".repeat(500), "}".repeat(500)).into_bytes());
    for unknown in
        ["extra", "", "__proto__", "constructor", "Identifier", "PASSWORD", "code ", "\\u0000", "é"]
    {
        bodies.push(format!("{{\"{unknown}\":\"x\",{}", &good[1..]).into_bytes());
    }
    bodies.push(format!("{{\"\\ud800\":\"x\",{}", &good[1..]).into_bytes());
    for (name, value) in body {
        // The same member twice, by another value, and by another spelling of its name.
        let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
        for twin in [name, &escaped] {
            bodies.push(format!("{{\"{twin}\":{value},{}", &good[1..]).into_bytes());
        }
        bodies.push(format!("{{\"{name}\":\"other\",{}", &good[1..]).into_bytes());
        bodies.extend(wrong_values().iter().map(|raw| with_raw(body, name, raw)));
    }
    bodies
}

#[tokio::test]
async fn bodies_that_are_wrong_in_any_way_are_refused() {
    let watched = Watched::start().await;
    for (path, body) in operations() {
        for wrong in wrong_bodies(&body) {
            // What takes an empty object isn't wrong without a member.
            if wrong == b"{}" && path.ends_with("/resend") {
                continue;
            }
            let shown = String::from_utf8_lossy(&wrong).into_owned();
            let answer = watched.api.send(post(&watched.api, &path, "application/json", wrong)).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{path}: {shown}");
        }
        for required in body.keys().filter(|name| ["identifier", "code", "password"].contains(&name.as_str()))
        {
            let mut without = body.clone();
            without.remove(required);
            let request = post(&watched.api, &path, "application/json", text(&without));
            watched.api.send(request).await.is_problem(400, "invalid_request");
        }
    }
    watched.nothing_happened().await;
}

#[tokio::test]
async fn bodies_with_bytes_that_are_no_text_are_refused() {
    let watched = Watched::start().await;
    for (path, body) in operations() {
        for (name, bytes) in body.keys().flat_map(|name| NO_TEXTS.map(|bytes| (name, bytes))) {
            let raw = with_raw(&body, name, &[b"\"", bytes, b"\""].concat());
            let answer = watched.api.send(post(&watched.api, &path, "application/json", raw)).await;
            answer.is_problem(400, "invalid_request");
        }
    }
    watched.nothing_happened().await;
}

/// Content types that aren't JSON's.
pub(crate) const OTHER_MEDIA_TYPES: [&str; 17] = [
    "",
    "text/plain",
    "text/json",
    "application/*",
    "*/*",
    "application/jsonp",
    "application/json-seq",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/json; q=1",
    "application/json;charset=utf-8;charset=latin1",
    "application/xml",
    "json",
    "application/json\u{e9}",
];

#[tokio::test]
async fn bodies_that_are_too_large_or_something_else_are_refused() {
    let watched = Watched::start().await;
    let api = &watched.api;
    for (path, body) in operations() {
        let good = text(&body);
        for size in [8 * 1024 + 1, 100_000, 1_000_000, 1_048_577, 5_000_000] {
            let large =
                post(api, &path, "application/json", format!("{good}{}", " ".repeat(size - good.len())));
            api.send(large).await.is_problem(413, "body_too_large");
            let no_object = post(api, &path, "application/json", "[".repeat(size));
            watched.is_refused(&api.send(no_object).await, 413, "body_too_large");
        }
        for media_type in OTHER_MEDIA_TYPES {
            let request = post(api, &path, media_type, good.clone());
            api.send(request).await.is_problem(415, "unsupported_media_type");
        }
        let twice = post(api, &path, "application/json", good.clone()).header("content-type", "text/plain");
        api.send(twice).await.is_problem(415, "unsupported_media_type");
        let neither = api.send(api.request("POST", &path)).await;
        watched.is_refused(&neither, 415, "unsupported_media_type");
    }
    watched.nothing_happened().await;
}

#[tokio::test]
async fn ids_and_paths_of_every_form_are_answered() {
    let watched = Watched::start().await;
    let api = &watched.api;
    let long = "A".repeat(8_000);
    for id in [
        "A",
        "%",
        "%2",
        "%zz",
        "%00",
        "%20",
        "%2F",
        "%5c",
        "%c0%af",
        "%ff",
        "%ed%a0%80",
        "%F0%9F%A6%80",
        "%25zz",
        "%2525",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAA/AAAAAAAAAA",
        "AAAAAAAAAAA+AAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAA%41A",
        "null",
        "undefined",
        "0",
        "-1",
        "{challenge_id}",
        "*",
        "$ne",
        "'",
        "\"",
        "<script>",
        "a;b=c",
        "a:b",
        "a@b",
        "CHALLENGE%23x",
        &long,
    ] {
        for (action, body) in [("verify", json!({"code": "123456"})), ("resend", json!({}))] {
            let answer = api.post(&format!("/v1/challenges/{id}/{action}"), &body).await;
            let expected = if id.contains('/') { "not_found" } else { "challenge_not_found" };
            assert_eq!((answer.status.as_u16(), answer.code()), (404, expected), "{id}");
        }
    }
    for path in [
        "/%",
        "/%zz",
        "/%00",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1%2Fhealth",
        "/v1/health/",
        "//v1/health",
        "/v1//health",
        "/V1/health",
        "/v1/health%20",
        "/v1/health;a=b",
        "/v1/health.json",
        "/v1/{proxy+}",
        "/{proxy+}",
        "/v1/challenges/",
        "/openapi.json/",
        "/openapi.yaml",
        "/.env",
        "/\u{e9}",
        "/%c3%a9",
    ] {
        api.send(api.request("GET", path)).await.is_problem(404, "not_found");
    }
    api.send(api.request("GET", &format!("/{long}"))).await.is_problem(404, "not_found");
    api.send(api.request("GET", &format!("/{}", "a/".repeat(4_000)))).await.is_problem(404, "not_found");
    for query in ["", "%", "%zz", "a=%ff", "a=%00", "&&&==", "a=1&a=2", "a[]=1", "{}", "?", "é", &long] {
        let path = format!("/v1/health?{query}");
        assert_eq!(api.send(api.request("GET", &path)).await.status, 200, "{query}");
        let path = format!("/v1/sessions/current?{query}&access_token={UNKNOWN}");
        api.send(api.request("GET", &path)).await.is_problem(401, "session_invalid");
    }
    watched.nothing_happened().await;
}
