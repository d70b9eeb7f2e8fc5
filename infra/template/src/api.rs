//! The API: its paths, and what the gateway answers itself.

use std::collections::BTreeSet;

use regain_http_api::pages::PAGES;
use regain_http_api::problem::Code;
use regain_http_api::routes::{FALLBACK_FUNCTION, all};

use crate::{comment, fill, indented, logical_name};

const BODY: &str = "\
x-amazon-apigateway-request-validator: body
requestBody:
  required: true
  content: { application/json: { schema: { $ref: \"#/components/schemas/JsonObject\" } } }
";

const INTEGRATION: &str = "\
x-amazon-apigateway-integration:
  type: aws_proxy
  httpMethod: POST
  uri: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${@Name@.Arn}/invocations
";

const PARAMETER: &str =
    "  parameters: [{ name: @name@, in: path, required: true, schema: { type: string } }]\n";

/// The routes, and the fallback for everything else: on each resource of the tree, since one without it would be
/// answered by the gateway, which knows no 405.
pub(crate) fn paths() -> String {
    let mut seen = BTreeSet::new();
    let routed = all().map(|route| route.path).chain(["/", "/{proxy+}"]);
    let routed = routed.filter(|path| seen.insert(*path)).collect::<Vec<_>>();
    let parents = all().flat_map(|route| {
        route.path.match_indices('/').map(|(end, _)| &route.path[..end]).filter(|path| !path.is_empty())
    });
    let parents = parents.filter(|path| seen.insert(*path)).collect::<Vec<_>>();
    let paths = routed.into_iter().chain(parents).map(path);
    indented(&paths.collect::<String>(), 10)
}

fn path(path: &str) -> String {
    // The plus is no part of the parameter's name; braces and it want quotes in YAML.
    let mut text = if path.contains('+') { format!("\"{path}\":\n") } else { format!("{path}:\n") };
    if let Some((_, rest)) = path.split_once('{') {
        let name = rest.split(['}', '+']).next().unwrap_or_default();
        text.push_str(&fill(PARAMETER, &[("name", name)]));
    }
    for route in all().filter(|route| route.path == path) {
        let method = route.method.to_lowercase();
        // Forms are read by the functions, which answer people.
        let is_form = PAGES.iter().any(|page| page.operation == route.operation);
        let body = if method == "post" && !is_form { BODY } else { "" };
        text.push_str(&operation(&method, body, route.function));
    }
    text + &operation("x-amazon-apigateway-any-method", "", FALLBACK_FUNCTION)
}

fn operation(method: &str, body: &str, function: &str) -> String {
    let integration = fill(INTEGRATION, &[("Name", &logical_name(function))]);
    format!("  {method}:\n{}", indented(&format!("{body}{integration}"), 4))
}

const RESPONSE: &str = "\
@why@@KIND@:
  StatusCode: @status@
  ResponseParameters:
    Headers:
      Content-Type: \"'application/problem+json'\"
      Cache-Control: \"'no-store'\"
      X-Content-Type-Options: \"'nosniff'\"
      X-Request-Id: context.requestId
      Access-Control-Allow-Origin: !If
        - HasCorsOrigins
        - !Sub [\"'${First}'\", { First: !Select [0, !Split [\",\", !Ref CorsOrigins]] }]
        - !Ref AWS::NoValue
      Access-Control-Expose-Headers: !If [HasCorsOrigins, \"'Retry-After,X-Request-Id'\", !Ref AWS::NoValue]
@retry@  ResponseTemplates:
    application/json: >-
      {\"type\":\"urn:problem-type:regain:@code@\",\"title\":\"@title@\",\"status\":@status@,
      \"detail\":\"@detail@\",\"code\":\"@code@\"}
";

/// A kind of answer of the gateway's own, as API Gateway names it.
struct Response {
    kind: &'static str,
    code: Code,
    detail: &'static str,
    /// Seconds.
    retry_after: Option<u32>,
    why: &'static str,
}

const fn response(kind: &'static str, code: Code, detail: &'static str) -> Response {
    Response { kind, code, detail, retry_after: None, why: "" }
}

const LATER: &str = "There were too many requests. Try again later.";
const MALFORMED: &str = "The request is not valid.";
const NOTHING: &str = "There is nothing at this path.";
const AWAY: &str = "Try again in a moment.";

const RESPONSES: &[Response] = &[
    Response {
        retry_after: Some(1),
        ..response(
            "THROTTLED",
            Code::RateLimited,
            "There are too many requests right now. Try again in a moment.",
        )
    },
    Response { retry_after: Some(3600), ..response("QUOTA_EXCEEDED", Code::RateLimited, LATER) },
    Response {
        retry_after: Some(300),
        why: "What the web ACL refuses is a rate, or an address that is known for one.",
        ..response("WAF_FILTERED", Code::RateLimited, LATER)
    },
    response("REQUEST_TOO_LARGE", Code::BodyTooLarge, "The body must not be larger than 8 KiB."),
    response("UNSUPPORTED_MEDIA_TYPE", Code::UnsupportedMediaType, "The body must be application/json."),
    response("BAD_REQUEST_BODY", Code::InvalidRequest, MALFORMED),
    response("BAD_REQUEST_PARAMETERS", Code::InvalidRequest, MALFORMED),
    response("RESOURCE_NOT_FOUND", Code::NotFound, NOTHING),
    Response {
        why: "What API Gateway says to a path or method that nothing was deployed for.",
        ..response("MISSING_AUTHENTICATION_TOKEN", Code::NotFound, NOTHING)
    },
    Response { retry_after: Some(5), ..response("INTEGRATION_TIMEOUT", Code::ServiceUnavailable, AWAY) },
    Response {
        retry_after: Some(5),
        why: "Also what comes of Lambda's 429, for a function that may not run more often: nothing has run.",
        ..response("INTEGRATION_FAILURE", Code::ServiceUnavailable, AWAY)
    },
    response("DEFAULT_4XX", Code::InvalidRequest, MALFORMED),
    Response {
        why: "Also what comes of a function that crashed or overran its time. What it had done then, nobody knows.",
        ..response("DEFAULT_5XX", Code::InternalError, "This is our fault, not yours. Try again later.")
    },
];

/// The gateway's own answers: problem documents of the contract.
pub(crate) fn gateway_responses() -> String {
    let text = RESPONSES.iter().map(|response| {
        let retry = response.retry_after.map(|seconds| format!("      Retry-After: \"'{seconds}'\"\n"));
        let values = [
            ("why", comment(response.why, 0)),
            ("KIND", response.kind.to_owned()),
            ("status", response.code.status().as_u16().to_string()),
            ("retry", retry.unwrap_or_default()),
            ("code", response.code.as_str().to_owned()),
            ("title", response.code.title().to_owned()),
            ("detail", response.detail.to_owned()),
        ];
        fill(RESPONSE, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    });
    indented(&text.collect::<String>(), 8)
}
