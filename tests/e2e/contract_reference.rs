//! What people read of the contract: the document's examples are such as it says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract_document::{codes, document, object, validator};

/// What a content has as examples, by name; where it has one only, that has none.
fn examples(document: &Value, content: &Value) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Value> =
        content.get("example").map(|example| (String::new(), example.clone())).into_iter().collect();
    for (name, example) in content["examples"].as_object().into_iter().flatten() {
        let pointer = example["$ref"].as_str().unwrap().trim_start_matches('#');
        found.insert(name.clone(), document.pointer(pointer).unwrap()["value"].clone());
    }
    found
}

/// Fails unless a content has examples, and each is what its schema allows.
fn check_content(document: &Value, place: &str, content: &Value) -> usize {
    let examples = examples(document, content);
    assert!(!examples.is_empty(), "{place} has no example");
    let validator = validator(document, &content["schema"]);
    for (name, example) in &examples {
        if let Err(error) = validator.validate(example) {
            panic!("{name} of {place}: {error}");
        }
    }
    // A problem's examples are one for each of its codes.
    let codes: BTreeSet<String> = codes(&content["schema"]).into_iter().collect();
    if !codes.is_empty() {
        assert_eq!(examples.keys().cloned().collect::<BTreeSet<_>>(), codes, "{place}");
        assert!(examples.iter().all(|(name, example)| example["code"] == **name), "{place}");
    }
    examples.len()
}

#[test]
fn every_example_is_what_its_schema_says() {
    let document = document();
    let mut count = 0;
    let mut check_response = |place: &str, response: &Value| {
        for (media_type, content) in response["content"].as_object().into_iter().flatten() {
            count += check_content(&document, &format!("{place} {media_type}"), content);
        }
    };
    for (name, response) in object(&document["components"]["responses"]) {
        check_response(name, response);
    }
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            for (status, response) in object(&operation["responses"]) {
                check_response(&format!("{status} of {method} {path}"), response);
            }
        }
    }
    let responses = count;
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten()
            {
                count +=
                    check_content(&document, &format!("the body of {method} {path} {media_type}"), content);
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let place = format!("{} of {method} {path}", parameter["name"]);
                let examples = parameter["schema"]["examples"]
                    .as_array()
                    .unwrap_or_else(|| panic!("{place} has no example"));
                assert!(!examples.is_empty(), "{place} has no example");
                let validator = validator(&document, &parameter["schema"]);
                assert!(examples.iter().all(|example| validator.is_valid(example)), "{place}");
                count += examples.len();
            }
        }
    }
    assert!(responses >= 12 && count >= responses + 5, "{responses} of answers, {count} in all");
}
