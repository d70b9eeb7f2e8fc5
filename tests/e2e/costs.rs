//! What a recovery costs: the calls of one are counted, and the tables of `docs/costs.md` are held to the
//! counts and to its own list of prices.

use std::fmt::Write as _;

use regain_dynamodb::schema::KEY;
use regain_lab::Hold;
use regain_lab::template::{logical_name, template};
use serde_json::Value;

use crate::fleet::{Fleet, text};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD};

const DOCUMENT: &str = include_str!("../../docs/costs.md");
const ALICE: &str = "alice@example.com";
const RECOVERIES: f64 = 100_000.0;

/// A step of a recovery, and what it took.
struct Step {
    name: &'static str,
    function: &'static str,
    api_calls: u32,
    reads: u32,
    writes: u32,
    emails: usize,
}

/// The request units of a call on items that are smaller than a unit (Amazon DynamoDB Developer Guide,
/// "On-demand capacity mode"): reads, writes. A write whose condition fails costs the same.
fn units(operation: &str, body: &Value) -> (u32, u32) {
    match operation {
        "GetItem" => {
            assert_eq!(body["ConsistentRead"], true, "a read that isn't consistent costs half");
            (1, 0)
        }
        "PutItem" | "UpdateItem" | "DeleteItem" => (0, 1),
        // Each part is prepared and committed; a condition on an item costs as much as a write to it.
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().unwrap().len();
            (0, 2 * u32::try_from(parts).unwrap())
        }
        other => panic!("what does {other} cost?"),
    }
}

/// The size of an item as DynamoDB counts it, at the most: names and values.
fn size(item: &Value) -> usize {
    let attributes = item.as_object().unwrap().iter();
    attributes
        .map(|(name, value)| name.len() + value.as_object().unwrap().values().map(bytes).sum::<usize>())
        .sum()
}

/// The bytes of a value; of a binary one its base64, which is longer.
fn bytes(value: &Value) -> usize {
    value.as_str().map_or(1, str::len)
}

struct Counting {
    fleet: Fleet,
    steps: Vec<Step>,
    emails: usize,
}

impl Counting {
    /// Notes what happened since the last step.
    async fn note(&mut self, name: &'static str, function: &'static str, api_calls: u32) {
        let (mut reads, mut writes) = (0, 0);
        for call in self.fleet.lab.front.calls() {
            let (read, written) = units(&call.operation, &call.body);
            reads += read;
            writes += written;
        }
        for item in self.fleet.items().await {
            assert!(size(&item) < 1_024, "more than a unit: {} bytes of {}", size(&item), item[KEY]);
        }
        let sent = self.fleet.messages(ALICE).await.len();
        let emails = sent - self.emails;
        self.emails = sent;
        self.steps.push(Step { name, function, api_calls, reads, writes, emails });
        self.fleet.lab.front.reset(Hold::None);
    }
}

async fn recovery() -> Vec<Step> {
    let fleet = Fleet::start(&[]).await;
    fleet.lab.add_account(ALICE, None, OLD_PASSWORD).await.unwrap();
    fleet.lab.front.reset(Hold::None);
    let mut counting = Counting { fleet, steps: Vec::new(), emails: 0 };
    let sent = counting.fleet.ask(ALICE, "").await;
    counting.note("asks for a code", "request-code", 1).await;
    counting.fleet.deliver().await;
    counting.note("the code is sent", "deliver-messages", 0).await;
    let code = counting.fleet.code(ALICE, &sent).await;
    let token = counting.fleet.token(&sent, "", &code).await;
    counting.note("types it", "verify-code", 1).await;
    counting.fleet.set_password(&token, "", NEW_PASSWORD, 200).await;
    counting.note("sets a password", "set-password", 1).await;
    counting.fleet.deliver().await;
    counting.note("the notice is sent", "deliver-messages", 0).await;
    let session = counting.fleet.sign_in(ALICE, NEW_PASSWORD, 201).await;
    counting.note("signs in", "sessions", 1).await;
    assert!(!text(&session, "session_token").is_empty());
    counting.steps
}

/// The reads and writes of a request for somebody unknown, and of its delivery.
#[tokio::test]
async fn a_request_for_nobody_costs_what_is_documented() {
    let fleet = Fleet::start(&[]).await;
    fleet.lab.front.reset(Hold::None);
    let mut counting = Counting { fleet, steps: Vec::new(), emails: 0 };
    counting.fleet.ask("nobody@example.com", "").await;
    counting.note("asks for a code", "request-code", 1).await;
    counting.fleet.deliver().await;
    counting.note("the delivery finds nobody", "deliver-messages", 0).await;
    let found: Vec<_> = counting
        .steps
        .iter()
        .map(|step| {
            [step.name, step.function, &step.reads.to_string(), &step.writes.to_string()].map(str::to_owned)
        })
        .collect();
    assert_eq!(table("nobody"), found);
}

/// The rows of a table between two marks of the document, as cells without their decoration.
fn table(mark: &str) -> Vec<Vec<String>> {
    let (_, rest) = DOCUMENT.split_once(&format!("<!-- {mark} -->")).unwrap();
    let (table, _) = rest.split_once(&format!("<!-- /{mark} -->")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cell = |cell: &str| cell.trim().trim_matches(['`', '*']).to_owned();
    rows.map(|row| row.trim_matches('|').split('|').map(cell).collect()).collect()
}

fn number(text: &str) -> f64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// A number as people write it, with as many decimals as it has, at most four.
fn shown(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, decimals) = text.split_once('.').map_or((text, ""), |(whole, decimals)| (whole, decimals));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if decimals.is_empty() { grouped } else { format!("{grouped}.{decimals}") }
}

/// The price of one unit of something, by the document's list.
fn price(what: &str) -> f64 {
    let prices = table("prices");
    let row = prices.iter().find(|row| row[0] == what).unwrap_or_else(|| panic!("{what} has no price"));
    number(&row[2]) / number(&row[1])
}

/// Fails with the table as it should be, unless the document has it.
#[track_caller]
fn assert_table(mark: &str, expected: &[Vec<String>]) {
    let found = table(mark);
    if found != expected {
        let mut text = String::new();
        for row in expected {
            writeln!(text, "| {} |", row.join(" | ")).unwrap();
        }
        panic!("the table \"{mark}\" of docs/costs.md should be\n{text}");
    }
}

#[tokio::test]
async fn the_documented_costs_are_those_of_the_calls() {
    let steps = recovery().await;
    let template = template();
    let memory = |function: &str| {
        let properties = &template["Resources"][logical_name(function)]["Properties"];
        properties["MemorySize"]
            .as_u64()
            .map(|megabytes| f64::from(u32::try_from(megabytes).unwrap()))
            .unwrap()
    };
    // What is assumed, and not counted, is the document's own.
    let documented = table("counts");
    let assumed =
        |name: &str| documented.iter().find(|row| row[0] == name).map_or("?", |row| row[7].as_str());
    let expected: Vec<Vec<String>> = steps
        .iter()
        .map(|step| {
            let Step { name, function, api_calls, reads, writes, emails } = step;
            let counts = [api_calls, reads, writes].map(ToString::to_string);
            let mut row = vec![(*name).to_owned(), (*function).to_owned()];
            row.extend(counts);
            row.extend([emails.to_string(), shown(memory(function)), assumed(name).to_owned()]);
            row
        })
        .collect();
    assert_table("counts", &expected);

    let sum = |of: fn(&Step) -> u32| f64::from(steps.iter().map(of).sum::<u32>());
    let emails: usize = steps.iter().map(|step| step.emails).sum();
    let seconds: f64 =
        steps.iter().map(|step| memory(step.function) / 1_024.0 * number(assumed(step.name)) / 1_000.0).sum();
    let mut total = 0.0;
    let mut rows = Vec::new();
    for (what, count) in [
        ("API Gateway requests (REST)", sum(|step| step.api_calls)),
        ("Lambda requests", f64::from(u32::try_from(steps.len()).unwrap())),
        ("Lambda GB-seconds", seconds),
        ("DynamoDB read request units", sum(|step| step.reads)),
        ("DynamoDB write request units", sum(|step| step.writes)),
        ("SES emails", f64::from(u32::try_from(emails).unwrap())),
        ("CloudWatch Logs GB", number(&table("logs")[0][1]) / 1_000_000_000.0),
    ] {
        let cost = count * RECOVERIES * price(what);
        total += cost;
        let in_all = count * RECOVERIES;
        let in_all = shown(if in_all < 100.0 { in_all } else { in_all.round() });
        let in_one = if count < 0.001 { format!("{count:.7}") } else { shown(count) };
        rows.push(vec![what.to_owned(), in_one, in_all, format!("{cost:.2}")]);
    }
    rows.push(vec!["sum".to_owned(), String::new(), String::new(), format!("{total:.2}")]);
    assert_table("costs", &rows);
}

#[test]
fn texts_and_fixed_costs_are_priced_by_the_same_list() {
    for row in table("texts") {
        let (segments, each) = (number(&row[1]), number(&row[2]));
        let more = RECOVERIES * (segments * each - price("SES emails"));
        assert_eq!(row[3], format!("{more:.2}"), "{}", row[0]);
    }
    let template = template();
    let resources = template["Resources"].as_object().unwrap().values();
    let alarms = resources.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let metrics = |alarm: &Value| {
        let parts = alarm["Properties"]["Metrics"].as_array().into_iter().flatten();
        parts.filter(|part| part["MetricStat"].is_object()).count().max(1)
    };
    let alarms: usize = alarms.map(metrics).sum();
    let mut total = 0.0;
    for row in table("fixed") {
        if row[0] == "CloudWatch alarms a month" {
            assert_eq!(row[1], alarms.to_string(), "the metrics that the template's alarms watch");
        }
        let cost = number(&row[1]) * price(&row[0]);
        total += cost;
        assert_eq!(row[2], format!("{cost:.2}"), "{}", row[0]);
    }
    assert!(DOCUMENT.contains(&format!("{total:.2} USD a month")), "{total:.2}");
}
