//! The checked-in OpenAPI document as a judge of real answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use regain_harness::openapi::{codes, document, object, validator};
use regain_http_api::pages::PAGES;
use regain_http_api::routes::{ROUTES, Route, path_matches};
use serde_json::{Value, json};

use crate::harness::{Answer, variable};

/// An operation such as `POST /v1/sessions`, a status, and the problem's code or `success`. What no operation
/// answers has the operation [`NOWHERE`].
pub(crate) type Case = (String, u16, String);

/// The operation of an answer that no operation gave.
pub(crate) const NOWHERE: &str = "*";

/// The code of an answer that isn't a problem.
const SUCCESS: &str = "success";

/// The headers that are HTTP's own, beside those that the document names. No answer of the local stack and of the
/// functions has others. What a gateway of AWS adds on a stage is its own; but no header that the document names
/// stands where the document doesn't name it there either.
const OF_HTTP: [&str; 5] =
    ["content-length", "content-type", "date", "strict-transport-security", "transfer-encoding"];

/// The document.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(&document()));

/// Everything that the document says about answers.
pub(crate) struct Contract {
    operations: Vec<Operation>,
    /// Whether a gateway that isn't the project's own answers.
    is_of_a_stage: bool,
    /// Every header that the document names.
    named: BTreeSet<String>,
}

struct Operation {
    /// Upper case.
    method: String,
    path: String,
    responses: BTreeMap<u16, Response>,
}

struct Response {
    content: Option<(String, Validator)>,
    headers: BTreeMap<String, Header>,
    codes: Vec<String>,
}

struct Header {
    schema: Validator,
    is_integer: bool,
    is_required: bool,
}

impl Contract {
    fn new(document: &Value) -> Self {
        let mut operations = Vec::new();
        for (path, item) in object(&document["paths"]) {
            for (method, operation) in object(item) {
                let responses = object(&operation["responses"])
                    .iter()
                    .map(|(status, response)| (status.parse().unwrap(), Response::new(document, response)))
                    .collect();
                operations.push(Operation { method: method.to_uppercase(), path: path.clone(), responses });
            }
        }
        let nowhere = &document["components"]["responses"];
        let responses = [(404, "NotFound"), (405, "MethodNotAllowed")]
            .map(|(status, name)| (status, Response::new(document, &nowhere[name])));
        assert_eq!(object(nowhere).len(), responses.len());
        let (method, path) = (String::new(), NOWHERE.to_owned());
        operations.push(Operation { method, path, responses: responses.into() });
        let named = object(&document["components"]["headers"]).keys().map(|name| name.to_lowercase());
        Self { operations, is_of_a_stage: variable("REGAIN_TEST_API").is_some(), named: named.collect() }
    }

    /// Everything that is documented.
    pub(crate) fn cases(&self) -> BTreeSet<Case> {
        let mut cases = BTreeSet::new();
        for operation in &self.operations {
            for (status, response) in &operation.responses {
                cases.extend(response.codes.iter().map(|code| (operation.name(), *status, code.clone())));
            }
        }
        cases
    }

    /// Fails unless the document has this answer, with its headers and its body. What only the local stack
    /// has isn't in the document, and is no case. Nor is `HEAD`, whose answer is held to that of `GET` where
    /// `meta` has it, without the body.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) -> Option<Case> {
        // Pages are for people: docs/pages.md has them, and tests of their own.
        if path.starts_with("/_local/") || PAGES.iter().any(|page| path_matches(page.path, path)) {
            return None;
        }
        let is_head =
            method == "HEAD" && operation_of("GET", path).is_some_and(|route| route.function == "meta");
        let named = if is_head { "GET" } else { method };
        let operation = self
            .operations
            .iter()
            .find(|o| o.method == named && path_matches(&o.path, path))
            .or(self.operations.last())
            .unwrap();
        let status = answer.status.as_u16();
        let described = format!("{method} {path}: {answer:?}");
        let response =
            operation.responses.get(&status).unwrap_or_else(|| panic!("not documented: {described}"));
        self.check_headers(response, answer, &described);
        if method == "HEAD" {
            assert_eq!(answer.body, Value::Null, "{described}");
            return None;
        }
        let code = response.check_body(answer, &described);
        Some((operation.name(), status, code))
    }

    /// Fails unless an answer has the headers that the document names for it, and no others.
    fn check_headers(&self, response: &Response, answer: &Answer, described: &str) {
        response.check_headers(answer, described);
        for name in answer.headers.keys().map(reqwest::header::HeaderName::as_str) {
            let is_the_gateways = self.is_of_a_stage && !self.named.contains(name);
            let is_fine = response.headers.contains_key(name) || OF_HTTP.contains(&name) || is_the_gateways;
            assert!(is_fine, "{name} of {described} is not documented");
        }
    }
}

/// The route of a request.
fn operation_of(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method && path_matches(route.path, path))
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path).trim_start().to_owned()
    }
}

impl Response {
    fn new(document: &Value, response: &Value) -> Self {
        let content = response["content"].as_object().map(|content| {
            let (media_type, content) = content.iter().next().unwrap();
            (media_type.clone(), &content["schema"])
        });
        let codes = match &content {
            Some((media_type, schema)) if media_type == "application/problem+json" => codes(schema),
            _ => vec![SUCCESS.to_owned()],
        };
        let headers = object(&response["headers"]).iter().map(|(name, header)| {
            let header = match header["$ref"].as_str() {
                Some(pointer) => document.pointer(pointer.trim_start_matches('#')).unwrap(),
                None => header,
            };
            let header = Header {
                schema: jsonschema::validator_for(&header["schema"]).unwrap(),
                is_integer: header["schema"]["type"] == "integer",
                is_required: header["required"] == true,
            };
            (name.to_lowercase(), header)
        });
        let headers = headers.collect();
        let content = content.map(|(media_type, schema)| (media_type, validator(document, schema)));
        Self { content, headers, codes }
    }

    /// Fails unless an answer has these headers, with such values.
    fn check_headers(&self, answer: &Answer, described: &str) {
        for (name, header) in &self.headers {
            let values: Vec<&str> =
                answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
            assert!(values.len() <= 1 && !(header.is_required && values.is_empty()), "{name} of {described}");
            for value in values {
                let value =
                    if header.is_integer { json!(value.parse::<i64>().unwrap()) } else { json!(value) };
                assert!(header.schema.is_valid(&value), "{name} of {described}");
            }
        }
    }

    /// Fails unless an answer has such a body; gives its code.
    fn check_body(&self, answer: &Answer, described: &str) -> String {
        let Some((media_type, schema)) = &self.content else {
            assert_eq!(answer.body, Value::Null, "{described}");
            return SUCCESS.to_owned();
        };
        assert_eq!(answer.header("content-type"), media_type, "{described}");
        if let Err(error) = schema.validate(&answer.body) {
            panic!("{error}: {described}");
        }
        match &self.codes[..] {
            [only] if only == SUCCESS => SUCCESS.to_owned(),
            _ => answer.code().to_owned(),
        }
    }
}

/// The answer of `GET /v1/health`, with another header.
fn health_with(name: &'static str) -> Answer {
    let headers = [
        ("cache-control", "no-store"),
        ("content-type", "application/json"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", "id"),
        (name, "1"),
    ];
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Answer {
        status: reqwest::StatusCode::OK,
        headers: headers.into_iter().collect(),
        body: json!({"status": "ok"}),
    }
}

#[test]
fn a_header_that_is_documented_is_allowed() {
    assert!(CONTRACT.check("GET", "/v1/health", &health_with("date")).is_some());
}

#[test]
#[should_panic(expected = "retry-after")]
fn a_header_that_is_documented_elsewhere_is_not_allowed() {
    CONTRACT.check("GET", "/v1/health", &health_with("retry-after"));
}
