//! The settings of each function, and docs/configuration.md against the code.

use std::collections::BTreeSet;
use std::sync::Mutex;

use regain_bootstrap::settings::SETTINGS;
use regain_bootstrap::{Function, Settings, keys};
use regain_harness::documents::{read, table, write_or_compare_part};
use regain_local_stack::functions::{self, REGISTRY};

const DOCUMENT: &str = "docs/configuration.md";

/// A stage with everything set that must be, and one variable more, or with another value.
fn stage(more: (&str, &str)) -> impl Fn(&str) -> Option<String> {
    let set = [
        ("REGAIN_STAGE", "test"),
        ("REGAIN_ORIGIN", "https://example.com"),
        ("REGAIN_EMAIL_FROM", "no-reply@example.com"),
        ("REGAIN_SMS_COUNTRIES", "SE,NO"),
        ("REGAIN_SUPPORT_EMAIL", "help@example.com"),
    ];
    move |wanted| {
        let found = [more].into_iter().chain(set).find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.to_owned())
    }
}

/// Wrong values of the texts that have a form.
const WRONG: [(&str, &str); 15] = [
    ("REGAIN_BRAND_COLOR", "#ffcc00"),
    ("REGAIN_BRAND_NAME", " "),
    ("REGAIN_CORS_ORIGINS", "*"),
    ("REGAIN_DEFAULT_LOCALE", "tlh"),
    ("REGAIN_EMAIL_CONFIGURATION_SET", "a b"),
    ("REGAIN_EMAIL_FROM", "@"),
    ("REGAIN_LANGUAGES", "en,tlh"),
    ("REGAIN_ORIGIN", "example.com"),
    ("REGAIN_POSTAL_CODE_CHECK", "maybe"),
    ("REGAIN_RETURN_URLS", "https://app.example.com/back"),
    ("REGAIN_SMS_COUNTRIES", "XX"),
    ("REGAIN_SMS_SENDER_ID", "1"),
    ("REGAIN_SUPPORT_EMAIL", "nobody"),
    ("REGAIN_SUPPORT_URL", "https://example.com/beside-the-address"),
    ("REGAIN_TRUSTED_PROXIES", "everyone"),
];

/// The variables that a function reads, besides table, keys and clock.
pub(crate) fn used(function: &functions::Function) -> BTreeSet<String> {
    function.declaration.settings(&stage(("", ""))).unwrap()
}

#[test]
fn a_bad_setting_stops_the_functions_that_use_it_and_no_others() {
    for function in &REGISTRY {
        let used = used(function);
        for (name, wrong) in SETTINGS.iter().map(|setting| (setting.name, "many")).chain(WRONG) {
            let variables = stage((name, wrong));
            let outcome = (function.declaration.configure)(&Settings::new(&variables).unwrap());
            let refused = outcome.err().map(|error| error.to_string());
            assert_eq!(refused.is_some(), used.contains(name), "{} with {name}: {refused:?}", function.name);
            assert!(refused.is_none_or(|error| error.starts_with(name)), "{name}");
        }
    }
}

#[test]
fn every_setting_is_used() {
    for setting in SETTINGS {
        assert!(!users(setting.name).is_empty(), "no function uses {}", setting.name);
    }
}

/// The functions that use a setting, for a table.
fn users(name: &str) -> String {
    let users = REGISTRY.iter().filter(|function| used(function).contains(name));
    users.map(|function| format!("`{}`", function.name)).collect::<Vec<_>>().join(", ")
}

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
            users(setting.name),
        ]
    });
    let head = ["variable", "unit", "default", "safe", "possible when local", "purpose", "used by"];
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
        let configure = |settings: &Settings<'_>| {
            REGISTRY.iter().try_for_each(|function| (function.declaration.configure)(settings))
        };
        assert_eq!(
            Function::configured(&variables, &regain_domain::KeyUse::ALL, configure).await.is_ok(),
            keys.is_some()
        );
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
