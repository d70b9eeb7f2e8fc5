//! Messages that don't arrive: what SES and SNS tell of them reaches the person by the other channel, and nobody
//! who calls the API sees a difference.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Request;
use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use regain_harness::{DELIVERY, FEEDBACK, Harness, Instance};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::dynamodb;
use crate::harness::{Answer, Api, Kind, Stack, wrong};
use crate::round_trips::{program, start_all};
use crate::unknown::shape;

/// A stack without a cool-down, on which nothing but these tests runs.
static STACK: LazyLock<Stack> = LazyLock::new(|| Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]));

/// Waits until it is noted that a message of a challenge did not arrive; the suppression is noted before.
async fn undelivered(challenge: &str) {
    let read = json!({
        "TableName": STACK.table, "ConsistentRead": true, "Key": {KEY: {"S": ItemKind::Challenge.key(challenge)}},
    });
    let noted = async {
        // One is in the place of none.
        let channels = |answer: Value| answer["Item"]["undeliverable"]["SS"].as_array().map_or(0, Vec::len);
        while channels(STACK.dynamodb("DynamoDB_20120810.GetItem", read.clone()).await) < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), noted).await.expect("the feedback is taken");
}

/// The same call for somebody and for nobody: the answers can't be told apart.
struct Twins {
    api: Api,
    known: Answer,
    unknown: Answer,
}

impl Twins {
    async fn ask(api: &Api, known: &str, unknown: &str) -> Self {
        let twins = Self {
            api: api.clone(),
            known: api.request_code(known).await,
            unknown: api.request_code(unknown).await,
        };
        twins.check()
    }

    fn check(self) -> Self {
        assert_eq!(self.known.status, StatusCode::ACCEPTED, "{:?}", self.known);
        assert_eq!(shape(&self.known), shape(&self.unknown));
        self
    }

    async fn resend(&mut self, body: &Value) {
        for answer in [&mut self.known, &mut self.unknown] {
            let challenge = answer.text("challenge_id");
            let resent = self.api.resend(&challenge, body).await;
            *answer = Answer { body: with_id(&resent.body, &challenge), ..resent };
        }
        assert_eq!(shape(&self.known), shape(&self.unknown));
    }

    /// Waits until nothing of either is left to deliver.
    async fn delivered(&self) {
        for answer in [&self.known, &self.unknown] {
            STACK.delivered(&answer.text("challenge_id")).await;
        }
    }

    async fn guess(&self, code: &str) {
        let known = self.api.verify(&self.known.text("challenge_id"), code).await;
        let unknown = self.api.verify(&self.unknown.text("challenge_id"), code).await;
        assert_eq!(shape(&known), shape(&unknown));
    }
}

/// An answer's body, whose challenge must be the one that was asked about.
fn with_id(body: &Value, challenge: &str) -> Value {
    assert_eq!(body["challenge_id"], challenge);
    body.clone()
}

#[tokio::test]
async fn an_email_that_bounces_is_followed_by_a_text_message_and_answers_stay_the_same() {
    let (api, person) = (STACK.client(), STACK.person());
    let nobody = format!("nobody-{}", person.email);
    api.fault(&json!({"to": person.email, "fault": "bounce"})).await;
    let mut twins = Twins::ask(&api, &person.email, &nobody).await;
    undelivered(&twins.known.text("challenge_id")).await;

    // The person asks for the same again, as people do.
    twins.resend(&json!({})).await;
    assert_eq!(twins.known.body["channel"], "email", "what was asked for");
    let message = api.message(&person.phone, &twins.known.text("reference")).await;
    let code = message["code"].as_str().unwrap();
    twins.guess(&wrong(code)).await;
    let verified = api.verify(&twins.known.text("challenge_id"), code).await;
    assert_eq!(verified.status, StatusCode::OK, "{verified:?}");

    // The address is known to be suppressed: another challenge takes the other way at once.
    let again = Twins::ask(&api, &person.email, &nobody).await;
    api.message(&person.phone, &again.known.text("reference")).await;
    twins.delivered().await;
    again.delivered().await;
    assert!(api.messages(&person.email, 0).await.is_empty());
    assert!(api.messages(&nobody, 0).await.is_empty());
}

#[tokio::test]
async fn a_text_message_that_fails_is_followed_by_an_email() {
    let (api, person) = (STACK.client(), STACK.person());
    api.fault(&json!({"to": person.phone, "fault": "bounce"})).await;
    let mut twins = Twins::ask(&api, &person.phone, "+46709999901").await;
    undelivered(&twins.known.text("challenge_id")).await;
    twins.resend(&json!({"channel": "sms"})).await;
    let message = api.message(&person.email, &twins.known.text("reference")).await;
    let verified = api.verify(&twins.known.text("challenge_id"), message["code"].as_str().unwrap()).await;
    assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
    twins.delivered().await;
    assert!(api.messages(&person.phone, 0).await.is_empty());
}

#[tokio::test]
async fn a_refusal_at_once_is_followed_by_the_other_channel_too() {
    let (api, person) = (STACK.client(), STACK.person());
    api.fault(&json!({"to": person.phone, "fault": "opted_out"})).await;
    let mut twins = Twins::ask(&api, &person.phone, "+46709999902").await;
    undelivered(&twins.known.text("challenge_id")).await;
    twins.resend(&json!({})).await;
    api.message(&person.email, &twins.known.text("reference")).await;
}

#[tokio::test]
async fn a_text_message_without_quota_is_followed_by_an_email_and_suppresses_nobody() {
    let (api, person) = (STACK.client(), STACK.person());
    api.fault(&json!({"to": person.phone, "fault": "quota_spent", "count": 1})).await;
    let mut twins = Twins::ask(&api, &person.phone, "+46709999903").await;
    undelivered(&twins.known.text("challenge_id")).await;
    twins.resend(&json!({})).await;
    let message = api.message(&person.email, &twins.known.text("reference")).await;
    let verified = api.verify(&twins.known.text("challenge_id"), message["code"].as_str().unwrap()).await;
    assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
    assert!(api.messages(&person.phone, 0).await.is_empty());
    // Once there is quota, texts go to the number again.
    let again = api.request_code(&person.phone).await;
    api.message(&person.phone, &again.text("reference")).await;
}

#[tokio::test]
async fn where_the_only_address_is_dead_nothing_comes_and_nothing_shows() {
    let (api, person) = (STACK.client(), STACK.person_of(Kind::EmailOnly));
    let nobody = format!("nobody-{}", person.email);
    api.fault(&json!({"to": person.email, "fault": "bounce", "count": 1})).await;
    let mut twins = Twins::ask(&api, &person.email, &nobody).await;
    undelivered(&twins.known.text("challenge_id")).await;
    for body in [json!({}), json!({"channel": "sms"}), json!({"channel": "email"})] {
        twins.resend(&body).await;
    }
    for _ in 0..6 {
        twins.guess("000000").await;
    }
    twins.delivered().await;
    assert!(api.messages(&person.email, 0).await.is_empty());
    assert!(api.messages(&person.phone, 0).await.is_empty());
}

/// Every function in the test harness, where each event is told when a test says so, and the time is moved.
struct World {
    harness: Harness,
    clock: PathBuf,
    _instances: Vec<Instance>,
}

const EMAIL: &str = "alice@example.com";
const PHONE: &str = "+46701740605";

impl World {
    async fn start() -> Self {
        static CLOCKS: AtomicUsize = AtomicUsize::new(0);
        let number = CLOCKS.fetch_add(1, Ordering::Relaxed);
        let clock = std::env::temp_dir().join(format!("regain-feedback-{}-{number}", std::process::id()));
        std::fs::write(&clock, "0").unwrap();
        let settings = [
            ("REGAIN_ARGON2_MEMORY_KIB", "64"),
            ("REGAIN_SUPPRESSION_SECONDS", "86400"),
            ("REGAIN_CLOCK_FILE", clock.to_str().unwrap()),
        ];
        let harness = Harness::start(&settings).await.unwrap();
        harness.add_account(EMAIL, Some(PHONE), "an old and well known secret").await.unwrap();
        let instances = start_all(&harness).await;
        Self { harness, clock, _instances: instances }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = Request::post(path).header("content-type", "application/json");
        let (status, body) = self.harness.request(&request.body(body.to_string()).unwrap()).await.unwrap();
        assert_eq!(status, 202, "{body}");
        body
    }

    /// Asks for a code and has it delivered; the answer.
    async fn ask(&self) -> Value {
        let answer = self.post("/v1/challenges", &json!({"identifier": EMAIL})).await;
        self.deliver().await;
        answer
    }

    async fn resend(&self, challenge: &Value) -> Value {
        let path = format!("/v1/challenges/{}/resend", challenge["challenge_id"].as_str().unwrap());
        let answer = self.post(&path, &json!({})).await;
        self.deliver().await;
        answer
    }

    async fn deliver(&self) {
        let event = self.harness.next_delivery().await.unwrap();
        let answer = self.harness.invoke(DELIVERY, &event).await.unwrap();
        assert_eq!(answer["batchItemFailures"].as_array().map_or(0, Vec::len), 0, "{answer}");
    }

    /// The message of an answer, at the address where it must be.
    async fn message(&self, to: &str, answer: &Value) -> Value {
        self.harness.message(to, answer["reference"].as_str().unwrap()).await.unwrap()
    }

    async fn tell(&self, event: &Value) {
        self.harness.invoke(FEEDBACK, event).await.unwrap();
    }

    /// Everything in the table, in an order.
    async fn items(&self) -> Vec<String> {
        let client = dynamodb::client(&self.harness.dynamodb);
        let items = client.scan().table_name("regain").send().await.unwrap().items.unwrap();
        let sorted = |item: std::collections::HashMap<_, _>| {
            format!("{:?}", item.into_iter().collect::<std::collections::BTreeMap<String, _>>())
        };
        let mut items: Vec<_> = items.into_iter().map(sorted).collect();
        items.sort();
        items
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.clock);
    }
}

/// An event of SES as its topic's subscriber gets it.
fn ses(message: &str, kind: &str, contents: &Value) -> Value {
    let mut event = json!({ "eventType": kind, "mail": { "messageId": message, "destination": [EMAIL] } });
    event[kind.to_lowercase()] = contents.clone();
    let notification = json!({ "Type": "Notification", "MessageId": "1", "Message": event.to_string() });
    json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification }] })
}

pub(crate) fn bounced(message: &Value, kind: &str, address: &str) -> Value {
    let contents = json!({ "bounceType": kind, "bouncedRecipients": [{ "emailAddress": address }] });
    ses(message["id"].as_str().unwrap(), "Bounce", &contents)
}

#[tokio::test]
async fn a_complaint_ends_emails_for_a_day_however_often_it_is_told() {
    let world = World::start().await;
    let first = world.ask().await;
    let message = world.message(EMAIL, &first).await;
    let recipients = json!({ "complainedRecipients": [{ "emailAddress": EMAIL }] });
    let complaint = ses(message["id"].as_str().unwrap(), "Complaint", &recipients);
    for _ in 0..3 {
        world.tell(&complaint).await;
    }
    world.message(PHONE, &world.resend(&first).await).await;
    world.message(PHONE, &world.ask().await).await;
    std::fs::write(&world.clock, "86390").unwrap();
    world.message(PHONE, &world.ask().await).await;
    std::fs::write(&world.clock, "86410").unwrap();
    world.message(EMAIL, &world.ask().await).await;
}

#[tokio::test]
async fn a_bounce_that_may_pass_counts_for_its_challenge_alone() {
    let world = World::start().await;
    let first = world.ask().await;
    let message = world.message(EMAIL, &first).await;
    world.tell(&bounced(&message, "Transient", EMAIL)).await;
    world.message(PHONE, &world.resend(&first).await).await;
    world.message(EMAIL, &world.ask().await).await;
}

#[tokio::test]
async fn what_is_nobodys_or_not_understood_changes_nothing() {
    let world = World::start().await;
    let first = world.ask().await;
    let message = world.message(EMAIL, &first).await;
    let before = world.items().await;
    let unknown = json!({ "id": "0000000000000000" });
    for event in [
        bounced(&unknown, "Permanent", "nobody@example.com"),
        bounced(&unknown, "Transient", EMAIL),
        bounced(&message, "Sideways", EMAIL),
        ses(message["id"].as_str().unwrap(), "Delivery", &json!({ "recipients": [EMAIL] })),
        ses(message["id"].as_str().unwrap(), "Complaint", &json!([])),
        json!({ "Records": [{ "Sns": { "Message": "not json" } }, {}, null] }),
        json!({ "awslogs": { "data": "bm90IGd6aXA=" } }),
        json!({}),
        json!([]),
        json!(null),
    ] {
        world.tell(&event).await;
        assert_eq!(world.items().await, before, "{event}");
    }
    world.message(EMAIL, &world.resend(&first).await).await;
}

#[tokio::test]
async fn without_the_table_an_event_is_told_again() {
    let world = World::start().await;
    let message = world.message(EMAIL, &world.ask().await).await;
    let event = bounced(&message, "Permanent", EMAIL);
    let away = Harness::start(&[("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")]).await.unwrap();
    let mut instance = away.spawn(FEEDBACK, program(FEEDBACK), &[]).unwrap();
    away.ready(&mut instance).await.unwrap();
    let error = away.invoke(FEEDBACK, &event).await.unwrap_err().to_string();
    assert!(!error.contains("alice") && !error.contains(message["id"].as_str().unwrap()), "{error}");
    // With the table there, the same event is taken.
    world.tell(&event).await;
    world.message(PHONE, &world.ask().await).await;
}
