//! A function whose configuration is bad ends at its start and names the variable: as a process of its own, with
//! nothing in its environment but what is said here.

use std::process::{Command, Output};

use serde_json::Value;

use crate::timeouts::output;

const FUNCTIONS: [&str; 6] =
    ["request-code", "resend-code", "verify-code", "set-password", "sessions", "deliver-messages"];

fn regain(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    output(command.args(arguments).env_clear().envs(environment.iter().copied()))
}

fn new_keys() -> String {
    String::from_utf8(regain(&["keys"], &[]).stdout).unwrap()
}

/// Starts a function of a stage that isn't local with everything that it needs, but for one variable: absent, or
/// with another value. What it says.
fn start_with(function: &str, name: &str, value: Option<&str>) -> String {
    let keys = new_keys();
    let mut environment = vec![
        ("REGAIN_STAGE", "test"),
        ("REGAIN_TABLE", "regain"),
        ("REGAIN_KEYS", keys.as_str()),
        ("REGAIN_ORIGIN", "https://example.com"),
        ("REGAIN_EMAIL_FROM", "no-reply@example.com"),
        ("REGAIN_SMS_COUNTRIES", "SE,NO"),
        ("REGAIN_SUPPORT_URL", "https://example.com/help"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        // Nobody is there: a function that starts ends when it asks for an event.
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
    ];
    environment.retain(|(known, _)| *known != name);
    environment.extend(value.map(|value| (name, value)));
    let output = regain(&["function", function], &environment);
    assert!(!output.status.success(), "{function} with {name}={value:?}");
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[track_caller]
fn is_refused(function: &str, name: &str, value: Option<&str>) {
    let said = start_with(function, name, value);
    assert!(said.contains("the function can't run"), "{function} with {name}={value:?}: {said}");
    assert!(said.contains(name), "{function} with {name}={value:?}: {said}");
}

#[test]
fn what_is_good_is_not_refused() {
    for function in FUNCTIONS {
        let said = start_with(function, "REGAIN_BRAND_NAME", Some("Acme"));
        assert!(!said.contains("REGAIN_"), "{function}: {said}");
    }
}

#[test]
fn a_missing_key_stops_every_function_and_is_named() {
    let mut keys: Value = serde_json::from_str(&new_keys()).unwrap();
    keys.as_object_mut().unwrap().remove("token").expect("a key of that name");
    for function in FUNCTIONS {
        is_refused(function, "REGAIN_KEYS", None);
        is_refused(function, "REGAIN_KEYS", Some(""));
        is_refused(function, "REGAIN_KEYS", Some(&keys.to_string()));
    }
}

#[test]
fn a_setting_outside_its_bounds_stops_who_uses_it_and_is_named() {
    let challenges = ["request-code", "resend-code"];
    for (name, value, users) in [
        (
            "REGAIN_ATTEMPTS_PER_CHALLENGE",
            "6",
            &["request-code", "resend-code", "verify-code", "deliver-messages"][..],
        ),
        ("REGAIN_CODE_LIFETIME_SECONDS", "601", &challenges),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "0", &["request-code"]),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS", "-1", &["deliver-messages"]),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "many", &["verify-code"]),
        ("REGAIN_ARGON2_ITERATIONS", "0", &["set-password", "sessions"]),
        ("REGAIN_BRAND_NAME", "Acme\r\n", &FUNCTIONS),
        (
            "REGAIN_CORS_ORIGINS",
            "*",
            &["request-code", "resend-code", "verify-code", "set-password", "sessions"],
        ),
    ] {
        for function in FUNCTIONS {
            if users.contains(&function) {
                is_refused(function, name, Some(value));
            } else {
                let said = start_with(function, name, Some(value));
                assert!(!said.contains("REGAIN_"), "{function} with {name}={value}: {said}");
            }
        }
    }
}

#[test]
fn a_list_of_countries_that_is_empty_or_none_stops_delivery_and_is_named() {
    for value in [None, Some(""), Some(","), Some("SE,"), Some("Sweden")] {
        is_refused("deliver-messages", "REGAIN_SMS_COUNTRIES", value);
    }
}

#[test]
fn a_sender_that_is_none_is_told_at_the_start() {
    for value in [
        "",
        "@",
        "nobody",
        "Acme",
        "@example.com",
        "no-reply@",
        "Acme <no-reply@example.com",
        "Acme no-reply@example.com>",
        "Acme <no-reply@example.com> AB",
        "Acme <>",
        "no-reply@example.com, other@example.com",
        "Acme <no..reply@example.com>",
        "Acme <nö-reply@example.com>",
        "Acme\r\nBcc: other@example.com <no-reply@example.com>",
    ] {
        is_refused("deliver-messages", "REGAIN_EMAIL_FROM", Some(value));
    }
    for value in
        ["no-reply@example.com", "Acme, Inc. <no-reply@example.com>", "\"Müller\" <No-Reply@bücher.example>"]
    {
        let said = start_with("deliver-messages", "REGAIN_EMAIL_FROM", Some(value));
        assert!(!said.contains("REGAIN_"), "{value}: {said}");
    }
}

#[test]
fn what_must_be_set_is_named() {
    for function in FUNCTIONS {
        is_refused(function, "REGAIN_STAGE", None);
        is_refused(function, "REGAIN_TABLE", None);
    }
    is_refused("deliver-messages", "REGAIN_EMAIL_FROM", None);
    is_refused("deliver-messages", "REGAIN_ORIGIN", None);
    is_refused("deliver-messages", "REGAIN_SUPPORT_URL", None);
}
