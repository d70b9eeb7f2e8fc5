//! The real functions and API Gateway's real events: whole ones of both kinds, for every route; what is odd or
//! missing is in `fidelity_sparse`, and the local stack's own events in `fidelity_local`.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use regain_harness::{Harness, Instance};
use regain_http_api::routes::ROUTES;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::contract_document::CONTRACT;
use crate::harness::Answer;
use crate::round_trips::start_all;

/// A request, and what its function answers to it.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) function: &'static str,
    pub(crate) method: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    /// Whether it has the token of a session that begins for it.
    pub(crate) signed_in: bool,
    pub(crate) status: u16,
    /// The problem's code, if it is one.
    pub(crate) code: &'static str,
}

/// A challenge that nobody opened; it is in the form of one.
const UNKNOWN: &str = "6NVGNCWB9QZ4RK1M8DXT5A";
const ALICE: &str = "alice@example.com";
const PASSWORD: &str = "an old and well known secret";
const RIGHT: &str = r#"{"identifier":"alice@example.com","password":"an old and well known secret"}"#;
const WRONG: &str = r#"{"identifier":"nobody@example.com","password":"x"}"#;

const VERIFY: &str = "/v1/challenges/{challenge_id}/verify";

const fn sample(
    function: &'static str,
    method: &'static str,
    path: &'static str,
    status: u16,
    code: &'static str,
) -> Sample {
    Sample { function, method, resource: path, path, body: "", signed_in: false, status, code }
}

impl Sample {
    const fn with(self, body: &'static str) -> Self {
        Self { body, ..self }
    }

    const fn at(self, resource: &'static str) -> Self {
        Self { resource, ..self }
    }

    const fn signed_in(self) -> Self {
        Self { signed_in: true, ..self }
    }
}

/// At least one for each route, and what no route matches.
pub(crate) const SAMPLES: [Sample; 23] = [
    sample("request-code", "POST", "/v1/challenges", 202, "")
        .with(r#"{"identifier":"somebody@example.com"}"#),
    sample("resend-code", "POST", "/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A/resend", 404, "challenge_not_found")
        .with("{}")
        .at("/v1/challenges/{challenge_id}/resend"),
    sample("verify-code", "POST", "/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A/verify", 404, "challenge_not_found")
        .with(r#"{"code":"123456"}"#)
        .at(VERIFY),
    sample("verify-code", "POST", "/v1/challenges/%F0%9F%98%80%2F..%20/verify", 404, "challenge_not_found")
        .with(r#"{"code":"123456"}"#)
        .at(VERIFY),
    sample("set-password", "POST", "/v1/password", 401, "verification_token_invalid")
        .with(r#"{"password":"seven green lamps by the sea"}"#),
    sample("meta", "GET", "/v1/password-policy", 200, ""),
    sample("sessions", "POST", "/v1/sessions", 201, "").with(RIGHT),
    sample("sessions", "POST", "/v1/sessions", 401, "credentials_invalid").with(WRONG),
    sample("sessions", "DELETE", "/v1/sessions", 204, "").signed_in(),
    sample("sessions", "DELETE", "/v1/sessions", 401, "session_invalid"),
    sample("sessions", "GET", "/v1/sessions/current", 200, "").signed_in(),
    sample("sessions", "GET", "/v1/sessions/current", 401, "session_invalid"),
    sample("sessions", "DELETE", "/v1/sessions/current", 204, "").signed_in(),
    sample("sessions", "DELETE", "/v1/sessions/current", 401, "session_invalid"),
    sample("meta", "GET", "/v1/health", 200, ""),
    sample("meta", "GET", "/openapi.json", 200, ""),
    sample("meta", "GET", "/.well-known/change-password", 302, ""),
    sample("meta", "GET", "/nothing/here%20", 404, "not_found").at("/{proxy+}"),
    sample("meta", "PUT", "/v1/password", 405, "method_not_allowed").with("{}"),
    sample("meta", "HEAD", "/openapi.json", 200, ""),
    // Its answer has no body either, and so no code.
    sample("meta", "HEAD", "/v1/sessions/current", 405, ""),
    sample("meta", "OPTIONS", "/v1/sessions", 405, "method_not_allowed"),
    sample("pages", "GET", "/", 302, ""),
];

#[test]
fn every_route_has_a_sample() {
    let sampled: BTreeSet<_> =
        SAMPLES.iter().map(|sample| (sample.function, sample.method, sample.resource)).collect();
    for route in ROUTES {
        assert!(sampled.contains(&(route.function, route.method, route.path)), "{route:?}");
    }
}

/// The two kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rest,
    Http,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Rest, Self::Http];
}

/// Gives an event a header: to REST APIs' each value, to HTTP APIs' with commas between them, as API Gateway does
/// (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs").
pub(crate) fn set_header(event: &mut Value, kind: Kind, name: &str, values: &[&str]) {
    match kind {
        Kind::Rest => {
            event["headers"][name] = values.last().copied().into();
            event["multiValueHeaders"][name] = json!(values);
        }
        Kind::Http => event["headers"][name.to_lowercase()] = values.join(",").into(),
    }
}

impl Sample {
    /// The sample as an event of its kind: the fixture, with what the sample says. `base` comes before the
    /// path, as a custom domain's base path or a stage does.
    pub(crate) fn event(&self, kind: Kind, base: &str) -> Value {
        let path = format!("{base}{}", self.path);
        let body = if self.body.is_empty() { Value::Null } else { self.body.into() };
        let parameters = if self.resource == "/{proxy+}" {
            json!({ "proxy": self.path.trim_start_matches('/') })
        } else if self.resource.contains('{') {
            json!({ "challenge_id": UNKNOWN })
        } else {
            Value::Null
        };
        let mut event = fixture(kind);
        match kind {
            Kind::Rest => {
                event["resource"] = self.resource.into();
                event["path"] = path.as_str().into();
                event["httpMethod"] = self.method.into();
                event["requestContext"]["httpMethod"] = self.method.into();
                event["requestContext"]["path"] = path.into();
                event["requestContext"]["resourcePath"] = self.resource.into();
            }
            Kind::Http => {
                let route = format!("{} {}", self.method, self.resource);
                event["routeKey"] = route.as_str().into();
                event["rawPath"] = path.as_str().into();
                event["requestContext"]["routeKey"] = route.into();
                event["requestContext"]["http"]["method"] = self.method.into();
                event["requestContext"]["http"]["path"] = path.into();
            }
        }
        event["pathParameters"] = parameters;
        event["body"] = body;
        event
    }
}

pub(crate) fn fixture(kind: Kind) -> Value {
    let text = match kind {
        Kind::Rest => include_str!("../fixtures/rest-event.json"),
        Kind::Http => include_str!("../fixtures/http-event.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// The functions, each in its process.
pub(crate) struct Functions {
    pub(crate) harness: Harness,
    instances: Vec<Instance>,
}

impl Functions {
    pub(crate) async fn start() -> Self {
        let harness = Harness::start(&[("REGAIN_ARGON2_MEMORY_KIB", "64")]).await.unwrap();
        harness.add_account(ALICE, None, PASSWORD).await.unwrap();
        let instances = start_all(&harness).await;
        Self { harness, instances }
    }

    /// The sample as an event, with the token of a new session if it wants one.
    pub(crate) async fn event(&self, sample: &Sample, kind: Kind, base: &str) -> Value {
        let mut event = sample.event(kind, base);
        if sample.signed_in {
            set_header(&mut event, kind, "Authorization", &[&format!("Bearer {}", self.session().await)]);
        }
        event
    }

    /// The token of a new session.
    pub(crate) async fn session(&self) -> String {
        let sign_in = sample("sessions", "POST", "/v1/sessions", 201, "").with(RIGHT);
        self.expect(&sign_in, &sign_in.event(Kind::Rest, "")).await.text("session_token")
    }

    /// The answer of a function. It answers whatever comes, and says which request that was.
    pub(crate) async fn answer(&self, function: &str, event: &Value) -> Answer {
        let answer =
            self.harness.invoke(function, event).await.unwrap_or_else(|e| panic!("{function}: {e} {event}"));
        let answer = answer_of(&answer);
        assert!(!answer.header("x-request-id").is_empty(), "{event}");
        answer
    }

    /// The answer of a function to a sample's event, held to the sample and to the document.
    pub(crate) async fn expect(&self, sample: &Sample, event: &Value) -> Answer {
        let answer = self.answer(sample.function, event).await;
        let is = (answer.status.as_u16(), answer.code());
        assert_eq!(is, (sample.status, sample.code), "{event} {answer:?}");
        CONTRACT.check(sample.method, sample.path, &answer);
        answer
    }

    /// Fails if a process has ended.
    pub(crate) fn check_alive(&mut self) {
        for instance in &mut self.instances {
            assert!(!instance.has_ended(), "a function has ended");
        }
    }
}

/// The answer that API Gateway makes of a function's.
pub(crate) fn answer_of(event: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in event["headers"].as_object().into_iter().flatten() {
        headers.insert(
            HeaderName::try_from(name).unwrap(),
            HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
        );
    }
    for (name, values) in event["multiValueHeaders"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name).unwrap();
        headers.remove(&name);
        for value in values.as_array().unwrap() {
            headers.append(&name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
        }
    }
    assert_eq!(event["isBase64Encoded"], false, "{event}");
    let body = event["body"].as_str().filter(|body| !body.is_empty());
    Answer {
        status: StatusCode::from_u16(event["statusCode"].as_u64().unwrap().try_into().unwrap()).unwrap(),
        headers,
        // A page is no JSON.
        body: body.map_or(Value::Null, |body| serde_json::from_str(body).unwrap_or_else(|_| body.into())),
    }
}

#[tokio::test]
async fn whole_events_of_both_kinds_are_answered_alike() {
    let mut functions = Functions::start().await;
    for sample in &SAMPLES {
        // The default endpoint, whose events of the second kind have the stage in the path; a custom domain at
        // its root; one with a base path; one with a long base path.
        for base in ["", "/prod", "/auth", "/public/auth"] {
            for kind in Kind::ALL {
                let answer = functions.expect(sample, &functions.event(sample, kind, base).await).await;
                let id = fixture(kind)["requestContext"]["requestId"].as_str().unwrap().to_owned();
                assert_eq!(answer.header("x-request-id"), id);
                match (sample.status, sample.path) {
                    // A page leads on below whatever path the API has.
                    (302, "/") => assert!(answer.header("location").ends_with("/account"), "{answer:?}"),
                    (302, _) => assert_eq!(answer.header("location"), "https://example.com/change-password"),
                    (204, _) => assert_eq!(answer.body, Value::Null),
                    (200, "/openapi.json") if sample.method == "GET" => {
                        assert_eq!(answer.body, regain_harness::openapi::document());
                    }
                    _ => {}
                }
            }
        }
    }
    functions.check_alive();
}

#[tokio::test]
async fn a_body_in_base64_is_the_same_body() {
    let functions = Functions::start().await;
    for sample in SAMPLES.iter().filter(|sample| !sample.body.is_empty()) {
        for kind in Kind::ALL {
            let mut event = sample.event(kind, "");
            event["body"] = BASE64.encode(sample.body.as_bytes()).into();
            event["isBase64Encoded"] = true.into();
            functions.expect(sample, &event).await;
        }
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_however_large_the_event_is() {
    let mut functions = Functions::start().await;
    // Lambda's events have up to 6 MB.
    for (size, status, code) in [
        (8 * 1024, 202, ""),
        (8 * 1024 + 1, 413, "body_too_large"),
        (1_000_000, 413, "body_too_large"),
        (5_900_000, 413, "body_too_large"),
    ] {
        for kind in Kind::ALL {
            for is_base64 in [false, true] {
                let sample = Sample { status, code, ..SAMPLES[0].clone() };
                let body = format!("{}{}", sample.body, " ".repeat(size - sample.body.len()));
                let mut event = sample.event(kind, "");
                event["body"] = if is_base64 { BASE64.encode(body.as_bytes()).into() } else { body.into() };
                event["isBase64Encoded"] = is_base64.into();
                functions.expect(&sample, &event).await;
            }
        }
    }
    functions.check_alive();
}

#[tokio::test]
async fn a_header_that_comes_twice_is_refused_or_one_value_as_the_gateway_has_it() {
    let functions = Functions::start().await;
    let [one, other] = ["0123456789abcdef", "fedcba9876543210"];
    let request = &SAMPLES[0];
    for kind in Kind::ALL {
        let answer = |sample: Sample, name: &'static str, values: Vec<String>| {
            let functions = &functions;
            async move {
                let mut event = sample.event(kind, "");
                set_header(&mut event, kind, name, &values.iter().map(String::as_str).collect::<Vec<_>>());
                functions.expect(&sample, &event).await
            }
        };
        let refused = |status, code| Sample { status, code, ..request.clone() };
        for [first, second] in
            [["text/plain", "application/json"], ["application/json", "text/plain"], ["application/json"; 2]]
        {
            let sample = refused(415, "unsupported_media_type");
            answer(sample, "Content-Type", vec![first.to_owned(), second.to_owned()]).await;
        }
        // The values of HTTP APIs are one by then, which may be a key.
        let keys = match kind {
            Kind::Rest => refused(400, "invalid_request"),
            Kind::Http => request.clone(),
        };
        answer(keys.clone(), "Idempotency-Key", vec![one.to_owned(), other.to_owned()]).await;
        answer(keys, "Idempotency-Key", vec![one.to_owned(); 2]).await;
        let long = refused(400, "invalid_request");
        answer(long, "Idempotency-Key", vec!["k".repeat(128); 2]).await;

        let token = functions.session().await;
        let bearer = |token: &str| format!("Bearer {token}");
        let current = sample("sessions", "GET", "/v1/sessions/current", 401, "session_invalid");
        for tokens in [[&token, &token], [&token, &"A".repeat(64)], [&"A".repeat(64), &token]] {
            answer(current.clone(), "Authorization", tokens.map(|token| bearer(token)).to_vec()).await;
        }
        let alone = Sample { status: 200, code: "", ..current };
        answer(alone, "Authorization", vec![bearer(&token)]).await;
    }
}

/// Two keys that came as one are one key: the same again has one effect, and neither of them is it.
#[tokio::test]
async fn keys_that_http_apis_join_are_a_key_of_their_own() {
    let functions = Functions::start().await;
    let request = &SAMPLES[0];
    let call = async |keys: &[&str]| {
        let mut event = request.event(Kind::Http, "");
        set_header(&mut event, Kind::Http, "Idempotency-Key", keys);
        functions.expect(request, &event).await.text("challenge_id")
    };
    let [one, other] = ["0123456789abcdef", "fedcba9876543210"];
    let both = call(&[one, other]).await;
    assert_eq!(both, call(&[one, other]).await);
    let rest = [call(&[other, one]).await, call(&[one]).await, call(&[other]).await];
    assert!(!rest.contains(&both));
}
