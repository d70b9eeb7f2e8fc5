//! The checked-in OpenAPI document as a judge of real answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use regain_http_api::routes::path_matches;
use serde_json::{Map, Value, json};

use crate::harness::Answer;

/// An operation such as `POST /v1/sessions`, a status, and the problem's code or `success`. What no operation
/// answers has the operation [`NOWHERE`].
pub(crate) type Case = (String, u16, String);

/// The operation of an answer that no operation gave.
pub(crate) const NOWHERE: &str = "*";

/// The code of an answer that isn't a problem.
const SUCCESS: &str = "success";

/// The headers that only some answers have. Where the document doesn't name them they must be absent.
const OCCASIONAL: [&str; 4] = ["allow", "location", "retry-after", "www-authenticate"];

/// The document.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    Contract::new(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
});

/// Everything that the document says about answers.
pub(crate) struct Contract {
    operations: Vec<Operation>,
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
        Self { operations }
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
    /// has isn't in the document, and is no case.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) -> Option<Case> {
        if path.starts_with("/_local/") || ["HEAD", "OPTIONS"].contains(&method) {
            return None;
        }
        let operation = self
            .operations
            .iter()
            .find(|o| o.method == method && path_matches(&o.path, path))
            .or(self.operations.last())
            .unwrap();
        let status = answer.status.as_u16();
        let described = format!("{method} {path}: {answer:?}");
        let response =
            operation.responses.get(&status).unwrap_or_else(|| panic!("not documented: {described}"));
        let code = response.check(answer, &described);
        Some((operation.name(), status, code))
    }
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

    /// Fails unless this is such an answer; gives its code.
    fn check(&self, answer: &Answer, described: &str) -> String {
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
        for name in OCCASIONAL {
            let is_fine = self.headers.contains_key(name) || !answer.headers.contains_key(name);
            assert!(is_fine, "{name} of {described} is not documented");
        }
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

/// A schema that allows clients to meet more members than it names must not hide one from the document: here
/// it is closed.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = json!({"components": document["components"], "allOf": [schema]});
    if *schema != json!({"type": "object"}) {
        root["unevaluatedProperties"] = false.into();
    }
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap()
}

/// The codes of a problem's schema.
fn codes(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for alternatives in ["oneOf", "allOf"] {
        found.extend(schema[alternatives].as_array().into_iter().flatten().flat_map(codes));
    }
    let own = schema["properties"]["code"]["enum"].as_array().into_iter().flatten();
    found.extend(own.map(|code| code.as_str().unwrap().to_owned()));
    found
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}
