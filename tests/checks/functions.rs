//! The table of functions in docs/operations.md: the calls that wake it, and what its role allows.

use std::collections::BTreeSet;

use regain_harness::documents::{table, write_or_compare_part};
use regain_harness::template::logical_name;
use regain_harness::{DELIVERY, FEEDBACK, FUNCTIONS};
use regain_http_api::routes::{FALLBACK_FUNCTION, all};
use serde_json::Value;

use crate::template::template;

/// The events that invoke a function.
fn invoked_by(function: &str) -> String {
    let routes = all().filter(|route| route.function == function);
    let mut events: Vec<_> = routes.map(|route| format!("`{} {}`", route.method, route.path)).collect();
    match function {
        DELIVERY => events.push("the table's stream".to_owned()),
        FEEDBACK => events
            .push("SES's events through an SNS topic, SNS's log of text messages that failed".to_owned()),
        FALLBACK_FUNCTION => events.push("what no route matches".to_owned()),
        _ => {}
    }
    events.join(", ")
}

/// The actions that a function's role allows the function itself: those on the table's items, and others.
fn allowed(template: &Value, function: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let role = &template["Resources"][format!("{}Role", logical_name(function))]["Properties"];
    let policies = role["Policies"].as_array().unwrap().iter();
    let statements = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    let (mut of_items, mut others) = (BTreeSet::new(), BTreeSet::new());
    for statement in statements.filter(|statement| statement["Effect"] == "Allow") {
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.as_slice(),
            action => std::slice::from_ref(action),
        };
        for action in actions.iter().map(|action| action.as_str().unwrap()) {
            // The others are Lambda's in the function's name: logs, traces, the stream, dead letters.
            match action.split_once(':').unwrap() {
                ("dynamodb", name) if name.ends_with("Item") || name == "Query" => {
                    of_items.insert(format!("`{name}`"));
                }
                ("secretsmanager" | "ses" | "sns", _) => {
                    others.insert(format!("`{action}`"));
                }
                _ => {}
            }
        }
    }
    (of_items, others)
}

#[test]
fn the_functions_are_documented() {
    let template = template();
    let list = |actions: BTreeSet<String>| actions.into_iter().collect::<Vec<_>>().join(", ");
    let rows = FUNCTIONS.map(|function| {
        let (of_items, others) = allowed(&template, function);
        [format!("`{function}`"), invoked_by(function), list(of_items), list(others)]
    });
    let head = ["function", "invoked by", "on items of the table", "besides"];
    write_or_compare_part("docs/operations.md", "functions", &table(head, rows));
}
