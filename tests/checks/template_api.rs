//! The deployment template's API against the code: its routes, its own answers, what stands in front of it and what it
//! logs.

use std::collections::{BTreeMap, BTreeSet};

use regain_bootstrap::serve::ANSWER;
use regain_harness::FUNCTIONS;
use regain_harness::template::logical_name;
use regain_http_api::pages::PAGES;
use regain_http_api::problem::Code;
use regain_http_api::routes::{FALLBACK_FUNCTION, ROUTES, all};
use serde_json::{Value, json};

use crate::template::template;

#[test]
fn the_routes_are_those_of_the_code_and_everything_else_goes_to_the_fallback() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"]["DefinitionBody"];
    let target = |operation: &Value| {
        let integration = &operation["x-amazon-apigateway-integration"];
        assert_eq!((&integration["type"], &integration["httpMethod"]), (&json!("aws_proxy"), &json!("POST")));
        let uri = integration["uri"]["Fn::Sub"].as_str().unwrap();
        let (_, function) = uri.split_once("functions/${").unwrap();
        function.strip_suffix(".Arn}/invocations").unwrap().to_owned()
    };
    // Without the first, the transform makes a second stage of the same routes, which nothing guards.
    assert_eq!(template["Resources"]["Api"]["Properties"]["OpenApiVersion"], api["openapi"]);
    let mut found = BTreeSet::new();
    for (path, operations) in api["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            match method.as_str() {
                "parameters" => {}
                "x-amazon-apigateway-any-method" => {
                    assert_eq!(target(operation), logical_name(FALLBACK_FUNCTION), "{path}");
                }
                method => {
                    let is_validated = operation["x-amazon-apigateway-request-validator"] == "body";
                    // A form's answer is a page, so the gateway must not give it.
                    let is_form = PAGES.iter().any(|page| page.path == path);
                    assert_eq!(is_validated, method == "post" && !is_form, "{method} {path}");
                    let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                    assert_eq!(*body == "#/components/schemas/JsonObject", is_validated, "{method} {path}");
                    found.insert((method.to_uppercase(), path.clone(), target(operation)));
                }
            }
        }
        assert!(operations.get("x-amazon-apigateway-any-method").is_some(), "{path}: no fallback");
    }
    let wanted = all().map(|r| (r.method.to_owned(), r.path.to_owned(), logical_name(r.function))).collect();
    assert_eq!(found, wanted);
    let validators = &api["x-amazon-apigateway-request-validators"];
    assert_eq!(validators["body"], json!({"validateRequestBody": true, "validateRequestParameters": false}));
    assert_eq!(api["components"]["schemas"]["JsonObject"], json!({"type": "object"}));
    // A resource of the tree without a fallback would be answered by the gateway, which knows no 405.
    for route in all() {
        let ends = route.path.match_indices('/').map(|(at, _)| at).skip(1).chain([route.path.len()]);
        for end in ends {
            assert!(api["paths"].get(&route.path[..end]).is_some(), "{}", &route.path[..end]);
        }
    }
    for everything in ["/", "/{proxy+}"] {
        assert!(api["paths"].get(everything).is_some());
    }
}

#[test]
fn the_gateway_may_invoke_what_it_routes_to() {
    let template = template();
    let mut functions: BTreeSet<_> = all().map(|route| route.function).collect();
    functions.insert(FALLBACK_FUNCTION);
    for function in FUNCTIONS {
        let permission = &template["Resources"][format!("{}Permission", logical_name(function))];
        assert_eq!(permission.is_object(), functions.contains(function), "{function}");
        if functions.contains(function) {
            assert_eq!(permission["Properties"]["FunctionName"]["Ref"], logical_name(function));
            assert_eq!(permission["Properties"]["Principal"], "apigateway.amazonaws.com");
        }
    }
}

#[test]
fn the_gateways_own_answers_are_problems_of_the_contract() {
    let template = template();
    let responses = template["Resources"]["Api"]["Properties"]["GatewayResponses"].as_object().unwrap();
    for (kind, response) in responses {
        let body = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let text = problem["code"].as_str().unwrap();
        let code =
            Code::ALL.iter().find(|code| code.as_str() == text).unwrap_or_else(|| panic!("{kind}: {text}"));
        assert_eq!(problem["type"], format!("urn:problem-type:regain:{text}"), "{kind}");
        assert_eq!(problem["title"], code.title(), "{kind}");
        assert_eq!(problem["status"], code.status().as_u16(), "{kind}");
        assert_eq!(response["StatusCode"], code.status().as_u16(), "{kind}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.contains('$')), "{kind}");
        let headers = &response["ResponseParameters"]["Headers"];
        assert_eq!(headers["Content-Type"], "'application/problem+json'");
        assert_eq!(headers["Cache-Control"], "'no-store'");
        assert_eq!(headers["X-Content-Type-Options"], "'nosniff'");
        assert_eq!(headers["X-Request-Id"], "context.requestId");
        let first = json!({"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}]});
        // The pages of one origin may read the answer, the first: the gateway can't tell several apart.
        for (name, value) in [
            ("Access-Control-Allow-Origin", json!({"Fn::Sub": ["'${First}'", {"First": first}]})),
            ("Access-Control-Expose-Headers", json!("'Retry-After,X-Request-Id'")),
        ] {
            let wanted = json!({"Fn::If": ["HasCorsOrigins", value, {"Ref": "AWS::NoValue"}]});
            assert_eq!(headers[name], wanted, "{kind}");
        }
        let retries = matches!(code.status().as_u16(), 429 | 503);
        assert_eq!(headers.get("Retry-After").is_some(), retries, "{kind}");
    }
    let code = |kind: &str| {
        let body = responses[kind]["ResponseTemplates"]["application/json"].as_str().unwrap();
        serde_json::from_str::<Value>(body).unwrap()["code"].as_str().unwrap().to_owned()
    };
    for (kind, wanted) in [
        ("THROTTLED", "rate_limited"),
        ("QUOTA_EXCEEDED", "rate_limited"),
        ("REQUEST_TOO_LARGE", "body_too_large"),
        ("UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type"),
        ("BAD_REQUEST_BODY", "invalid_request"),
        ("BAD_REQUEST_PARAMETERS", "invalid_request"),
        ("MISSING_AUTHENTICATION_TOKEN", "not_found"),
        ("RESOURCE_NOT_FOUND", "not_found"),
        ("INTEGRATION_TIMEOUT", "service_unavailable"),
        ("INTEGRATION_FAILURE", "service_unavailable"),
        ("DEFAULT_4XX", "invalid_request"),
        ("DEFAULT_5XX", "internal_error"),
    ] {
        assert_eq!(code(kind), wanted, "{kind}");
    }
}

/// Pages hold a value against forged forms beside what was typed: their length, compressed, would tell whether the two
/// agree (BREACH, CVE-2013-3587).
#[test]
fn nothing_is_compressed_and_everything_is_text() {
    let api = &template()["Resources"]["Api"]["Properties"];
    for name in ["MinimumCompressionSize", "BinaryMediaTypes"] {
        assert!(api.get(name).is_none(), "{name}");
    }
    for extension in
        ["x-amazon-apigateway-minimum-compression-size", "x-amazon-apigateway-binary-media-types"]
    {
        assert!(api["DefinitionBody"].get(extension).is_none(), "{extension}");
    }
}

/// A function that overruns its time is a fault of the gateway's; one that says in time that it can't answer tells when
/// to come back.
#[test]
fn functions_have_time_to_say_that_they_have_none() {
    let template = template();
    let globals = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(ANSWER.as_secs() + 2 <= globals && globals < 29, "the gateway waits for 29 seconds");
    for function in
        ROUTES.iter().map(|route| route.function).filter(|function| *function != FALLBACK_FUNCTION)
    {
        let properties = &template["Resources"][logical_name(function)]["Properties"];
        assert!(properties.get("Timeout").is_none(), "{function}");
    }
}

/// Behind a proxy every request has the proxy's address.
#[test]
fn the_web_acl_counts_no_proxy_as_one_caller() {
    let template = template();
    let rules = template["Resources"]["WebAcl"]["Properties"]["Rules"].as_array().unwrap();
    let is_rate = |rule: &Value| rule["Statement"].get("RateBasedStatement").is_some();
    assert!(!rules.iter().any(is_rate));
    let [condition, rate, otherwise] = rules[0]["Fn::If"].as_array().unwrap().as_slice() else { panic!() };
    assert!(is_rate(rate) && condition == "IsReachedDirectly" && otherwise["Ref"] == "AWS::NoValue");
    let wanted = json!({"Fn::Equals": [{"Ref": "TrustedProxies"}, ""]});
    assert_eq!(template["Conditions"]["IsReachedDirectly"], wanted);
}

#[test]
fn the_access_log_names_nobody() {
    let template = template();
    let format = template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap();
    serde_json::from_str::<Value>(format).unwrap();
    let harmless = BTreeSet::from([
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.integration.status",
        "$context.error.responseType",
    ]);
    for value in serde_json::from_str::<BTreeMap<String, String>>(format).unwrap().values() {
        assert!(harmless.contains(value.as_str()), "{value}");
    }
    let settings = template["Resources"]["Api"]["Properties"]["MethodSettings"].as_array().unwrap();
    assert!(settings.iter().all(|s| s["DataTraceEnabled"] == false && s["LoggingLevel"] == "OFF"));
}
