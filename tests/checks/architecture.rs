//! The crate graph is the architecture: who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The normal dependencies of every package of the workspace, by name. The one that has no code, and only lists the
/// features that all share, is left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let packages = packages.filter(|package| package["name"] != "regain-workspace-hack").map(|package| {
        let normal = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
        let names = normal.map(|d| d["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), names.collect())
    });
    packages.collect()
}

#[test]
fn the_domain_depends_on_no_runtime_no_aws_and_no_adapter() {
    let dependencies = dependencies();
    for name in &dependencies["regain-domain"] {
        // `tracing` is a facade; what subscribes to it is not for the domain to know.
        let foreign =
            ["regain-", "aws", "axum", "http", "hyper", "lambda", "tokio", "tower", "tracing-", "serde"];
        assert!(!foreign.iter().any(|prefix| name.starts_with(prefix)), "regain-domain depends on {name}");
    }
}

#[test]
fn only_telemetry_and_the_local_stack_subscribe_to_spans() {
    let subscribers =
        dependencies().into_iter().filter(|(_, names)| names.iter().any(|name| name.starts_with("tracing-")));
    let names: Vec<_> = subscribers.map(|(name, _)| name).collect();
    assert_eq!(names, ["regain-local-stack", "regain-telemetry"]);
}

#[test]
fn adapters_depend_on_the_domain_and_not_on_each_other() {
    let dependencies = dependencies();
    for adapter in ["crypto", "dynamodb", "http-api", "locales", "messages", "passwords", "ses", "sns"] {
        let own =
            dependencies[&format!("regain-{adapter}")].iter().filter(|name| name.starts_with("regain-"));
        let expected: &[&str] = match adapter {
            "http-api" => &["regain-domain", "regain-telemetry"],
            "messages" => &["regain-domain", "regain-locales"],
            _ => &["regain-domain"],
        };
        assert_eq!(own.collect::<Vec<_>>(), expected, "{adapter}");
    }
}

#[test]
fn telemetry_depends_on_nothing_of_ours() {
    let dependencies = dependencies();
    let own = dependencies["regain-telemetry"].iter().filter(|name| name.starts_with("regain-"));
    assert_eq!(own.count(), 0);
}

#[test]
fn only_delivery_can_send_and_only_what_sets_passwords_judges_them() {
    let functions = dependencies().into_iter().filter(|(name, _)| {
        let manifest = format!("functions/{}/Cargo.toml", name.trim_start_matches("regain-"));
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest).exists()
    });
    let mut count = 0;
    for (name, dependencies) in functions {
        count += 1;
        let has = |crates: &[&str]| crates.iter().any(|c| dependencies.contains(*c));
        let sends = ["regain-ses", "regain-sns", "regain-messages", "aws-sdk-sesv2", "aws-sdk-sns"];
        assert_eq!(has(&sends), name == "regain-deliver-messages", "{name}");
        assert_eq!(has(&["regain-passwords"]), name == "regain-set-password", "{name}");
        for other in dependencies.iter().filter(|d| d.starts_with("regain-")) {
            let manifest = format!("functions/{}", other.trim_start_matches("regain-"));
            let is_function = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest).exists();
            assert!(!is_function, "{name} depends on the function {other}");
        }
    }
    assert!(count >= 8, "{count} functions");
}
