//! The contract: the OpenAPI document is the one that the code makes, its examples are such as it says, and the tables
//! of docs/http-api.md are made from it.

use std::collections::{BTreeMap, BTreeSet};

use regain_harness::documents::{table, write_or_compare, write_or_compare_part};
use regain_harness::openapi::{codes, object, validator};
use regain_http_api::Code;
use regain_http_api::openapi::document;
use regain_http_api::routes::ROUTES;
use serde_json::Value;

const REFERENCE: &str = "docs/http-api.md";

/// The examples of a content, by name; a single one has none.
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
fn the_checked_in_document_is_the_one_that_the_code_makes() {
    write_or_compare("docs/openapi.json", &format!("{:#}\n", regain_http_api::openapi::document()));
}

#[test]
fn no_member_is_hidden_however_deep_it_stands() {
    let document = document();
    let schema = &document["paths"]["/v1/password"]["post"]["responses"]["422"]["content"]["application/problem+json"]
        ["schema"];
    let validator = validator(&document, schema);
    let example = &document["components"]["examples"]["password_rejected"]["value"];
    assert!(validator.is_valid(example));
    for place in ["", "/violations/0", "/violations/1"] {
        let mut hidden = example.clone();
        hidden.pointer_mut(place).unwrap()["hidden"] = 1.into();
        assert!(!validator.is_valid(&hidden), "{place}");
    }
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

/// The codes of the problems that a response may be; none of a success.
fn codes_of(response: &Value) -> Vec<String> {
    codes(&response["content"]["application/problem+json"]["schema"])
}

#[test]
fn the_answers_of_each_call_are_in_the_reference() {
    let document = document();
    let rows = ROUTES.iter().map(|route| {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        let (refusals, successes): (Vec<_>, Vec<_>) =
            object(&operation["responses"]).iter().partition(|(_, response)| !codes_of(response).is_empty());
        let successes: Vec<_> = successes.into_iter().map(|(status, _)| status.as_str()).collect();
        let problems: Vec<_> = refusals.into_iter().flat_map(|(_, response)| codes_of(response)).collect();
        let problems: Vec<_> = problems.iter().map(|code| format!("`{code}`")).collect();
        [format!("`{} {}`", route.method, route.path), successes.join(", "), problems.join(", ")]
    });
    write_or_compare_part(REFERENCE, "answers", &table(["call", "success", "problems"], rows));
}

#[test]
fn the_problems_are_in_the_reference() {
    let rows = Code::ALL.iter().map(|code| {
        [format!("`{}`", code.as_str()), code.status().as_u16().to_string(), code.meaning().to_owned()]
    });
    write_or_compare_part(REFERENCE, "problems", &table(["code", "status", "when"], rows));
}

#[test]
fn every_problem_is_an_answer_with_its_status() {
    let document = document();
    let operations = object(&document["paths"]).values().flat_map(|item| object(item).values());
    let responses = operations.flat_map(|operation| object(&operation["responses"]));
    let mut answered: BTreeSet<(String, u16)> = responses
        .flat_map(|(status, response)| {
            codes_of(response).into_iter().map(|code| (code, status.parse().unwrap()))
        })
        .collect();
    // What no operation answers.
    for (name, status) in [("NotFound", 404), ("MethodNotAllowed", 405)] {
        answered.extend(
            codes_of(&document["components"]["responses"][name]).into_iter().map(|code| (code, status)),
        );
    }
    let codes = Code::ALL.iter().map(|code| (code.as_str().to_owned(), code.status().as_u16()));
    assert_eq!(answered, codes.collect());
}
