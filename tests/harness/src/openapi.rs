//! The checked-in OpenAPI document, and its schemas as judges of values.

#![expect(clippy::unwrap_used, reason = "a document that can't be read fails the test that reads it")]
#![expect(clippy::missing_panics_doc, reason = "everything here panics at a document that is none")]

use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::documents;

/// The document as it is checked in.
#[must_use]
pub fn document() -> Value {
    serde_json::from_str(&documents::read("docs/openapi.json")).unwrap()
}

/// A judge of values by a schema of the document.
///
/// A schema that allows clients to meet more members than it names must not hide one from the document: here
/// every object is closed, however deep it stands.
#[must_use]
pub fn validator(document: &Value, schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&closed(document, schema, true))
        .unwrap()
}

/// A schema without references, in which objects have no members but those that are named. Not so the parts of an
/// `allOf`, each of which names some (`is_whole` is false): there it is for the whole. `{"type": "object"}` alone
/// stands for any object.
fn closed(document: &Value, schema: &Value, is_whole: bool) -> Value {
    let mut schema = object(schema).clone();
    if let Some(pointer) = schema.remove("$ref") {
        let target = document.pointer(pointer.as_str().unwrap().trim_start_matches('#')).unwrap();
        // Beside a reference stands a description and nothing else.
        assert!(schema.keys().all(|name| name == "description"), "{schema:?} beside {pointer}");
        return closed(document, target, is_whole);
    }
    for (name, part) in &mut schema {
        match (name.as_str(), part) {
            ("items", part) => *part = closed(document, part, true),
            ("properties", Value::Object(parts)) => {
                parts.values_mut().for_each(|part| *part = closed(document, part, true));
            }
            ("oneOf", Value::Array(parts)) => {
                for part in parts {
                    *part = closed(document, part, is_whole);
                }
            }
            ("allOf", Value::Array(parts)) => {
                for part in parts {
                    *part = closed(document, part, false);
                }
            }
            ("additionalProperties", Value::Bool(_)) => {}
            (name, part) => {
                assert!(!part.is_object() && !part.is_array() || LISTS.contains(&name), "{name}: {part}");
            }
        }
    }
    if is_whole && (schema.contains_key("properties") || schema.contains_key("allOf")) {
        schema.insert("unevaluatedProperties".to_owned(), false.into());
    }
    Value::Object(schema)
}

/// The keywords whose values are lists and hold no schema.
const LISTS: [&str; 4] = ["enum", "examples", "required", "type"];

/// The codes of a problem's schema.
#[must_use]
pub fn codes(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for alternatives in ["oneOf", "allOf"] {
        found.extend(schema[alternatives].as_array().into_iter().flatten().flat_map(codes));
    }
    let own = schema["properties"]["code"]["enum"].as_array().into_iter().flatten();
    found.extend(own.map(|code| code.as_str().unwrap().to_owned()));
    found
}

/// The members of an object.
#[must_use]
pub fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}
