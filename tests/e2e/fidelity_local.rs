//! The events that the local stack makes have the shape of API Gateway's.

use axum::http::Request;
use serde_json::Value;

/// Where API Gateway sends null, and nothing else, in one of the fixtures at least.
const NULL: [&str; 15] = [
    ".queryStringParameters",
    ".multiValueQueryStringParameters",
    ".pathParameters",
    ".stageVariables",
    ".body",
    ".requestContext.identity.accessKey",
    ".requestContext.identity.accountId",
    ".requestContext.identity.caller",
    ".requestContext.identity.cognitoAuthenticationProvider",
    ".requestContext.identity.cognitoAuthenticationType",
    ".requestContext.identity.cognitoIdentityId",
    ".requestContext.identity.cognitoIdentityPoolId",
    ".requestContext.identity.principalOrgId",
    ".requestContext.identity.user",
    ".requestContext.identity.userArn",
];

/// Fails unless two values are of the same shape: the same members of the same types. What stands in the maps
/// that hold data may differ.
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
        (Value::Null, Value::Null) => assert!(NULL.contains(&place), "{place} is null"),
        _ => assert_eq!(
            std::mem::discriminant(ours),
            std::mem::discriminant(theirs),
            "{place}: {ours} and {theirs}"
        ),
    }
}

#[test]
fn the_local_stacks_events_have_the_shape_of_the_gateways() {
    let get = |path: &str| Request::get(path).body(String::new()).unwrap();
    let verify = Request::post("/v1/challenges/6NVGNCWB9QZ4RK1M8DXT5A2HJF/verify?source=a&source=b&lang=sv")
        .header("content-type", "application/json")
        .body(r#"{"code":"123456"}"#.to_owned());
    for (expected, request, fixture) in [
        ("verify-code", verify.unwrap(), include_str!("../fixtures/rest-event.json")),
        // Neither a body nor a query nor a parameter of the path.
        ("meta", get("/v1/health"), include_str!("../fixtures/rest-event-get.json")),
        // What no route matches.
        ("meta", get("/nothing/here%20"), include_str!("../fixtures/rest-event-fallback.json")),
    ] {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("host", "127.0.0.1:8080".parse().unwrap());
        parts.headers.insert("user-agent", "fixture/1.0".parse().unwrap());
        let (function, ours) = regain_harness::event(&Request::from_parts(parts, body));
        let theirs: Value = serde_json::from_str(fixture).unwrap();
        assert_eq!(function, expected);
        same_shape("", &ours, &theirs);
        for member in [
            "resource",
            "path",
            "httpMethod",
            "queryStringParameters",
            "multiValueQueryStringParameters",
            "pathParameters",
            "body",
            "isBase64Encoded",
        ] {
            assert_eq!(ours[member], theirs[member], "{member}");
        }
        assert_eq!(ours["requestContext"]["resourcePath"], theirs["requestContext"]["resourcePath"]);
        // The functions answer to both alike, so it is the whole of what they get that is compared.
        for name in ["user-agent", "x-forwarded-for", "x-forwarded-proto", "x-amzn-trace-id"] {
            let has = |event: &Value| {
                event["headers"].as_object().unwrap().keys().any(|key| key.eq_ignore_ascii_case(name))
            };
            assert!(has(&ours) && has(&theirs), "{name}");
        }
    }
}

#[test]
#[should_panic(expected = ".requestContext.stage")]
fn null_is_no_shape_of_a_text() {
    let theirs: Value = serde_json::from_str(include_str!("../fixtures/rest-event.json")).unwrap();
    let mut ours = theirs.clone();
    ours["requestContext"]["stage"] = Value::Null;
    same_shape("", &ours, &theirs);
}
