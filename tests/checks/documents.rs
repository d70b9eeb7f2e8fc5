//! Names in documents exist: files, headings, parameters and outputs of the template.

use std::collections::BTreeSet;

use regain_harness::documents::{read, root};

use crate::template::template;

/// Every document, by its path from the workspace's folder.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

/// The lines of a document that are not in a block of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchors of a document's headings, by GitHub's rule.
fn anchors(text: &str) -> BTreeSet<String> {
    let anchor = |heading: &str| {
        let text = heading.trim_matches(['#', ' ']).to_lowercase().replace(' ', "-");
        text.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    prose(text).filter(|line| line.starts_with('#')).map(anchor).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        let folder = root().join(&document).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.contains(':') {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root().join(&document) } else { folder.join(path) };
            assert!(target.exists(), "{document} links to {link}, and there is no such file");
            if !anchor.is_empty() {
                let target = std::fs::read_to_string(target).unwrap();
                assert!(anchors(&target).contains(anchor), "{document} links to {link}: no such heading");
            }
        }
    }
    assert!(count > 50, "{count} links");
}

#[test]
fn the_files_that_documents_name_exist() {
    let mut count = 0;
    for document in documents() {
        for name in prose(&read(&document)).flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let folders = ["cli/", "docs/", "functions/", "infra/", "localstack/", "shared/", "tests/"];
            // A name in capitals stands for any.
            let is_path =
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c));
            if is_path && folders.iter().any(|folder| name.starts_with(folder)) {
                count += 1;
                assert!(root().join(name).exists(), "{document} names {name}, which doesn't exist");
            }
        }
    }
    assert!(count > 50, "{count} files");
}

#[test]
fn what_is_said_of_deploying_is_in_the_template() {
    let template = template();
    let document = read("docs/deploying.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let documented = rows.flat_map(|(names, _)| names.split("`, `"));
    let stages = read("infra/samconfig.toml");
    let overrides = stages.lines().filter_map(|line| line.strip_prefix("    \"")?.split_once('='));
    let parameters: BTreeSet<_> = documented.chain(overrides.map(|(name, _)| name)).collect();
    assert!(parameters.contains("Stage"));
    for name in parameters {
        assert!(template["Parameters"][name].is_object(), "the template has no parameter {name}");
    }
    for rest in document.split("(output ").skip(1) {
        let (name, _) = rest.split_once(')').unwrap();
        assert!(template["Outputs"][name].is_object(), "the template has no output {name}");
    }
}
