//! docs/configuration.md against the code.

use std::collections::BTreeSet;
use std::sync::Mutex;

use regain_bootstrap::settings::SETTINGS;
use regain_bootstrap::{Function, keys};
use regain_lab::documents::{read, table, write_or_compare_part};

const DOCUMENT: &str = "docs/configuration.md";

#[test]
fn the_numbers_are_documented() {
    let rows = SETTINGS.iter().map(|setting| {
        let bounds = |(low, high): (u32, u32)| format!("{low} to {high}");
        [
            format!("`{}`", setting.name),
            setting.unit.to_owned(),
            setting.default.to_string(),
            bounds(setting.safe),
            bounds(setting.possible),
            setting.purpose.to_owned(),
        ]
    });
    let head = ["variable", "unit", "default", "safe", "possible when local", "purpose"];
    write_or_compare_part(DOCUMENT, "settings", &table(head, rows));
}

/// The variables that functions ask for when they start.
async fn variables() -> BTreeSet<String> {
    let asked = Mutex::new(BTreeSet::new());
    let keys = keys::generate().unwrap();
    // Without keys a function asks for them everywhere, with them for the rest.
    for keys in [None, Some(keys.to_string())] {
        let variables = |name: &str| {
            asked.lock().unwrap().insert(name.to_owned());
            match name {
                "REGAIN_STAGE" => Some("local".to_owned()),
                "REGAIN_KEYS" => keys.clone(),
                "REGAIN_ORIGIN" => Some("https://example.com".to_owned()),
                "REGAIN_EMAIL_FROM" => Some("no-reply@example.com".to_owned()),
                "REGAIN_SMS_COUNTRIES" => Some("SE".to_owned()),
                "REGAIN_TABLE" | "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => {
                    Some("test".to_owned())
                }
                _ => None,
            }
        };
        if let Ok(function) = Function::configured(&variables, &regain_domain::KeyUse::ALL).await {
            function.config.read_delivery(&variables).unwrap();
        }
    }
    asked.into_inner().unwrap()
}

#[tokio::test]
async fn the_variables_that_functions_read_are_documented() {
    let document = read(DOCUMENT);
    let variables = variables().await;
    assert!(variables.len() > SETTINGS.len() + 15, "{variables:?}");
    for name in variables {
        assert!(document.contains(&format!("`{name}`")), "{DOCUMENT} doesn't name {name}");
    }
}
