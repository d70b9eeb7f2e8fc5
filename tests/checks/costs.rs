//! The part of docs/costs.md that needs no stack. `tests/e2e/costs.rs` counts the rest.

use regain_harness::documents::{table, write_or_compare_part};
use regain_harness::prices::{
    ALARMS, API_REQUESTS, DASHBOARDS, EMAILS, LAMBDA_GB_SECONDS, LAMBDA_REQUESTS, LOG_GB, METRICS, PRICES,
    RECOVERIES, SECRETS, shown,
};
use regain_harness::template::logical_name;
use serde_json::Value;

use crate::template::template;

const DOCUMENT: &str = "docs/costs.md";

#[test]
fn the_prices_are_documented() {
    let usd = |usd: f64| if (usd * 100.0).fract() == 0.0 { format!("{usd:.2}") } else { shown(usd) };
    let rows =
        PRICES.iter().map(|price| [price.what.to_owned(), shown(f64::from(price.count)), usd(price.usd)]);
    write_or_compare_part(DOCUMENT, "prices", &table(["what", "for", "USD"], rows));
}

/// The requests that a recovery by pages has besides the forms, which cost what the API's calls do: by function.
const VIEWS: [(&str, &str, f64); 3] = [
    ("the pages up to the sign-in", "pages", 5.0),
    ("style, script and icon, at the first visit", "pages", 3.0),
    ("the page of the account", "sessions", 1.0),
];
/// What Lambda bills for one of them, in milliseconds, assumed: with a 14th of a processor.
const VIEW_MILLISECONDS: f64 = 15.0;
/// The log lines of one of them, in bytes, assumed.
const VIEW_LOG_BYTES: f64 = 1_300.0;

#[test]
fn what_pages_cost_more_is_documented() {
    let template = template();
    let mut total = 0.0;
    let mut rows = Vec::new();
    for (name, function, requests) in VIEWS {
        let megabytes =
            template["Resources"][logical_name(function)]["Properties"]["MemorySize"].as_f64().unwrap();
        let requests_in_all = requests * RECOVERIES;
        let gb_seconds = requests_in_all * VIEW_MILLISECONDS / 1_000.0 * megabytes / 1_024.0;
        let usd = API_REQUESTS.of(requests_in_all)
            + LAMBDA_REQUESTS.of(requests_in_all)
            + LAMBDA_GB_SECONDS.of(gb_seconds)
            + LOG_GB.of(requests_in_all * VIEW_LOG_BYTES / 1e9);
        total += usd;
        rows.push([name.to_owned(), format!("`{function}`"), shown(requests), format!("{usd:.2}")]);
    }
    rows.push(["**sum**".to_owned(), String::new(), String::new(), format!("{total:.2}")]);
    write_or_compare_part(DOCUMENT, "pages", &table(["what", "function", "requests in one", "USD"], rows));
}

#[test]
fn examples_of_text_messages_are_documented() {
    let examples = [("one cent", 1.0, 0.01), ("six cents", 1.0, 0.06), ("six cents, in Arabic", 2.0, 0.06)];
    let rows = examples.map(|(name, segments, usd)| {
        let more = RECOVERIES * segments * usd - EMAILS.of(RECOVERIES);
        [name.to_owned(), shown(segments), format!("{usd:.2}"), format!("{more:.2}")]
    });
    let head = ["a segment costs", "segments", "USD each", "USD more"];
    write_or_compare_part(DOCUMENT, "texts", &table(head, rows));
}

#[test]
fn what_each_month_costs_is_documented() {
    let template = template();
    let resources = || template["Resources"].as_object().unwrap().values();
    let count = |kind: &str| resources().filter(|resource| resource["Type"] == kind).count();
    let watched = |alarm: &Value| {
        let parts = alarm["Properties"]["Metrics"].as_array().into_iter().flatten();
        parts.filter(|part| part["MetricStat"].is_object()).count().max(1)
    };
    let alarms =
        resources().filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm").map(watched).sum();
    let mut total = 0.0;
    let mut rows = Vec::new();
    for (price, count) in [
        (SECRETS, count("AWS::SecretsManager::Secret")),
        (ALARMS, alarms),
        // With every operation in use; more for each country.
        (METRICS, 90),
        (DASHBOARDS, count("AWS::CloudWatch::Dashboard")),
    ] {
        let usd = price.of(f64::from(u32::try_from(count).unwrap()));
        total += usd;
        rows.push([price.what.to_owned(), count.to_string(), format!("{usd:.2}")]);
    }
    rows.push(["**sum**".to_owned(), String::new(), format!("{total:.2}")]);
    write_or_compare_part(DOCUMENT, "fixed", &table(["what", "how many", "USD"], rows));
}
