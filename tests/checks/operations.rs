//! The operators' material against the code: alarms and dashboard watch metrics that functions write, and the
//! runbook has a section for each alarm.

use std::collections::{BTreeMap, BTreeSet};

use regain_harness::documents::{read, table, write_or_compare_part};
use regain_local_stack::functions::{Function, REGISTRY, Trigger};
use regain_telemetry::{Line, Metric, NAMESPACE, Telemetry};
use regain_template::logical_name;
use serde_json::{Value, json};

use crate::template::template;

/// The declarations of the functions.
fn declared() -> impl Iterator<Item = &'static Telemetry> {
    REGISTRY.iter().flat_map(|function| function.declaration.telemetry)
}

/// Every metric that a function declares, once.
fn metrics() -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for metric in declared().flat_map(|telemetry| telemetry.metrics) {
        match metrics.iter().find(|known| known.name == metric.name) {
            Some(known) => assert_eq!(known, metric, "two metrics of one name"),
            None => metrics.push(*metric),
        }
    }
    metrics
}

/// Every line that a function declares, once.
fn lines() -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in declared().flat_map(|telemetry| telemetry.lines) {
        if !lines.contains(line) {
            lines.push(*line);
        }
    }
    lines
}

/// The functions that declare something, for a table: all of those that the API wakes are called HTTP.
fn functions(is_declared: impl Fn(&Telemetry) -> bool) -> String {
    let declares = |function: &&Function| function.declaration.telemetry.iter().any(&is_declared);
    let (http, others): (Vec<_>, Vec<_>) =
        REGISTRY.iter().filter(declares).partition(|function| function.trigger == Trigger::Api);
    let all = REGISTRY.iter().filter(|function| function.trigger == Trigger::Api).count();
    let names =
        |functions: &[&Function]| functions.iter().map(|f| format!("`{}`", f.name)).collect::<Vec<_>>();
    let http = if http.len() == all { vec!["HTTP".to_owned()] } else { names(&http) };
    [http, names(&others)].concat().join(", ")
}

/// The alarms of the template, by name.
fn alarms() -> BTreeMap<String, Value> {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let alarms = resources.iter().filter(|(_, r)| r["Type"] == "AWS::CloudWatch::Alarm");
    alarms.map(|(name, alarm)| (name.clone(), alarm["Properties"].clone())).collect()
}

/// Fails unless functions write the metric under just these dimensions besides the stage.
fn is_written(by: &str, metric: &str, dimensions: &BTreeMap<String, Value>) {
    let declared = metrics();
    let row = declared.iter().find(|row| row.name == metric);
    let row = row.unwrap_or_else(|| panic!("{by}: no metric {metric}"));
    let names: BTreeSet<_> = dimensions.keys().map(String::as_str).filter(|name| *name != "Stage").collect();
    let known = row.dimensions.iter().any(|set| set.iter().copied().collect::<BTreeSet<_>>() == names);
    assert!(known && dimensions.contains_key("Stage"), "{by}: {metric} has no dimensions {names:?}");
    if let Some(channel) = dimensions.get("Channel") {
        assert!(["email", "sms"].contains(&channel.as_str().unwrap()), "{by}: {channel}");
    }
}

#[test]
fn alarms_watch_metrics_that_the_functions_write() {
    let mut watched = BTreeSet::new();
    for (name, alarm) in alarms() {
        let parts =
            alarm["Metrics"].as_array().into_iter().flatten().map(|part| &part["MetricStat"]["Metric"]);
        for metric in parts.filter(|metric| metric.is_object()).chain([&alarm]) {
            if metric["Namespace"] != NAMESPACE {
                continue;
            }
            let dimensions = metric["Dimensions"].as_array().unwrap().iter();
            let pair = |d: &Value| (d["Name"].as_str().unwrap().to_owned(), d["Value"].clone());
            let dimensions: BTreeMap<_, _> = dimensions.map(pair).collect();
            assert_eq!(dimensions["Stage"], json!({"Ref": "Stage"}), "{name}");
            let text = metric["MetricName"].as_str().unwrap();
            is_written(&name, text, &dimensions);
            watched.insert(text.to_owned());
        }
    }
    let expected = [
        "CodesSent",
        "Deliveries",
        "DeliveryFailures",
        "DeliveryLatency",
        "GivenUp",
        "NeedsOperator",
        "Refused",
        "UnbudgetedSends",
        "Undeliverable",
        "UnknownSends",
        "Verified",
    ];
    assert_eq!(watched, expected.map(str::to_owned).into());
}

#[test]
fn the_dashboard_shows_metrics_that_the_functions_write() {
    let template = template();
    let body =
        template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0].as_str().unwrap();
    let dashboard: Value = serde_json::from_str(body).unwrap();
    let mut shown = BTreeSet::new();
    for widget in dashboard["widgets"].as_array().unwrap() {
        let title = widget["properties"]["title"].as_str().unwrap();
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            let parts: Vec<_> = metric.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            if let [NAMESPACE, name, dimensions @ ..] = parts.as_slice() {
                let pair = |pair: &[&str]| (pair[0].to_owned(), json!(pair[1]));
                is_written(title, name, &dimensions.chunks(2).map(pair).collect());
                shown.insert((*name).to_owned());
            }
            let Some(search) =
                metric[0]["expression"].as_str().and_then(|e| e.split_once("SEARCH('{Regain,"))
            else {
                continue;
            };
            // `SEARCH('{Regain,Operation,Stage} MetricName="Requests" …', …)`
            let (schema, rest) = search.1.split_once('}').unwrap();
            let name = rest.split("MetricName=\"").nth(1).unwrap().split('"').next().unwrap();
            let value =
                |name: &str| (name.to_owned(), if name == "Channel" { json!("sms") } else { json!("") });
            is_written(title, name, &schema.split(',').map(value).collect());
            shown.insert(name.to_owned());
        }
    }
    assert_eq!(shown, metrics().iter().map(|metric| metric.name.to_owned()).collect());
}

#[test]
fn the_runbooks_sections_on_functions_name_all_of_them() {
    for metric in ["Errors", "Throttles"] {
        let alarms =
            regain_template::FUNCTIONS.iter().map(|f| format!("`{}{metric}Alarm`", logical_name(f.name)));
        let heading = format!("### {}\n", alarms.collect::<Vec<_>>().join(", "));
        let part = format!("{} of functions", metric.to_lowercase());
        write_or_compare_part("docs/runbook.md", &part, &heading);
    }
}

#[test]
fn the_runbook_has_a_section_for_each_alarm_and_for_no_other() {
    let runbook = read("docs/runbook.md");
    let mut sections = BTreeMap::new();
    for section in runbook.split("\n### ").skip(1) {
        let (title, text) = section.split_once('\n').unwrap();
        for name in title.split(", ").map(|name| name.trim_matches('`')) {
            assert!(sections.insert(name.to_owned(), text).is_none(), "{name} has two sections");
        }
        for part in ["**Means.**", "**People notice.**", "**Look.**", "**Do.**", "**Over**"] {
            assert!(text.contains(part), "the section of {title} doesn't say {part}");
        }
    }
    let alarms = alarms();
    assert_eq!(sections.keys().collect::<Vec<_>>(), alarms.keys().collect::<Vec<_>>());
}

/// The members that the spans around a line give it, besides the fields of its own.
const OF_SPANS: [&str; 9] = [
    "function",
    "message",
    "request_id",
    "trace_id",
    "operation",
    "problem",
    "challenge",
    "account",
    "channel",
];

/// The members that a query of `CloudWatch` Logs Insights reads, without `CloudWatch`'s own and those that it makes.
fn members(query: &str) -> BTreeSet<&str> {
    let (mut read, mut made) = (BTreeSet::new(), BTreeSet::new());
    for command in query.lines().map(|line| line.trim_start_matches("| ")) {
        let (_, rest) = command.split_once(' ').unwrap();
        for part in [" by ", " and ", " or ", ", "].iter().fold(vec![rest], |parts, separator| {
            parts.into_iter().flat_map(|part| part.split(separator)).collect()
        }) {
            let (expression, name) = part.split_once(" as ").unwrap_or((part, ""));
            made.insert(name);
            // `count_distinct(account)`, `status >= 500`, `messages desc`
            let (_, argument) = expression.split_once('(').unwrap_or(("", expression));
            read.insert(argument.split([' ', ')']).next().unwrap());
        }
    }
    read.retain(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()) && !made.contains(name));
    read
}

#[test]
fn the_runbooks_queries_read_what_is_written() {
    let runbook = read("docs/runbook.md");
    let template = template();
    let access_log =
        template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap();
    let access_log: BTreeMap<String, String> = serde_json::from_str(access_log).unwrap();
    let (lines, metrics) = (lines(), metrics());
    let dimensions = metrics.iter().flat_map(|metric| metric.dimensions.iter().copied().flatten());
    let written: BTreeSet<&str> = OF_SPANS
        .into_iter()
        .chain(lines.iter().flat_map(|line| line.fields.iter().copied()))
        .chain(metrics.iter().map(|metric| metric.name))
        .chain(dimensions.copied())
        .collect();
    let mut queries = 0;
    for query in runbook.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        queries += 1;
        for message in query.split("message = \"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(lines.iter().any(|line| line.message == message), "no function declares {message}");
        }
        let of_gateway = members(query).iter().all(|name| access_log.contains_key(*name));
        let unknown: Vec<_> = members(query).into_iter().filter(|name| !written.contains(name)).collect();
        assert!(of_gateway || unknown.is_empty(), "nothing writes {unknown:?}: {query}");
    }
    assert!(queries >= 10, "{queries}");
}

#[test]
fn the_metrics_are_documented() {
    let rows = metrics().into_iter().map(|metric| {
        let sets = metric.dimensions.iter().map(|set| [&["Stage"], *set].concat().join(" + "));
        [
            functions(|telemetry| telemetry.metrics.contains(&metric)),
            format!("`{}`", metric.name),
            metric.unit.as_str().to_owned(),
            sets.collect::<Vec<_>>().join("; "),
            metric.meaning.to_owned(),
        ]
    });
    let head = ["function", "metric", "unit", "dimensions", "what it counts or measures"];
    write_or_compare_part("docs/operations.md", "metrics", &table(head, rows));
}

#[test]
fn the_declared_lines_are_documented() {
    let rows = lines().into_iter().map(|line| {
        [
            functions(|telemetry| telemetry.lines.contains(&line)),
            line.level.as_str().to_lowercase(),
            format!("`{}`", line.message),
            line.fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", "),
            line.meaning.to_owned(),
        ]
    });
    let head = ["function", "level", "message", "fields of its own", "what it means and what to do"];
    write_or_compare_part("docs/operations.md", "lines", &table(head, rows));
}
