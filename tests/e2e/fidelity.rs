//! The real functions and API Gateway's real events: whole ones of both kinds, sparse ones, odd ones; and
//! the local stack's own, which are of the same shape.

use axum::http::Request;
use data_encoding::BASE64;
use regain_lab::{Instance, Lab};
use serde_json::{Value, json};

use crate::rounds::start_all;

/// A request that each function answers in a way of its own.
struct Sample {
    function: &'static str,
    method: &'static str,
    resource: &'static str,
    path: &'static str,
    body: &'static str,
    status: u64,
    /// The problem's code, if it is one.
    code: &'static str,
}

const UNKNOWN: &str = "6NVGNCWB9QZ4RK1M8DXT5A2HJF";

const SAMPLES: [Sample; 9] = [
    Sample {
        function: "request-code",
        method: "POST",
        resource: "/v1/challenges",
        path: "/v1/challenges",
        body: r#"{"identifier":"somebody@example.com"}"#,
        status: 202,
        code: "",
    },
    Sample {
        function: "resend-code",
        method: "POST",
        resource: "/v1/challenges/{challenge_id}/resend",
        path: "/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A2HJF/resend",
        body: "{}",
        status: 404,
        code: "challenge_not_found",
    },
    Sample {
        function: "verify-code",
        method: "POST",
        resource: "/v1/challenges/{challenge_id}/verify",
        path: "/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A2HJF/verify",
        body: r#"{"code":"123456"}"#,
        status: 404,
        code: "challenge_not_found",
    },
    Sample {
        function: "verify-code",
        method: "POST",
        resource: "/v1/challenges/{challenge_id}/verify",
        path: "/v1/challenges/%F0%9F%98%80%2F..%20/verify",
        body: r#"{"code":"123456"}"#,
        status: 404,
        code: "challenge_not_found",
    },
    Sample {
        function: "set-password",
        method: "POST",
        resource: "/v1/password",
        path: "/v1/password",
        body: r#"{"password":"seven green lamps by the sea"}"#,
        status: 401,
        code: "verification_token_invalid",
    },
    Sample {
        function: "sessions",
        method: "POST",
        resource: "/v1/sessions",
        path: "/v1/sessions",
        body: r#"{"identifier":"nobody@example.com","password":"x"}"#,
        status: 401,
        code: "credentials_invalid",
    },
    Sample {
        function: "meta",
        method: "GET",
        resource: "/v1/health",
        path: "/v1/health",
        body: "",
        status: 200,
        code: "",
    },
    Sample {
        function: "meta",
        method: "GET",
        resource: "/{proxy+}",
        path: "/nothing/here%20",
        body: "",
        status: 404,
        code: "not_found",
    },
    Sample {
        function: "meta",
        method: "PUT",
        resource: "/v1/password",
        path: "/v1/password",
        body: "{}",
        status: 405,
        code: "method_not_allowed",
    },
];

/// The two kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rest,
    Http,
}

impl Sample {
    /// The sample as an event of its kind: the fixture, with what the sample says. `base` comes before the
    /// path, as a custom domain's base path or a stage does.
    fn event(&self, kind: Kind, base: &str) -> Value {
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

fn fixture(kind: Kind) -> Value {
    let text = match kind {
        Kind::Rest => include_str!("../fixtures/rest-event.json"),
        Kind::Http => include_str!("../fixtures/http-event.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// The functions, each in its process.
struct Functions {
    lab: Lab,
    instances: Vec<Instance>,
}

impl Functions {
    async fn start() -> Self {
        let lab = Lab::start(&[("REGAIN_ARGON2_MEMORY_KIB", "64")]).await.unwrap();
        let instances = start_all(&lab).await;
        Self { lab, instances }
    }

    /// The status and the problem's code of an answer.
    async fn answer(&self, function: &str, event: &Value) -> (u64, String, Value) {
        let answer =
            self.lab.invoke(function, event).await.unwrap_or_else(|e| panic!("{function}: {e} {event}"));
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap();
        let code = body["code"].as_str().unwrap_or_default().to_owned();
        (answer["statusCode"].as_u64().unwrap(), code, answer)
    }

    async fn expect(&self, sample: &Sample, event: &Value) -> Value {
        let (status, code, answer) = self.answer(sample.function, event).await;
        assert_eq!((status, code.as_str()), (sample.status, sample.code), "{event} {answer}");
        answer
    }

    /// Fails if a process has ended.
    fn check_alive(&mut self) {
        for instance in &mut self.instances {
            assert!(!instance.has_ended(), "a function has ended");
        }
    }
}

/// A header of an answer of either kind.
fn header(answer: &Value, name: &str) -> String {
    let all = &answer["multiValueHeaders"][name][0];
    all.as_str().or(answer["headers"][name].as_str()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn whole_events_of_both_kinds_are_answered_alike() {
    let mut functions = Functions::start().await;
    for sample in &SAMPLES {
        // The default endpoint, whose events of the second kind have the stage in the path; a custom domain at
        // its root; one with a base path; one with a long base path.
        for base in ["", "/prod", "/auth", "/public/auth"] {
            for kind in [Kind::Rest, Kind::Http] {
                let answer = functions.expect(sample, &sample.event(kind, base)).await;
                assert_eq!(header(&answer, "cache-control"), "no-store");
                assert_eq!(answer["isBase64Encoded"], false);
                let id = fixture(kind)["requestContext"]["requestId"].as_str().unwrap().to_owned();
                assert_eq!(header(&answer, "x-request-id"), id);
            }
        }
    }
    functions.check_alive();
}

#[tokio::test]
async fn a_body_in_base64_is_the_same_body() {
    let functions = Functions::start().await;
    for sample in SAMPLES.iter().filter(|sample| !sample.body.is_empty()) {
        for kind in [Kind::Rest, Kind::Http] {
            let mut event = sample.event(kind, "");
            event["body"] = BASE64.encode(sample.body.as_bytes()).into();
            event["isBase64Encoded"] = true.into();
            functions.expect(sample, &event).await;
        }
    }
}

#[tokio::test]
async fn what_an_event_may_lack_is_not_needed() {
    let mut functions = Functions::start().await;
    for sample in &SAMPLES {
        let mut rest = json!({
            "resource": sample.resource, "path": sample.path, "httpMethod": sample.method,
            "headers": { "content-type": "application/json" }, "multiValueHeaders": null,
            "requestContext": { "httpMethod": sample.method },
            "body": sample.body,
        });
        let http = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": sample.path,
            "headers": { "content-type": "application/json" },
            "requestContext": { "http": { "method": sample.method } },
            "body": sample.body, "isBase64Encoded": false,
        });
        if sample.resource == "/{proxy+}" {
            rest["pathParameters"] = json!({ "proxy": "nothing/here%20" });
        }
        functions.expect(sample, &rest).await;
        functions.expect(sample, &http).await;
    }
    functions.check_alive();
}

#[tokio::test]
async fn a_header_that_comes_twice_is_two_values() {
    let functions = Functions::start().await;
    let request = &SAMPLES[0];
    let mut event = request.event(Kind::Rest, "");
    event["headers"]["Idempotency-Key"] = "0123456789abcdef".into();
    event["multiValueHeaders"]["Idempotency-Key"] = json!(["fedcba9876543210", "0123456789abcdef"]);
    let (status, code, _) = functions.answer(request.function, &event).await;
    assert_eq!((status, code.as_str()), (400, "invalid_request"));
    let mut event = request.event(Kind::Rest, "");
    event["multiValueHeaders"]["Content-Type"] = json!(["text/plain", "application/json"]);
    let (status, code, _) = functions.answer(request.function, &event).await;
    assert_eq!((status, code.as_str()), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn nothing_odd_ends_a_function() {
    let mut functions = Functions::start().await;
    let long = format!("/{}", "%C3%A5".repeat(20_000));
    let paths =
        ["", "v1", "//", "/%", "/%zz", "/å b", ":80", "?x", "#x", "/\u{0}\n", "/<>\"{}|\\^`[]", &long];
    let hosts = ["", "a b", "[::1", "x:99999999", "x@y:z", "å", "x\r\ny"];
    let headers = [("X-Name", "é"), ("Bad Name", "x"), ("X-Feed", "a\r\nb"), ("", "x"), ("X-Nul", "\u{0}")];
    for sample in &SAMPLES {
        for kind in [Kind::Rest, Kind::Http] {
            let path = if kind == Kind::Rest { "path" } else { "rawPath" };
            let mut events = Vec::new();
            let mut with = |change: &dyn Fn(&mut Value)| {
                let mut event = sample.event(kind, "");
                change(&mut event);
                events.push(event);
            };
            for odd in paths {
                with(&|event| event[path] = (*odd).into());
            }
            for odd in hosts {
                with(&|event| {
                    for name in ["Host", "X-Forwarded-Proto", "X-Forwarded-For"] {
                        event["headers"][name] = odd.into();
                        event["multiValueHeaders"][name] = json!([odd, odd]);
                    }
                    event["requestContext"]["domainName"] = odd.into();
                    event["requestContext"]["stage"] = odd.into();
                });
            }
            for (name, value) in headers {
                with(&|event| {
                    event["headers"][name] = value.into();
                    event["multiValueHeaders"][name] = json!([value]);
                });
            }
            with(&|event| event["rawQueryString"] = "<å> {}|%zz&&=&\u{0}".into());
            with(&|event| event["queryStringParameters"] = json!({ "": "", "å": "<" }));
            with(&|event| event["multiValueQueryStringParameters"] = json!({ "a": [] }));
            with(&|event| event["stageVariables"] = json!({ "a": null }));
            with(&|event| event["cookies"] = json!(["å\r\n"]));
            with(&|event| {
                event["isBase64Encoded"] = true.into();
                event["body"] = "not base64".into();
            });
            for event in events {
                let (status, _, answer) = functions.answer(sample.function, &event).await;
                assert!(status < 500, "{event} {answer}");
            }
        }
    }
    functions.check_alive();
}

/// Fails unless two values are of the same shape: the same members of the same types. What stands in the maps
/// that hold data may differ, and null stands for any type.
fn same_shape(place: &str, ours: &Value, theirs: &Value) {
    const DATA: [&str; 5] = [
        ".headers",
        ".multiValueHeaders",
        ".queryStringParameters",
        ".multiValueQueryStringParameters",
        ".pathParameters",
    ];
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) if DATA.contains(&place) => {
            let kind = |values: &serde_json::Map<String, Value>| values.values().all(Value::is_array);
            assert_eq!(kind(ours), kind(theirs), "{place}");
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let names = |values: &serde_json::Map<String, Value>| {
                let mut names: Vec<_> = values.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(ours), names(theirs), "{place}");
            for (name, value) in ours {
                same_shape(&format!("{place}.{name}"), value, &theirs[name]);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ => assert_eq!(
            std::mem::discriminant(ours),
            std::mem::discriminant(theirs),
            "{place}: {ours} and {theirs}"
        ),
    }
}

#[test]
fn the_local_stacks_events_have_the_shape_of_the_gateways() {
    let request = Request::post("/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A2HJF/verify?source=a&source=b&lang=sv")
        .header("host", "127.0.0.1:8080")
        .header("user-agent", "fixture/1.0")
        .header("content-type", "application/json")
        .body(r#"{"code":"123456"}"#.to_owned())
        .unwrap();
    let (function, ours) = regain_lab::event(&request);
    let theirs = fixture(Kind::Rest);
    assert_eq!(function, "verify-code");
    same_shape("", &ours, &theirs);
    for member in ["resource", "path", "httpMethod", "queryStringParameters", "pathParameters", "body"] {
        assert_eq!(ours[member], theirs[member], "{member}");
    }
    // The functions answer to both alike, so it is the whole of what they get that is compared.
    for name in ["content-type", "user-agent", "x-forwarded-for", "x-forwarded-proto", "x-amzn-trace-id"] {
        let has = |event: &Value| {
            event["headers"].as_object().unwrap().keys().any(|key| key.eq_ignore_ascii_case(name))
        };
        assert!(has(&ours) && has(&theirs), "{name}");
    }
}
