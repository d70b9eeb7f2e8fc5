//! From an HTTP request to the event that a function gets: API Gateway's REST proxy format (payload 1.0), see
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>.

use std::net::IpAddr;

use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use data_encoding::BASE64;
use regain_http_api::routes::{FALLBACK_FUNCTION, all, path_matches};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::ids;

const STAGE: &str = "local";

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The function that answers.
    pub function: &'static str,
    /// The gateway's resource: a path template.
    pub resource: &'static str,
}

/// The gateway's knowledge of a request besides the request itself.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The id that the gateway gave the request.
    pub request_id: String,
    /// The address of the connection's other end.
    pub source: IpAddr,
    /// When it arrived.
    pub time: OffsetDateTime,
}

/// Finds the function for a request. What no route matches goes to the function that answers 404 and 405.
#[must_use]
pub fn route(method: &str, path: &str) -> Target {
    let mut resource = if path == "/" { "/" } else { "/{proxy+}" };
    for route in all().filter(|route| path_matches(route.path, path)) {
        resource = route.path;
        if route.method == method {
            return Target { function: route.function, resource };
        }
    }
    Target { function: FALLBACK_FUNCTION, resource }
}

/// The event for a request whose body has been read.
#[must_use]
pub fn build(request: &Parts, body: &Bytes, target: &Target, arrival: &Arrival) -> Value {
    let path = request.uri.path();
    let headers = headers(&request.headers, arrival);
    let query = query(request);
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok("") => (Value::Null, false),
        Ok(text) => (Value::from(text), false),
        Err(_) => (Value::from(BASE64.encode(body)), true),
    };
    json!({
        "resource": target.resource,
        "path": path,
        "httpMethod": request.method.as_str(),
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": last_values(&query),
        "multiValueQueryStringParameters": all_values(&query),
        "pathParameters": path_parameters(target.resource, path),
        "stageVariables": null,
        "requestContext": context(request, target, arrival),
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

fn context(request: &Parts, target: &Target, arrival: &Arrival) -> Value {
    let header = |name| request.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let host = header(header::HOST).unwrap_or("localhost".into());
    let domain = host.rsplit_once(':').map_or(host.as_ref(), |(domain, _)| domain);
    let millis = arrival.time.unix_timestamp_nanos() / 1_000_000;
    json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "extendedRequestId": ids::extended(),
        "httpMethod": request.method.as_str(),
        "identity": {
            "accessKey": null,
            "accountId": null,
            "caller": null,
            "cognitoAuthenticationProvider": null,
            "cognitoAuthenticationType": null,
            "cognitoIdentityId": null,
            "cognitoIdentityPoolId": null,
            "principalOrgId": null,
            "sourceIp": arrival.source.to_string(),
            "user": null,
            "userAgent": header(header::USER_AGENT),
            "userArn": null,
        },
        // As behind a domain of its own: without the stage.
        "path": request.uri.path(),
        "protocol": "HTTP/1.1",
        "requestId": arrival.request_id,
        "requestTime": common_log_time(arrival.time),
        "requestTimeEpoch": i64::try_from(millis).unwrap_or_default(),
        "resourceId": "local",
        "resourcePath": target.resource,
        "stage": STAGE,
    })
}

type Pairs = Vec<(String, String)>;

/// The request's headers and those that the gateway adds. A caller's `X-Forwarded-For` stays in front of the
/// address that the gateway saw, as on AWS.
fn headers(given: &HeaderMap, arrival: &Arrival) -> Pairs {
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let own = ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"];
    let mut headers: Pairs = given
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect();
    let mut hops: Vec<_> = given.get_all("x-forwarded-for").iter().map(text).collect();
    hops.push(arrival.source.to_string());
    let port = given.get(header::HOST).map(text);
    let port = port.as_deref().and_then(|host| host.rsplit_once(':')).map_or("80", |(_, port)| port);
    let added =
        [hops.join(", "), port.to_owned(), "http".to_owned(), ids::trace(arrival.time.unix_timestamp())];
    headers.extend(own.into_iter().map(str::to_owned).zip(added));
    headers
}

fn query(request: &Parts) -> Pairs {
    Query::<Pairs>::try_from_uri(&request.uri).map(|Query(pairs)| pairs).unwrap_or_default()
}

/// The path's values for the resource's parameters, percent-encoded as they came: REST APIs decode neither
/// these nor the path.
fn path_parameters(resource: &str, path: &str) -> Value {
    if resource == "/{proxy+}" {
        return json!({ "proxy": path.strip_prefix('/').unwrap_or(path) });
    }
    let segments = resource.split('/').zip(path.split('/'));
    let parameters: Map<_, _> = segments
        .filter_map(|(name, value)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), Value::from(value)))
        })
        .collect();
    if parameters.is_empty() { Value::Null } else { Value::Object(parameters) }
}

fn last_values(pairs: &Pairs) -> Value {
    let values: Map<_, _> =
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    if values.is_empty() { Value::Null } else { Value::Object(values) }
}

fn all_values(pairs: &Pairs) -> Value {
    let mut values = Map::new();
    for (name, value) in pairs {
        let list = values.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::from(value.as_str()));
        }
    }
    if values.is_empty() { Value::Null } else { Value::Object(values) }
}

/// Such as `09/Apr/2015:12:34:56 +0000`.
fn common_log_time(time: OffsetDateTime) -> String {
    let month = time.month().to_string();
    format!(
        "{:02}/{}/{}:{:02}:{:02}:{:02} +0000",
        time.day(),
        month.get(..3).unwrap_or(&month),
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn event(request: Request<()>, body: &'static [u8]) -> Value {
        let parts = request.into_parts().0;
        let target = route(parts.method.as_str(), parts.uri.path());
        let arrival = Arrival {
            request_id: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef".to_owned(),
            source: "192.0.2.7".parse().unwrap(),
            time: OffsetDateTime::from_unix_timestamp(1_428_582_896).unwrap(),
        };
        build(&parts, &Bytes::from_static(body), &target, &arrival)
    }

    #[test]
    fn an_event_says_what_api_gateway_would() {
        let request = Request::post("/v1/challenges/a%20b/verify?x=1&x=2&y=%C3%A5+c")
            .header("host", "127.0.0.1:8080")
            .header("user-agent", "test")
            .header("accept", "text/html")
            .header("accept", "application/json")
            .header("x-forwarded-for", "203.0.113.1")
            .body(())
            .unwrap();
        let event = event(request, br#"{"code":"123456"}"#);
        assert_eq!(event["resource"], "/v1/challenges/{challenge_id}/verify");
        assert_eq!(event["path"], "/v1/challenges/a%20b/verify");
        assert_eq!(event["pathParameters"], json!({ "challenge_id": "a%20b" }));
        assert_eq!(event["headers"]["accept"], "application/json");
        assert_eq!(event["multiValueHeaders"]["accept"], json!(["text/html", "application/json"]));
        assert_eq!(event["headers"]["x-forwarded-for"], "203.0.113.1, 192.0.2.7");
        assert_eq!(event["headers"]["x-forwarded-port"], "8080");
        assert_eq!(event["queryStringParameters"], json!({ "x": "2", "y": "å c" }));
        assert_eq!(event["multiValueQueryStringParameters"]["x"], json!(["1", "2"]));
        assert_eq!(event["stageVariables"], Value::Null);
        assert_eq!(event["body"], r#"{"code":"123456"}"#);
        assert_eq!(event["isBase64Encoded"], false);
        let context = &event["requestContext"];
        assert_eq!(context["identity"]["sourceIp"], "192.0.2.7");
        assert_eq!(context["identity"]["userAgent"], "test");
        assert_eq!(context["stage"], "local");
        assert_eq!(context["domainName"], "127.0.0.1");
        assert_eq!(context["requestTime"], "09/Apr/2015:12:34:56 +0000");
        assert_eq!(context["requestTimeEpoch"], 1_428_582_896_000_i64);
        assert_eq!(context["resourcePath"], event["resource"]);
    }

    #[test]
    fn a_body_that_is_no_text_is_base64_and_no_body_is_null() {
        let post = || Request::post("/v1/challenges").body(()).unwrap();
        let binary = event(post(), b"\xff\xfe");
        assert_eq!(binary["body"], "//4=");
        assert_eq!(binary["isBase64Encoded"], true);
        let empty = event(post(), b"");
        assert_eq!(empty["body"], Value::Null);
        assert_eq!(empty["queryStringParameters"], Value::Null);
        assert_eq!(empty["pathParameters"], Value::Null);
    }

    #[test]
    fn what_no_route_matches_goes_to_the_fallback() {
        let unknown = route("GET", "/nothing");
        assert_eq!(unknown, Target { function: FALLBACK_FUNCTION, resource: "/{proxy+}" });
        let wrong_method = route("PUT", "/v1/challenges");
        assert_eq!(wrong_method, Target { function: FALLBACK_FUNCTION, resource: "/v1/challenges" });
        let request = Request::get("/nothing/here").body(()).unwrap();
        assert_eq!(event(request, b"")["pathParameters"], json!({ "proxy": "nothing/here" }));
    }
}
