//! The sources of the functions: events reach them by way of their spans, and no span takes what it is not told to.

use regain_harness::documents::{root, sources};

#[test]
fn every_function_gets_its_events_by_way_of_its_spans() {
    let files = sources(&["functions"]);
    let libraries: Vec<_> = files.iter().filter(|file| file.ends_with("src/lib.rs")).collect();
    assert!(libraries.len() >= 7);
    for file in libraries {
        let source = std::fs::read_to_string(file).unwrap();
        let served = source.contains("serve(") || source.contains("listen(");
        assert!(served && !source.contains("lambda_runtime::run"), "{}", file.display());
    }
}

#[test]
fn no_span_takes_a_functions_arguments_by_itself() {
    let mut attributes = 0;
    for file in sources(&["cli", "functions", "shared", "localstack"]) {
        let source = std::fs::read_to_string(&file).unwrap();
        for (start, _) in source.match_indices("instrument").filter(|(start, _)| {
            let line = source[..*start].rsplit('\n').next().unwrap().trim_start();
            line.starts_with("#[")
        }) {
            attributes += 1;
            let attribute = source[start..].split(")]").next().unwrap();
            let at = file.strip_prefix(root()).unwrap().display();
            assert!(attribute.contains("skip_all"), "{at}: #[{attribute} …");
            for more in ["err", "ret"] {
                let words = attribute.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                assert!(!words.clone().any(|word| word == more), "{at}: {more} would log a value");
            }
        }
    }
    assert!(attributes >= 10, "{attributes}");
}
