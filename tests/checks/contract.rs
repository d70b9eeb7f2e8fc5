//! What people read of the contract: the document's examples are such as it says, and docs/http-api.md names the same
//! statuses and problems as the document.

use std::collections::{BTreeMap, BTreeSet};

use regain_http_api::Code;
use regain_http_api::openapi::document;
use regain_http_api::routes::{ROUTES, Route};
use regain_lab::documents::write_or_compare;
use regain_lab::openapi::{codes, object, validator};
use serde_json::Value;

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

/// docs/http-api.md.
fn reference() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/http-api.md")).unwrap()
}

/// Its sections: headings, each with the text below it up to the next, without blocks of code.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections = vec![(String::new(), String::new())];
    let mut is_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code && line.starts_with('#') {
            sections.push((line.trim_start_matches(['#', ' ']).to_owned(), String::new()));
        } else if !is_code {
            let (_, text) = sections.last_mut().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    sections
}

/// The section with a heading.
fn section(text: &str, heading: &str) -> String {
    let found = sections(text).into_iter().find(|(own, _)| own == heading);
    found.unwrap_or_else(|| panic!("docs/http-api.md has no section {heading}")).1
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cells of a table's rows that begin with a code or a call.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The codes that a text names. Whatever stands between backticks there must be one.
fn named_codes(text: &str) -> BTreeSet<String> {
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let names = quoted(text);
    assert!(names.iter().all(|name| known.contains(name)), "{names:?} are not all codes");
    names.into_iter().map(str::to_owned).collect()
}

/// The statuses of success that a text names.
fn successes(text: &str) -> BTreeSet<u16> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter_map(|word| word.parse().ok())
        .filter(|status| [200, 201, 202, 204, 302].contains(status))
        .collect()
}

/// Statuses of success and codes of a call.
type Said = (BTreeSet<u16>, BTreeSet<String>);

/// What docs/http-api.md says of each call by itself.
fn said_by_the_reference(text: &str) -> BTreeMap<String, Said> {
    let is_call = |call: &&str| ROUTES.iter().any(|route| **call == name(route));
    let mut said = BTreeMap::new();
    for (heading, text) in sections(text) {
        let problems = text.split("\n\n").filter_map(|paragraph| {
            let place =
                paragraph.find("Problem: ").or(paragraph.find("Problems: ")).or(paragraph.find("Problems, "));
            Some(named_codes(&paragraph[place?..]))
        });
        let problems: Vec<_> = problems.collect();
        for call in quoted(&heading).into_iter().filter(is_call) {
            assert!(problems.len() <= 1, "{call} has several lists of problems");
            let problems = problems.first().cloned().unwrap_or_default();
            assert!(said.insert(call.to_owned(), (successes(&text), problems)).is_none(), "{call} twice");
        }
    }
    for row in rows(&section(text, "Beside the API")) {
        for call in quoted(row[0]).into_iter().filter(is_call) {
            assert!(
                said.insert(call.to_owned(), (successes(row[1]), BTreeSet::new())).is_none(),
                "{call} twice"
            );
        }
    }
    said
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// Each answer of the document: the operation, the status, and the problem's code or `success`.
fn cases(document: &Value) -> Vec<(String, u16, String)> {
    let mut found = Vec::new();
    let mut add = |operation: &str, status: u16, response: &Value| {
        let schema = &response["content"]["application/problem+json"]["schema"];
        let codes = if schema.is_null() { vec!["success".to_owned()] } else { codes(schema) };
        found.extend(codes.into_iter().map(|code| (operation.to_owned(), status, code)));
    };
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            for (status, response) in object(&operation["responses"]) {
                add(&format!("{} {path}", method.to_uppercase()), status.parse().unwrap(), response);
            }
        }
    }
    let nowhere = &document["components"]["responses"];
    add("*", 404, &nowhere["NotFound"]);
    add("*", 405, &nowhere["MethodNotAllowed"]);
    found
}

#[test]
fn the_reference_names_the_documents_statuses_and_problems() {
    let (text, document) = (reference(), document());
    let mut said = said_by_the_reference(&text);
    let common = section(&text, "Problems that many calls have");
    let common = |row: &str| {
        let cells = common.lines().find_map(|line| line.strip_prefix(&format!("| {row} | ")));
        named_codes(cells.unwrap_or_else(|| panic!("no row {row}")))
    };
    let (with_a_body, with_the_table) = (common("calls with a body"), common("calls that use the table"));
    for route in ROUTES {
        let (statuses, mut problems) =
            said.remove(&name(route)).unwrap_or_else(|| panic!("{route:?} is missing"));
        if object(&document["paths"][route.path][route.method.to_lowercase()]).contains_key("requestBody") {
            problems.extend(with_a_body.clone());
        }
        if route.function != "meta" {
            problems.extend(with_the_table.clone());
        }
        let cases = cases(&document).into_iter().filter(|(operation, ..)| *operation == name(route));
        let (successes, refusals): (Vec<_>, Vec<_>) = cases.partition(|(_, _, code)| code == "success");
        assert_eq!(statuses, successes.into_iter().map(|(_, status, _)| status).collect(), "{route:?}");
        assert_eq!(problems, refusals.into_iter().map(|(_, _, code)| code).collect(), "{route:?}");
    }
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn the_references_table_of_problems_has_the_documents_statuses() {
    let table = section(&reference(), "Problem codes");
    let said: BTreeSet<(String, u16)> =
        rows(&table).iter().map(|row| (quoted(row[0])[0].to_owned(), row[1].parse().unwrap())).collect();
    assert_eq!(said.len(), rows(&table).len(), "a row twice");
    let documented = cases(&document()).into_iter().filter(|(_, _, code)| code != "success");
    assert_eq!(said, documented.map(|(_, status, code)| (code, status)).collect());
}
