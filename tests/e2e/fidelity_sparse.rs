//! Events that lack something, or have what is odd: they are answered all the same, and end no function.

use serde_json::{Value, json};

use crate::fidelity::{Functions, Kind, SAMPLES, Sample, fixture};

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
        let mut http = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": sample.path,
            "headers": { "content-type": "application/json" },
            "requestContext": { "http": { "method": sample.method } },
            "body": sample.body, "isBase64Encoded": false,
        });
        if sample.resource == "/{proxy+}" {
            rest["pathParameters"] = json!({ "proxy": "nothing/here%20" });
        }
        for event in [&mut rest, &mut http] {
            if sample.signed_in {
                event["headers"]["authorization"] = format!("Bearer {}", functions.session().await).into();
            }
            functions.expect(sample, event).await;
        }
    }
    functions.check_alive();
}

/// Every member of an event, however deep it stands, as a pointer.
fn members(event: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in event.as_object().into_iter().flatten() {
        let name = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        found.extend(members(value).into_iter().map(|inner| format!("{name}{inner}")));
        found.push(name);
    }
    found
}

/// The event without a member, and with null in its place.
fn without(event: &Value, member: &str) -> [Value; 2] {
    let (parent, name) = member.rsplit_once('/').unwrap();
    let [mut lacks, mut has_null] = [event.clone(), event.clone()];
    lacks.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    *has_null.pointer_mut(member).unwrap() = Value::Null;
    [lacks, has_null]
}

/// The answer to a sample without a member; none if it stays as it is.
fn changed(kind: Kind, member: &str, sample: &Sample) -> Option<(u16, &'static str)> {
    let takes_a_body = sample.method == "POST";
    match (kind, member) {
        // What makes up the request.
        (Kind::Rest, "/path") | (Kind::Http, "/rawPath") if sample.resource != "/{proxy+}" => {
            Some((404, "not_found"))
        }
        (Kind::Rest, "/httpMethod")
        | (Kind::Http, "/requestContext" | "/requestContext/http" | "/requestContext/http/method")
            if sample.resource != "/{proxy+}" =>
        {
            Some((405, "method_not_allowed"))
        }
        (_, "/body") if takes_a_body => Some((400, "invalid_request")),
        (Kind::Rest, "/multiValueHeaders/Content-Type")
        | (Kind::Http, "/headers" | "/headers/content-type")
            if takes_a_body =>
        {
            Some((415, "unsupported_media_type"))
        }
        _ => None,
    }
}

#[tokio::test]
async fn an_event_without_any_of_its_members_is_answered() {
    let mut functions = Functions::start().await;
    let verify = SAMPLES.iter().find(|sample| sample.function == "verify-code").unwrap();
    let health = SAMPLES.iter().find(|sample| sample.path == "/v1/health").unwrap();
    let fallback = SAMPLES.iter().find(|sample| sample.resource == "/{proxy+}").unwrap();
    for sample in [verify, health, fallback] {
        for kind in Kind::ALL {
            let event = sample.event(kind, "");
            let all = members(&event);
            for known in
                ["/body", "/headers", "/requestContext", "/requestContext/requestId", "/requestContext/stage"]
            {
                assert!(all.iter().any(|member| member == known), "{known}");
            }
            for (member, sparse) in
                all.iter().flat_map(|member| without(&event, member).map(|event| (member, event)))
            {
                let answer = functions.answer(sample.function, &sparse).await;
                let expected = changed(kind, member, sample).unwrap_or((sample.status, sample.code));
                let is = (answer.status.as_u16(), answer.code());
                assert_eq!(is, expected, "{kind:?} {} without {member}: {answer:?}", sample.path);
                let id = &fixture(kind)["requestContext"]["requestId"];
                // Without the gateway's name for the request, it is Lambda's.
                let has_another = ["/requestContext", "/requestContext/requestId"].contains(&member.as_str());
                assert_eq!(answer.header("x-request-id") != id, has_another, "{kind:?} without {member}");
            }
        }
    }
    functions.check_alive();
}

#[tokio::test]
async fn an_event_without_several_of_its_members_is_answered() {
    let mut functions = Functions::start().await;
    for sample in &SAMPLES {
        for kind in Kind::ALL {
            let mut event = sample.event(kind, "");
            event["headers"] = Value::Null;
            event["multiValueHeaders"] = Value::Null;
            let answer = functions.answer(sample.function, &event).await;
            let is = (answer.status.as_u16(), answer.code());
            let expected = match (sample.method, sample.signed_in) {
                ("POST", _) if !sample.path.contains('%') => (415, "unsupported_media_type"),
                (_, true) => (401, "session_invalid"),
                _ => (sample.status, sample.code),
            };
            assert_eq!(is, expected, "{event} {answer:?}");
        }
        for event in [json!({}), json!({"requestContext": null}), json!({"headers": null, "body": null})] {
            let answer = functions.answer(sample.function, &event).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"), "{event} {answer:?}");
        }
    }
    functions.check_alive();
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
        for kind in Kind::ALL {
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
                let answer = functions.answer(sample.function, &event).await;
                assert!(answer.status.as_u16() < 500, "{event} {answer:?}");
            }
        }
    }
    functions.check_alive();
}
