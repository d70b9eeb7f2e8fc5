//! How often each step calls DynamoDB, and how many of the calls wait for others: the real functions, over
//! the wire. The proxy in front of DynamoDB lets calls of a round go on only when all of them have arrived, so
//! a step that made them one after the other would never end. Time decides nothing.

use std::sync::Arc;

use http::Request;
use regain_harness::{DELIVERY, FEEDBACK, FUNCTIONS, Harness, Hold, Instance};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::browser::{Browser, Fields, Page, Pairs};
use crate::multi_process::text;
use crate::pages_journeys::sign_in;

const ALICE: &str = "alice@example.com";
const NOBODY: &str = "nobody@example.com";
/// Has a phone too.
const BOB: (&str, &str) = ("bob@example.com", "+46701740605");
const PASSWORD: &str = "an old and well known secret";
const NEW_PASSWORD: &str = "seven green lamps by the sea";

/// Every function in a process of its own.
struct Bench {
    harness: Arc<Harness>,
    _instances: Vec<Instance>,
}

/// A function of the program that the local stack runs.
pub(crate) fn program(function: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.args(["function", function]);
    command
}

/// Every function of a test harness, in a process each.
pub(crate) async fn start_all(harness: &Harness) -> Vec<Instance> {
    let mut instances = Vec::new();
    for function in FUNCTIONS {
        let mut instance = harness.spawn(function, program(function), &[]).unwrap();
        harness.ready(&mut instance).await.unwrap();
        instances.push(instance);
    }
    instances
}

impl Bench {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(settings: &[(&str, &str)]) -> Self {
        // A hash that costs what it should is no part of this.
        let settings = [&[("REGAIN_ARGON2_MEMORY_KIB", "64")], settings].concat();
        let harness = Harness::start(&settings).await.unwrap();
        harness.add_account(ALICE, None, PASSWORD).await.unwrap();
        harness.add_account(BOB.0, Some(BOB.1), PASSWORD).await.unwrap();
        let instances = start_all(&harness).await;
        Self { harness: Arc::new(harness), _instances: instances }
    }

    /// Holds the calls to round trips of these sizes from here on.
    fn expect(&self, round_trips: &[usize]) {
        self.harness.proxy.reset(Hold::RoundTrips(round_trips.to_vec()));
    }

    /// Fails unless there were just the calls of these round trips.
    #[track_caller]
    fn check(&self, what: &str, round_trips: &[usize]) {
        let calls = self.harness.proxy.calls();
        let operations: Vec<_> = calls.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(operations.len(), round_trips.iter().sum::<usize>(), "{what}: {operations:?}");
    }

    /// A step over HTTP that takes these round trips; what it answers.
    async fn step(&self, what: &str, round_trips: &[usize], request: Request<String>, status: u16) -> Value {
        self.expect(round_trips);
        let (answered, body) = self.harness.request(&request).await.unwrap();
        assert_eq!(answered, status, "{what}: {body}");
        self.check(what, round_trips);
        body
    }

    /// The delivery of the next pending item.
    async fn deliver(&self, what: &str, round_trips: &[usize]) {
        let event = self.harness.next_delivery().await.unwrap();
        self.expect(round_trips);
        let answer = self.harness.invoke(DELIVERY, &event).await.unwrap();
        assert_eq!(answer["batchItemFailures"].as_array().map_or(0, Vec::len), 0, "{what}: {answer}");
        self.check(what, round_trips);
    }
}

impl Bench {
    /// Feedback on a message.
    async fn take(&self, what: &str, round_trips: &[usize], event: &Value) {
        self.expect(round_trips);
        self.harness.invoke(FEEDBACK, event).await.unwrap();
        self.check(what, round_trips);
    }
}

fn post(path: &str, body: &Value) -> Request<String> {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(body.to_string()).unwrap()
}

fn with_header(mut request: Request<String>, name: &'static str, value: &str) -> Request<String> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[tokio::test]
async fn recovery_takes_the_round_trips_that_were_designed() {
    let bench = Bench::start().await;
    let ask = |identifier: &str| post("/v1/challenges", &json!({ "identifier": identifier }));

    let challenge = bench.step("request, three counters and the challenge", &[3, 1], ask(ALICE), 202).await;
    let unknown = bench.step("request of nobody", &[3, 1], ask(NOBODY), 202).await;
    let keyed = with_header(ask(NOBODY), "idempotency-key", "0123456789abcdef");
    bench.step("request with a key", &[4, 1], keyed.clone(), 202).await;
    bench
        .step("request with a key, again: what the identifier counted is refunded", &[4, 2], keyed, 202)
        .await;

    let steps =
        "delivery: challenge, identifier, account, two addresses, arming, done with the message noted";
    bench.deliver(steps, &[1, 1, 1, 2, 1, 2]).await;
    bench.deliver("delivery to nobody: the same, with no message to note", &[1, 1, 1, 2, 1, 1]).await;

    let path = |body: &Value, action: &str| format!("/v1/challenges/{}/{action}", text(body, "challenge_id"));
    let resent = bench.step("resend", &[2, 1], post(&path(&challenge, "resend"), &json!({})), 202).await;
    bench.step("resend to nobody", &[2, 1], post(&path(&unknown, "resend"), &json!({})), 202).await;
    // The request with a key is still to be delivered.
    bench.deliver("delivery to nobody", &[1, 1, 1, 2, 1, 1]).await;
    bench.deliver("delivery of a resend", &[1, 1, 1, 2, 1, 2]).await;
    bench.deliver("delivery of a resend to nobody", &[1, 1, 1, 2, 1, 1]).await;

    let code = bench.harness.code(ALICE, &text(&resent, "reference")).await.unwrap();
    let guess = |challenge: &Value, code: &str| post(&path(challenge, "verify"), &json!({ "code": code }));
    let wrong = crate::harness::wrong(&code);
    bench.step("verify, wrong", &[1, 1], guess(&challenge, &wrong), 422).await;
    bench.step("verify, of nobody", &[1, 1], guess(&unknown, &wrong), 422).await;
    let verified = bench.step("verify, right", &[1, 1, 1], guess(&challenge, &code), 200).await;

    let token = format!("Bearer {}", text(&verified, "verification_token"));
    let set = |token: &str, password: &str| {
        with_header(post("/v1/password", &json!({ "password": password })), "authorization", token)
    };
    let forged = format!("{}A", &token[..token.len() - 1]);
    let forged = if forged == token { format!("{}B", &token[..token.len() - 1]) } else { forged };
    bench.step("set-password, forged token", &[1], set(&forged, NEW_PASSWORD), 401).await;
    bench.step("set-password, rejected", &[1, 1, 1], set(&token, "short"), 422).await;
    bench.step("set-password", &[1, 1, 1], set(&token, NEW_PASSWORD), 200).await;

    bench.deliver("notice: the outbox, account, two addresses, email told, done", &[1, 1, 2, 1, 1]).await;
}

#[tokio::test]
async fn a_link_takes_the_round_trips_that_were_designed() {
    let bench = Bench::start_with(&[("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", "1")]).await;
    let ask = |identifier: &str| post("/v1/challenges", &json!({ "identifier": identifier }));
    for identifier in [ALICE, NOBODY] {
        bench.step("request", &[3, 1], ask(identifier), 202).await;
        bench
            .step("request that is refused: an hour refunded, a link queued", &[3, 2], ask(identifier), 429)
            .await;
    }
    bench.deliver("delivery", &[1, 1, 1, 2, 1, 2]).await;
    bench.deliver("look-up: itself, identifier, account, two addresses, the link", &[1, 1, 1, 2, 1]).await;
    bench.deliver("delivery to nobody", &[1, 1, 1, 2, 1, 1]).await;
    bench.deliver("look-up of nobody: itself, identifier, account, done", &[1, 1, 1, 1]).await;
    let steps = "link: the outbox, account, two addresses, the challenge behind it, sent, done";
    bench.deliver(steps, &[1, 1, 2, 1, 1, 1]).await;
}

#[tokio::test]
async fn a_spent_budget_takes_two_rounds_more() {
    let bench = Bench::start_with(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1")]).await;
    for _ in 0..2 {
        let ask = post("/v1/challenges", &json!({ "identifier": ALICE }));
        bench.step("request", &[3, 1], ask, 202).await;
    }
    bench.deliver("delivery", &[1, 1, 1, 2, 1, 2]).await;
    let steps = "delivery over the budget: not armed, a link queued, armed with the decoy, done";
    bench.deliver(steps, &[1, 1, 1, 2, 1, 1, 1, 1]).await;
}

#[tokio::test]
async fn feedback_takes_the_round_trips_that_were_designed() {
    let bench = Bench::start().await;
    bench.harness.fault(&json!({ "to": BOB.0, "fault": "bounce" })).await.unwrap();
    let ask = post("/v1/challenges", &json!({ "identifier": BOB.0 }));
    bench.step("request", &[3, 1], ask, 202).await;
    bench.deliver("delivery to one of two addresses", &[1, 1, 1, 2, 1, 2]).await;
    let event = bench.harness.next_feedback().await.unwrap();
    bench.take("feedback: address and message, then the challenge", &[2, 1], &event).await;
    let unknown = event.to_string().replace(BOB.0, NOBODY);
    let mut unknown: Value = serde_json::from_str(&unknown).unwrap();
    let message = &mut unknown["Records"][0]["Sns"]["Message"];
    *message = message.as_str().unwrap().replace("\"messageId\":\"", "\"messageId\":\"x").into();
    bench.take("feedback on nobody's message", &[2], &unknown).await;
    bench.take("an event that says nothing", &[], &json!({ "Records": [] })).await;
}

#[tokio::test]
async fn an_sms_takes_two_rounds_more_for_its_limits_and_its_try() {
    let bench = Bench::start().await;
    let phone = BOB.1;
    let ask = post("/v1/challenges", &json!({ "identifier": phone }));
    let challenge = bench.step("request by phone", &[3, 1], ask, 202).await;
    bench.deliver("delivery by SMS: the same, the try, six counters", &[1, 1, 1, 2, 1, 1, 6, 2]).await;
    let code = bench.harness.code(phone, &text(&challenge, "reference")).await.unwrap();
    let path = format!("/v1/challenges/{}/verify", text(&challenge, "challenge_id"));
    let guess = post(&path, &json!({ "code": code }));
    bench.step("verify, right: three counts beside the transaction", &[1, 1, 4], guess, 200).await;
}

#[tokio::test]
async fn sessions_take_the_round_trips_that_were_designed() {
    let bench = Bench::start().await;
    let sign_in = |identifier: &str, password: &str| {
        post("/v1/sessions", &json!({ "identifier": identifier, "password": password }))
    };
    let session = bench.step("sign-in", &[2, 1, 1, 3], sign_in(ALICE, PASSWORD), 201).await;
    bench.step("sign-in, wrong password", &[2, 1, 1], sign_in(ALICE, NEW_PASSWORD), 401).await;
    bench.step("sign-in of nobody: the same reads", &[2, 1, 1], sign_in(NOBODY, PASSWORD), 401).await;
    let device = text(&session, "device_token");
    for (what, token) in [("a known device", device.as_str()), ("nobody's", &"A".repeat(64)), ("none", "x")] {
        let with_device = |identifier: &str, password: &str| {
            let body = json!({ "identifier": identifier, "password": password, "device_token": token });
            post("/v1/sessions", &body)
        };
        let opens = if token == device { 2 } else { 3 };
        bench.step(what, &[3, 1, 1, opens], with_device(ALICE, PASSWORD), 201).await;
        bench.step(what, &[3, 1, 1], with_device(ALICE, NEW_PASSWORD), 401).await;
        bench.step(what, &[3, 1, 1], with_device(NOBODY, PASSWORD), 401).await;
    }

    // The owner is told of the tenth failure, if there is one: queued, then noted.
    for identifier in [BOB.0, "nobody-at-all@example.com"] {
        for _ in 0..9 {
            bench.step("a wrong password", &[2, 1, 1], sign_in(identifier, NEW_PASSWORD), 401).await;
        }
        bench.step("the tenth", &[2, 1, 1, 1, 1], sign_in(identifier, NEW_PASSWORD), 401).await;
        bench.step("the eleventh", &[2, 1, 1], sign_in(identifier, NEW_PASSWORD), 401).await;
    }
    bench.deliver("look-up: itself, identifier, account, an entry", &[1, 1, 1, 1]).await;
    bench.deliver("look-up of nobody: itself, identifier, account, done", &[1, 1, 1, 1]).await;
    let steps = "notice: the outbox, account, two addresses, email told, three counters, phone told, done";
    bench.deliver(steps, &[1, 1, 2, 1, 3, 1, 1]).await;

    let token = format!("Bearer {}", text(&session, "session_token"));
    let with_token = |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).body(String::new()).unwrap();
        with_header(request, "authorization", &token)
    };
    bench.step("session check", &[1, 1], with_token("GET", "/v1/sessions/current"), 200).await;
    bench.step("sign-out", &[1, 1, 1], with_token("DELETE", "/v1/sessions/current"), 204).await;
    bench.step("session check, signed out", &[1], with_token("GET", "/v1/sessions/current"), 401).await;
    let health = Request::get("/v1/health").body(String::new()).unwrap();
    bench.step("meta touches nothing", &[], health, 200).await;
}

impl Bench {
    /// The calls that were made since the last of these, by their names.
    fn operations(&self) -> Vec<String> {
        let mut operations: Vec<_> =
            self.harness.proxy.calls().into_iter().map(|call| call.operation).collect();
        operations.sort();
        self.harness.proxy.reset(Hold::None);
        operations
    }

    /// A call of the API with an idempotency key, as forms have one.
    async fn call(&self, path: &str, token: &str, body: &Value, status: u16) -> (Value, Vec<String>) {
        let mut request = with_header(post(path, body), "idempotency-key", "0123456789abcdef");
        if !token.is_empty() {
            request = with_header(request, "authorization", &format!("Bearer {token}"));
        }
        self.operations();
        let (answered, body) = self.harness.request(&request).await.unwrap();
        assert_eq!(answered, status, "{path}: {body}");
        (body, self.operations())
    }

    /// A form that leads on; it makes the calls that the API's does.
    async fn form(&self, browser: &mut Browser, page: &Page, path: &str, typed: Pairs<'_>, calls: &[String]) {
        self.operations();
        let answer = browser.post(path, &page.form(path).with(typed)).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        assert_eq!(self.operations(), calls, "{path}");
    }

    /// Opens a page that reads no table.
    async fn open(&self, browser: &mut Browser, path: &str) -> Page {
        self.operations();
        let page = browser.open(path).await;
        page.is(200, path);
        assert_eq!(self.operations(), [""; 0], "{path}");
        page
    }
}

#[tokio::test]
async fn forms_make_the_calls_of_the_api_and_pages_none() {
    let bench = Bench::start().await;
    let (alice, bob) = (ALICE, BOB.0);
    let browser = &mut Browser::of_functions(&bench.harness);
    let ask = |identifier: &str| json!({ "identifier": identifier });
    let (challenge, calls) = bench.call("/v1/challenges", "", &ask(bob), 202).await;
    let page = bench.open(browser, "/recover").await;
    bench.form(browser, &page, "/recover", &[("identifier", alice)], &calls).await;
    bench.form(&mut browser.another_with(&page), &page, "/recover", &[("identifier", NOBODY)], &calls).await;
    for _ in 0..3 {
        let event = bench.harness.next_delivery().await.unwrap();
        bench.harness.invoke(DELIVERY, &event).await.unwrap();
    }

    let path = |action: &str| format!("/v1/challenges/{}/{action}", text(&challenge, "challenge_id"));
    let page = bench.open(browser, "/recover/code").await;
    let (resent, calls) = bench.call(&path("resend"), "", &json!({"channel": "email"}), 202).await;
    bench.form(browser, &page, "/recover/resend", &[("channel", "email")], &calls).await;
    for _ in 0..2 {
        let event = bench.harness.next_delivery().await.unwrap();
        bench.harness.invoke(DELIVERY, &event).await.unwrap();
    }
    let page = bench.open(browser, "/recover/code").await;
    let code = bench.harness.code(bob, &text(&resent, "reference")).await.unwrap();
    let (verified, calls) = bench.call(&path("verify"), "", &json!({ "code": code }), 200).await;
    let code = bench.harness.code(alice, &page.html.words("dd")).await.unwrap();
    bench.form(browser, &page, "/recover/code", &[("code", &code)], &calls).await;

    let page = bench.open(browser, "/recover/password").await;
    let token = text(&verified, "verification_token");
    let (_, calls) = bench.call("/v1/password", &token, &json!({ "password": NEW_PASSWORD }), 200).await;
    let both = [("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)];
    bench.form(browser, &page, "/recover/password", &both, &calls).await;
    bench.open(browser, "/recover/done").await;

    let right = json!({ "identifier": bob, "password": NEW_PASSWORD });
    let (session, calls) = bench.call("/v1/sessions", "", &right, 201).await;
    let page = bench.open(browser, "/sign-in").await;
    // Without the device's cookie, which is looked up too.
    let typed = [("identifier", alice), ("password", NEW_PASSWORD)];
    bench.form(&mut browser.another_with(&page), &page, "/sign-in", &typed, &calls).await;
    let with_device = json!({
        "identifier": bob, "password": NEW_PASSWORD, "device_token": text(&session, "device_token"),
    });
    let (_, calls) = bench.call("/v1/sessions", "", &with_device, 201).await;
    bench.form(browser, &page, "/sign-in", &typed, &calls).await;

    bench.expect(&[1, 1]);
    let page = browser.open("/account").await;
    page.is(200, "/account");
    bench.check("the account's page: session and account", &[1, 1]);
    bench.expect(&[1, 1, 1]);
    browser.post("/sign-out", &page.form("/sign-out")).await.leads_to("/sign-in");
    bench.check("sign-out", &[1, 1, 1]);
    let page = bench.open(browser, "/recover/link").await;
    bench.expect(&[1]);
    let link = [("link_code", "0123456789ABCDEFGHJKMNPQRS")];
    browser.submit(&page, "/recover/link", &link).await.is(401, "/recover/link");
    bench.check("a link", &[1]);
}

/// What is wrong with a form by itself is told without a call.
#[tokio::test]
async fn forms_that_are_refused_for_their_form_make_no_call() {
    let bench = Bench::start().await;
    let browser = &mut Browser::of_functions(&bench.harness);
    sign_in(browser, ALICE, PASSWORD).await.is(200, "/account");
    bench.operations();
    let csrf = browser.flow()["csrf"].as_str().unwrap().to_owned();
    for path in [
        "/recover",
        "/recover/code",
        "/recover/resend",
        "/recover/password",
        "/recover/link",
        "/sign-in",
        "/sign-out",
    ] {
        let own = Fields::of(&[("csrf", csrf.as_str())]);
        for fields in
            [Fields::default(), own.clone().with(&[("csrf", "x")]), own.clone().with(&[("other", "x")])]
        {
            assert!(browser.post(path, &fields).await.status.is_client_error());
        }
        if path != "/sign-out" {
            assert_ne!(browser.post(path, &own).await.status, 200);
        }
    }
    assert_eq!(bench.operations(), [""; 0]);
}
