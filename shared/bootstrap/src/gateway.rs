//! API Gateway's events, REST (v1) and HTTP (v2), read into requests, and the answers to them.
//!
//! `lambda_http` makes the answers. It doesn't read the events: it puts a URL together from `Host`,
//! `X-Forwarded-Proto`, stage, path and query, and panics if that gives none; it refuses an event for one header that
//! isn't ASCII; and a header's several values become its last. A client can bring about each. So an event becomes a
//! request here, with what the routes read and no more.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use axum::response::Response;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use lambda_http::IntoResponse as _;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use regain_http_api::routes::path_matches;
use regain_http_api::{Caller, UrlPath};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client_policy::ClientPolicy;

/// The longest path and query that are read, in bytes.
const LONGEST_TARGET: usize = 8 * 1024;

/// A text or a list of texts for each name.
type Values = BTreeMap<String, Value>;

/// The path in the place of one that is missing or can't be read. It is no route's.
const UNREADABLE: &str = "/unreadable";

/// The parts of an event that are read, whichever of the two kinds it is. Without `Debug`: headers, cookies, query and
/// body hold secrets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayEvent {
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    /// The path's template (v1).
    resource: Option<String>,
    /// Method and template (v2).
    route_key: Option<String>,
    path_parameters: Option<Values>,
    headers: Option<Values>,
    multi_value_headers: Option<Values>,
    /// The `Cookie` headers (v2), which are not among the headers there.
    cookies: Option<Vec<String>>,
    /// The query, decoded (v1).
    query_string_parameters: Option<Values>,
    multi_value_query_string_parameters: Option<Values>,
    /// The query as it came (v2).
    raw_query_string: Option<String>,
    request_context: Option<Context>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_id: Option<String>,
    stage: Option<String>,
    /// The path in the client's address (v1).
    path: Option<String>,
    identity: Option<Identity>,
    http: Option<Http>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    source_ip: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: Option<String>,
    /// The path in the client's address (v2).
    path: Option<String>,
    source_ip: Option<String>,
}

/// The form of an event, and so of the answer to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Version {
    V1,
    V2,
}

/// The answer to an event, as API Gateway reads it. Without `Debug`: cookies and body hold secrets.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    V1(ApiGatewayProxyResponse),
    V2(ApiGatewayV2httpResponse),
}

impl Version {
    /// A response in this form.
    pub(crate) async fn answer(self, response: Response) -> Answer {
        let (parts, body) = response.into_response().await.into_parts();
        let (status_code, headers) = (parts.status.as_u16().into(), parts.headers);
        let is_base64_encoded = matches!(body, lambda_http::Body::Binary(_));
        match self {
            Self::V1 => {
                let mut answer = ApiGatewayProxyResponse::default();
                answer.status_code = status_code;
                // With `headers` besides, the gateway would send each twice.
                answer.multi_value_headers = headers;
                answer.body = Some(body);
                answer.is_base64_encoded = is_base64_encoded;
                Answer::V1(answer)
            }
            Self::V2 => {
                let mut answer = ApiGatewayV2httpResponse::default();
                answer.status_code = status_code;
                (answer.headers, answer.cookies) = single_values(&headers);
                answer.body = Some(body);
                answer.is_base64_encoded = is_base64_encoded;
                Answer::V2(answer)
            }
        }
    }
}

/// A method that is none is nothing that a route takes.
fn read_method(text: Option<String>) -> Method {
    text.and_then(|text| text.parse().ok()).unwrap_or(Method::TRACE)
}

/// The body. Text that should be base64 and isn't stays as it is.
fn read_body(text: Option<String>, is_base64: bool) -> Body {
    let text = text.unwrap_or_default();
    let decoded = if is_base64 { BASE64.decode(text.as_bytes()).ok() } else { None };
    decoded.map_or_else(|| Body::from(text), Body::from)
}

/// Headers in the form of HTTP APIs (v2): one value for a name, lists with commas (RFC 9110, section 5.3), and apart
/// from them the values of `Set-Cookie`, which are no list.
fn single_values(headers: &HeaderMap) -> (HeaderMap, Vec<String>) {
    let cookies = headers.get_all(header::SET_COOKIE).iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned)).collect();
    let mut single = HeaderMap::with_capacity(headers.keys_len());
    for name in headers.keys().filter(|name| *name != header::SET_COOKIE) {
        let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(value) = HeaderValue::from_bytes(&values.join(&b", "[..])) {
            single.insert(name, value);
        }
    }
    (single, cookies)
}

/// Each name with each of its texts: those of the lists, or where there are none, the last one of each name.
fn pairs<'a>(
    lists: Option<&'a Values>,
    last: Option<&'a Values>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let named = lists.filter(|lists| !lists.is_empty()).or(last).into_iter().flatten();
    named.flat_map(|(name, values)| {
        let values = if let Value::Array(values) = values { values } else { std::slice::from_ref(values) };
        values.iter().filter_map(Value::as_str).map(|value| (name.as_str(), value))
    })
}

/// Puts all cookies into one `Cookie` header, as HTTP/1.1 has it (RFC 9113, section 8.2.3). `more` are those that
/// aren't among the headers. One that can't stand in a header is left out.
fn join_cookies(headers: &mut HeaderMap, more: &[String]) {
    let cookies = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let more = more.iter().map(String::as_bytes).filter(|cookie| HeaderValue::from_bytes(cookie).is_ok());
    let cookies: Vec<_> = cookies.chain(more).collect();
    if !cookies.is_empty()
        && let Ok(mut joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        joined.set_sensitive(true);
        headers.insert(header::COOKIE, joined);
    }
}

impl GatewayEvent {
    /// The version of the event.
    pub(crate) fn version(&self) -> Version {
        let is_v2 = self.request_context.as_ref().is_some_and(|context| context.http.is_some());
        if is_v2 { Version::V2 } else { Version::V1 }
    }

    /// The request as the routes want it: path and query as they know them, and who calls. Its id is the gateway's, or else
    /// that of the invocation; never a header of the client.
    pub(crate) fn into_request(self, invocation: &str, clients: &ClientPolicy) -> Request<Body> {
        let (uri, headers) = (self.uri(), self.headers());
        let Context { request_id, identity, http, path, .. } = self.request_context.unwrap_or_default();
        let (method, peer, url_path) = match http {
            Some(Http { method, source_ip, path }) => (method, source_ip, path),
            None => (self.http_method, identity.and_then(|identity| identity.source_ip), path),
        };
        // The address that API Gateway saw the connection come from.
        let peer = peer.and_then(|text| text.parse::<IpAddr>().ok());
        let caller = Caller {
            request_id: request_id.unwrap_or_else(|| invocation.to_owned()),
            source: clients.source(peer, &headers),
        };
        let mut request = Request::new(read_body(self.body, self.is_base64_encoded.unwrap_or(false)));
        *request.method_mut() = read_method(method);
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request.extensions_mut().insert(caller);
        if let Some(path) = url_path {
            request.extensions_mut().insert(UrlPath(path));
        }
        request
    }

    /// The headers, each with all of its values, and the cookies in one. `Host` is left out: nothing may depend on it.
    fn headers(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs(self.multi_value_headers.as_ref(), self.headers.as_ref()) {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes())
                && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
                && name != header::HOST
            {
                map.append(name, value);
            }
        }
        join_cookies(&mut map, self.cookies.as_deref().unwrap_or_default());
        map
    }

    /// Path and query. A query that can't be a URI's, or is too long beside its path, is left out.
    fn uri(&self) -> Uri {
        let path = self.path();
        let target = self.query().map(|query| format!("{path}?{query}"));
        let target = target.filter(|target| target.len() <= LONGEST_TARGET);
        let uri = target.and_then(|target| Uri::try_from(target).ok());
        // A path that can't be a URI can't be a route either.
        uri.or_else(|| Uri::try_from(path).ok()).unwrap_or_else(|| Uri::from_static(UNREADABLE))
    }

    /// The query, percent-encoded, if there is one.
    fn query(&self) -> Option<String> {
        let query = self.raw_query_string.clone().unwrap_or_else(|| {
            let lists = self.multi_value_query_string_parameters.as_ref();
            let decoded = pairs(lists, self.query_string_parameters.as_ref());
            form_urlencoded::Serializer::new(String::new()).extend_pairs(decoded).finish()
        });
        Some(query).filter(|query| !query.is_empty())
    }

    /// The path that the routes know: without the stage's name and without the base path at which a custom
    /// domain has the API, both of which come before it.
    fn path(&self) -> String {
        let path = self.raw_path.as_deref().or(self.path.as_deref()).unwrap_or(UNREADABLE);
        let template = match (&self.resource, &self.route_key) {
            (Some(resource), _) => Some(resource.as_str()),
            (None, Some(route)) => route.split_once(' ').map(|(_, template)| template),
            (None, None) => None,
        };
        let path = match template {
            Some(template) => self.below_the_base(path, template),
            None => self.below_the_stage(path),
        };
        // What isn't below the root, or is longer than any route, is no route.
        if path.starts_with('/') && path.len() <= LONGEST_TARGET {
            path.to_owned()
        } else {
            UNREADABLE.to_owned()
        }
    }

    /// The end of the path that has as many segments as its template matches.
    fn below_the_base<'a>(&self, path: &'a str, template: &str) -> &'a str {
        let greedy = template.rsplit_once("/{").and_then(|(_, name)| name.strip_suffix("+}"));
        let rest = greedy.and_then(|name| self.path_parameters.as_ref()?.get(name)?.as_str());
        if greedy.is_some() && rest.is_none() {
            return path;
        }
        let segments = |text: &str| text.split('/').count();
        let wanted = segments(template) - 1 + rest.map_or(0, |rest| segments(rest) - 1);
        let slashes: Vec<_> = path.match_indices('/').map(|(place, _)| place).collect();
        let Some(start) = slashes.len().checked_sub(wanted).and_then(|place| slashes.get(place)) else {
            return path;
        };
        let end = &path[*start..];
        if greedy.is_some() || path_matches(template, end) { end } else { path }
    }

    fn below_the_stage<'a>(&self, path: &'a str) -> &'a str {
        let stage =
            self.request_context.as_ref().and_then(|context| context.stage.as_deref()).unwrap_or("$default");
        let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
        below.filter(|below| below.starts_with('/')).unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(event: &Value) -> String {
        let mut event = event.clone();
        event["requestContext"]["requestId"] = "id".into();
        serde_json::from_value::<GatewayEvent>(event).unwrap().path()
    }

    #[test]
    fn stage_and_base_path_are_no_part_of_the_path() {
        let verify = "/v1/challenges/{challenge_id}/verify";
        for (resource, given, expected) in [
            ("/v1/challenges", "/v1/challenges", "/v1/challenges"),
            ("/v1/challenges", "/auth/v1/challenges", "/v1/challenges"),
            ("/v1/challenges", "/a/b/v1/challenges", "/v1/challenges"),
            ("/v1/challenges", "/auth/v1/other", "/auth/v1/other"),
            ("/v1/challenges", "/v1", "/v1"),
            (verify, "/auth/v1/challenges/a%2Fb/verify", "/v1/challenges/a%2Fb/verify"),
            ("/", "/", "/"),
        ] {
            assert_eq!(path(&json!({ "resource": resource, "path": given })), expected);
            let v2 = json!({ "routeKey": format!("POST {resource}"), "rawPath": given });
            assert_eq!(path(&v2), expected);
        }
    }

    #[test]
    fn a_greedy_parameter_says_where_the_path_begins() {
        let event = |path: &str, proxy: &str| json!({ "resource": "/{proxy+}", "path": path, "pathParameters": { "proxy": proxy } });
        assert_eq!(path(&event("/auth/some/thing", "some/thing")), "/some/thing");
        assert_eq!(path(&event("/thing", "thing")), "/thing");
        assert_eq!(path(&event("/thing/", "thing/")), "/thing/");
        assert_eq!(path(&json!({ "resource": "/{proxy+}", "path": "/a/b" })), "/a/b");
    }

    #[test]
    fn without_a_template_the_stage_is_known() {
        let event = |stage: &str, path: &str| json!({ "routeKey": "$default", "rawPath": path, "requestContext": { "stage": stage } });
        assert_eq!(path(&event("prod", "/prod/v1/health")), "/v1/health");
        assert_eq!(path(&event("prod", "/production")), "/production");
        assert_eq!(path(&event("$default", "/v1/health")), "/v1/health");
        assert_eq!(path(&json!({})), UNREADABLE);
    }

    #[test]
    fn every_value_of_a_header_is_kept_and_an_odd_one_harms_no_other() {
        let event = json!({
            "requestContext": {},
            "headers": { "Accept": "b" },
            "multiValueHeaders": {
                "Accept": ["a", "b"], "X-Name": ["é"], "Bad Name": ["x"], "X-Bad": ["a\r\nb", "fine"], "Host": ["x"],
            },
        });
        let headers = serde_json::from_value::<GatewayEvent>(event).unwrap().headers();
        let values = |name: &str| headers.get_all(name).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
        assert_eq!(values("accept"), [b"a", b"b"]);
        assert_eq!(values("x-name"), ["é".as_bytes()]);
        assert_eq!(values("x-bad"), [b"fine"]);
        assert_eq!(headers.len(), 4);
        let event = json!({ "requestContext": {}, "headers": { "accept": "b" }, "multiValueHeaders": null });
        assert_eq!(serde_json::from_value::<GatewayEvent>(event).unwrap().headers()["accept"], "b");
    }

    fn event(event: &Value) -> GatewayEvent {
        serde_json::from_value(event.clone()).unwrap()
    }

    fn v1(path: &str, queries: &Value) -> Uri {
        event(&json!({ "path": path, "multiValueQueryStringParameters": queries })).uri()
    }

    fn v2(path: &str, query: &str) -> Uri {
        event(&json!({ "rawPath": path, "rawQueryString": query })).uri()
    }

    #[test]
    fn the_query_comes_with_the_path() {
        assert_eq!(
            v1("/recover", &json!({ "a": ["1", "2"], "b": ["å c&d=e"] })),
            "/recover?a=1&a=2&b=%C3%A5+c%26d%3De"
        );
        assert_eq!(v2("/recover", "a=1&a=%C3%A5+c&b"), "/recover?a=1&a=%C3%A5+c&b");
        let last = json!({ "path": "/recover", "queryStringParameters": { "a": "2" }, "multiValueQueryStringParameters": null });
        assert_eq!(event(&last).uri(), "/recover?a=2");
        // HTTP APIs send the last two kinds besides.
        let all = json!({ "rawPath": "/recover", "rawQueryString": "a=1&a=2", "queryStringParameters": { "a": "1,2" } });
        assert_eq!(event(&all).uri(), "/recover?a=1&a=2");
        assert_eq!(v1("/recover", &Value::Null), "/recover");
        assert_eq!(v2("/recover", ""), "/recover");
    }

    #[test]
    fn a_bad_query_harms_nothing() {
        let long = "a".repeat(LONGEST_TARGET);
        for query in ["a b", "a\r\nb: c", "\0", "<script>", &long] {
            assert_eq!(v2("/recover", query), "/recover", "{query:?}");
        }
        let just = format!("a={}", "b".repeat(LONGEST_TARGET - "/recover?a=".len()));
        assert_eq!(v2("/recover", &just).query(), Some(&*just));
        assert_eq!(v2("/recover", &format!("{just}b")), "/recover");
        // Encoded, it is three times as long.
        assert_eq!(v1("/recover", &json!({ "a": ["\u{0}".repeat(LONGEST_TARGET / 3)] })), "/recover");
        for (odd, expected) in [
            (json!({ "a": [1, null, { "b": "c" }, "d"] }), "/recover?a=d"),
            (json!({ "a": null, "b": 1, "c": [["d"]] }), "/recover"),
            (json!({ "a\r\nb": ["<\u{0}#?"] }), "/recover?a%0D%0Ab=%3C%00%23%3F"),
            (json!({}), "/recover"),
        ] {
            assert_eq!(v1("/recover", &odd), expected);
        }
        // The path is the route's, whatever the query says.
        assert_eq!(v2("/recover", "/v1/password?x").path(), "/recover");
        assert_eq!(v2("/recover", "//other.example").path(), "/recover");
        assert_eq!(v2("/a b", "c=d"), "/unreadable");
    }

    #[test]
    fn cookies_are_one_header() {
        let headers = |given: Value| event(&given).headers();
        let cookies = |given: Value| {
            let headers = headers(given);
            let mut cookies =
                headers.get_all("cookie").iter().map(|value| value.to_str().unwrap().to_owned());
            (cookies.next(), cookies.next())
        };
        let joined = (Some("a=1; b=2".to_owned()), None);
        assert_eq!(cookies(json!({ "cookies": ["a=1", "b=2"], "headers": { "accept": "x" } })), joined);
        assert_eq!(cookies(json!({ "multiValueHeaders": { "Cookie": ["a=1", "b=2"] } })), joined);
        assert_eq!(cookies(json!({ "multiValueHeaders": { "Cookie": ["a=1; b=2"] } })), joined);
        assert_eq!(cookies(json!({ "headers": { "cookie": "a=1; b=2" } })), joined);
        assert_eq!(cookies(json!({ "headers": { "cookie": "a=1" }, "cookies": ["b=2"] })), joined);
        assert_eq!(cookies(json!({ "cookies": ["a=1", "x=\r\nset-cookie: y", "\u{0}", "b=2"] })), joined);
        assert_eq!(cookies(json!({ "cookies": ["x\n"] })), (None, None));
        assert_eq!(cookies(json!({ "cookies": [] })), (None, None));
        assert_eq!(cookies(json!({ "cookies": null })), (None, None));
        let headers = headers(json!({ "cookies": ["canary"] }));
        assert!(!format!("{headers:?}").contains("canary"), "{headers:?}");
    }

    #[tokio::test]
    async fn every_cookie_of_an_answer_is_set() {
        let answer = async |version: Version| {
            let mut response = Response::new(Body::from("hello"));
            for (name, value) in
                [("set-cookie", "a=1; Secure"), ("set-cookie", "b=2"), ("vary", "a"), ("vary", "b")]
            {
                response.headers_mut().append(name, HeaderValue::from_static(value));
            }
            serde_json::to_value(version.answer(response).await).unwrap()
        };
        let v1 = answer(Version::V1).await;
        assert_eq!(v1["multiValueHeaders"]["set-cookie"], json!(["a=1; Secure", "b=2"]));
        assert_eq!(v1["multiValueHeaders"]["vary"], json!(["a", "b"]));
        assert_eq!(v1["headers"], json!({}));
        let v2 = answer(Version::V2).await;
        assert_eq!(v2["cookies"], json!(["a=1; Secure", "b=2"]));
        assert_eq!(v2["headers"], json!({ "vary": "a, b" }));
        assert_eq!(v2["multiValueHeaders"], json!({}));
        assert_eq!(v2["body"], "hello");
    }
}
