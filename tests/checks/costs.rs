//! The part of docs/costs.md that needs no stack. `tests/e2e/costs.rs` counts the rest.

use regain_harness::documents::{table, write_or_compare_part};
use regain_harness::prices::{ALARMS, DASHBOARDS, EMAILS, METRICS, PRICES, RECOVERIES, SECRETS, shown};
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
