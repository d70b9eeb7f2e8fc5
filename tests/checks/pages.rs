//! `docs/pages.md` against the code.

use regain_harness::documents::{table, write_or_compare_part};
use regain_http_api::pages::{PAGES, PURPOSES};

const DOCUMENT: &str = "docs/pages.md";

#[test]
fn the_pages_are_documented() {
    let rows = PAGES.iter().zip(PURPOSES).map(|(route, purpose)| {
        [
            format!("`{} {}`", route.method, route.path),
            format!("`{}`", route.function),
            purpose.trim().to_owned(),
        ]
    });
    write_or_compare_part(DOCUMENT, "routes", &table(["request", "answered by", "purpose"], rows));
}
