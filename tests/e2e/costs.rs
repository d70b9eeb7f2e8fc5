//! The cost of a recovery: the calls of one are counted, and the counts are generated into `docs/costs.md`.

use regain_dynamodb::schema::KEY;
use regain_harness::Hold;
use regain_harness::documents::{table, write_or_compare_part};
use regain_harness::prices::{
    API_REQUESTS, EMAILS, LAMBDA_GB_SECONDS, LAMBDA_REQUESTS, LOG_GB, READ_UNITS, RECOVERIES, WRITE_UNITS,
    shown,
};
use regain_harness::template::{logical_name, template};
use serde_json::Value;

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD};
use crate::multi_process::{MultiProcess, text};

const DOCUMENT: &str = "docs/costs.md";
const ALICE: &str = "alice@example.com";
/// The log lines of a recovery, assumed: the functions' lines, Lambda's own and the gateway's.
const LOG_BYTES: f64 = 8_000.0;

/// A step of a recovery.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    function: &'static str,
    api_calls: u32,
    /// Milliseconds that Lambda bills, assumed.
    billed: u32,
}

const fn step(name: &'static str, function: &'static str, api_calls: u32, billed: u32) -> Step {
    Step { name, function, api_calls, billed }
}

const REQUEST: Step = step("asks for a code", "request-code", 1, 20);
const DELIVERY: Step = step("the code is sent", "deliver-messages", 0, 60);
const TO_NOBODY: Step = step("the delivery finds nobody", "deliver-messages", 0, 30);
const VERIFY: Step = step("types it", "verify-code", 1, 20);
const PASSWORD: Step = step("sets a password", "set-password", 1, 60);
const NOTICE: Step = step("the notice is sent", "deliver-messages", 0, 60);
const SIGN_IN: Step = step("signs in", "sessions", 1, 45);

/// The cost of a step.
struct Consumed {
    step: Step,
    reads: u32,
    writes: u32,
    emails: u32,
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
    running: MultiProcess,
    steps: Vec<Consumed>,
    emails: u32,
}

impl Counting {
    /// Notes what happened since the last step.
    async fn note(&mut self, step: Step) {
        let (mut reads, mut writes) = (0, 0);
        for call in self.running.harness.proxy.calls() {
            let (read, written) = units(&call.operation, &call.body);
            reads += read;
            writes += written;
        }
        for item in self.running.items().await {
            assert!(size(&item) < 1_024, "more than a unit: {} bytes of {}", size(&item), item[KEY]);
        }
        let sent = u32::try_from(self.running.messages(ALICE).await.len()).unwrap();
        let emails = sent - self.emails;
        self.emails = sent;
        self.steps.push(Consumed { step, reads, writes, emails });
        self.running.harness.proxy.reset(Hold::None);
    }
}

async fn recovery() -> Vec<Consumed> {
    let running = MultiProcess::start(&[]).await;
    running.harness.add_account(ALICE, None, OLD_PASSWORD).await.unwrap();
    running.harness.proxy.reset(Hold::None);
    let mut counting = Counting { running, steps: Vec::new(), emails: 0 };
    let sent = counting.running.ask(ALICE, "").await;
    counting.note(REQUEST).await;
    counting.running.deliver().await;
    counting.note(DELIVERY).await;
    let code = counting.running.code(ALICE, &sent).await;
    let token = counting.running.token(&sent, "", &code).await;
    counting.note(VERIFY).await;
    counting.running.set_password(&token, "", NEW_PASSWORD, 200).await;
    counting.note(PASSWORD).await;
    counting.running.deliver().await;
    counting.note(NOTICE).await;
    let session = counting.running.sign_in(ALICE, NEW_PASSWORD, 201).await;
    counting.note(SIGN_IN).await;
    assert!(!text(&session, "session_token").is_empty());
    counting.steps
}

/// The reads and writes of a request for somebody unknown, and of its delivery.
#[tokio::test]
async fn a_request_for_nobody_costs_what_is_documented() {
    let running = MultiProcess::start(&[]).await;
    running.harness.proxy.reset(Hold::None);
    let mut counting = Counting { running, steps: Vec::new(), emails: 0 };
    counting.running.ask("nobody@example.com", "").await;
    counting.note(REQUEST).await;
    counting.running.deliver().await;
    counting.note(TO_NOBODY).await;
    let rows = counting.steps.iter().map(|Consumed { step, reads, writes, .. }| {
        [step.name.to_owned(), format!("`{}`", step.function), reads.to_string(), writes.to_string()]
    });
    write_or_compare_part(DOCUMENT, "nobody", &table(["step", "function", "reads", "writes"], rows));
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
    let rows = steps.iter().map(|Consumed { step, reads, writes, emails }| {
        [
            step.name.to_owned(),
            format!("`{}`", step.function),
            step.api_calls.to_string(),
            reads.to_string(),
            writes.to_string(),
            emails.to_string(),
            shown(memory(step.function)),
            step.billed.to_string(),
        ]
    });
    let head = ["step", "function", "API calls", "reads", "writes", "emails", "memory, MB", "billed, ms"];
    write_or_compare_part(DOCUMENT, "counts", &table(head, rows));

    let sum = |of: fn(&Consumed) -> u32| f64::from(steps.iter().map(of).sum::<u32>());
    let gb_seconds = |c: &Consumed| memory(c.step.function) / 1_024.0 * f64::from(c.step.billed) / 1_000.0;
    let mut total = 0.0;
    let mut rows = Vec::new();
    for (price, count) in [
        (API_REQUESTS, sum(|c| c.step.api_calls)),
        (LAMBDA_REQUESTS, f64::from(u32::try_from(steps.len()).unwrap())),
        (LAMBDA_GB_SECONDS, steps.iter().map(gb_seconds).sum()),
        (READ_UNITS, sum(|c| c.reads)),
        (WRITE_UNITS, sum(|c| c.writes)),
        (EMAILS, sum(|c| c.emails)),
        (LOG_GB, LOG_BYTES / 1e9),
    ] {
        let in_all = count * RECOVERIES;
        let usd = price.of(in_all);
        total += usd;
        // As many digits as mean something: four behind the point, and none of large numbers.
        let in_one = if count < 0.001 { shown(count) } else { shown((count * 1e4).round() / 1e4) };
        let in_all = shown(if in_all < 100.0 { in_all } else { in_all.round() });
        rows.push([price.what.to_owned(), in_one, in_all, format!("{usd:.2}")]);
    }
    rows.push(["**sum**".to_owned(), String::new(), String::new(), format!("{total:.2}")]);
    write_or_compare_part(DOCUMENT, "costs", &table(["what", "in one", "in 100,000", "USD"], rows));
}
