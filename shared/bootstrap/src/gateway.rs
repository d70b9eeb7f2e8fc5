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
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use lambda_http::IntoResponse as _;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use regain_http_api::Caller;
use regain_http_api::routes::path_matches;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client_policy::ClientPolicy;

/// The longest path that can be a route's.
const LONGEST_PATH: usize = 8 * 1024;

/// The parts of an event that are read, whichever of the two kinds it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayEvent {
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    /// The path's template (v1).
    resource: Option<String>,
    /// Method and template (v2).
    route_key: Option<String>,
    path_parameters: Option<BTreeMap<String, Value>>,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Value>>,
    request_context: Option<Context>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_id: Option<String>,
    stage: Option<String>,
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
    source_ip: Option<String>,
}

/// The form of an event, and so of the answer to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Version {
    V1,
    V2,
}

/// The answer to an event, as API Gateway reads it.
#[derive(Debug, Serialize)]
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
                answer.headers = headers;
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

impl GatewayEvent {
    /// The version of the event.
    pub(crate) fn version(&self) -> Version {
        let is_v2 = self.request_context.as_ref().is_some_and(|context| context.http.is_some());
        if is_v2 { Version::V2 } else { Version::V1 }
    }

    /// The request as the routes want it: the path as they know it, and who calls. Its id is the gateway's, or else
    /// that of the invocation; never a header of the client.
    pub(crate) fn into_request(self, invocation: &str, clients: &ClientPolicy) -> Request<Body> {
        let (path, headers) = (self.path(), self.headers());
        let Context { request_id, identity, http, .. } = self.request_context.unwrap_or_default();
        let (method, peer) = match http {
            Some(Http { method, source_ip }) => (method, source_ip),
            None => (self.http_method, identity.and_then(|identity| identity.source_ip)),
        };
        // The address that API Gateway saw the connection come from.
        let peer = peer.and_then(|text| text.parse::<IpAddr>().ok());
        let caller = Caller {
            request_id: request_id.unwrap_or_else(|| invocation.to_owned()),
            source: clients.source(peer, &headers),
        };
        let mut request = Request::new(read_body(self.body, self.is_base64_encoded.unwrap_or(false)));
        *request.method_mut() = read_method(method);
        // A path that can't be a URI can't be a route either.
        *request.uri_mut() = Uri::try_from(path).unwrap_or_else(|_| Uri::from_static("/unreadable"));
        *request.headers_mut() = headers;
        request.extensions_mut().insert(caller);
        request
    }

    /// The headers, each with all of its values. `Host` is left out: nothing may depend on it.
    fn headers(&self) -> HeaderMap {
        let all = self.multi_value_headers.as_ref().filter(|headers| !headers.is_empty());
        let mut map = HeaderMap::new();
        for (name, values) in all.or(self.headers.as_ref()).into_iter().flatten() {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
            let values =
                if let Value::Array(values) = values { values } else { std::slice::from_ref(values) };
            for value in values.iter().filter_map(Value::as_str) {
                if let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
                    && name != http::header::HOST
                {
                    map.append(name.clone(), value);
                }
            }
        }
        map
    }

    /// The path that the routes know: without the stage's name and without the base path at which a custom
    /// domain has the API, both of which come before it.
    fn path(&self) -> String {
        let path = self.raw_path.as_deref().or(self.path.as_deref()).unwrap_or("/");
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
        if path.starts_with('/') && path.len() <= LONGEST_PATH { path.to_owned() } else { "/".to_owned() }
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
        assert_eq!(path(&json!({})), "/");
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
}
