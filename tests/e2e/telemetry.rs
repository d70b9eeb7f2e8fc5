//! The operators' view: the lines, metrics and traces of a journey through the functions' own processes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use regain_crypto::Keyring;
use regain_domain::{ChallengeId, KeyUse, LogId, Prf as _};
use regain_harness::{DELIVERY, FEEDBACK, FUNCTIONS, Harness};
use regain_local_stack::functions::REGISTRY;
use regain_telemetry::NAMESPACE;
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::feedback::bounced;
use crate::round_trips::program;

const EMAIL: &str = "alice@example.com";
const PHONE: &str = "+46701740605";
/// In a country that texts don't go to.
const DANISH: &str = "+4520123456";
const PASSWORD: &str = "an old and well known secret";
const NEW_PASSWORD: &str = "seven green lamps by the sea";

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";
const PARENT: &str = "53995c3f42cd8ad8";

/// A test harness whose functions send their traces to a socket of the test.
struct Watched {
    harness: Harness,
    daemon: UdpSocket,
    instances: Vec<regain_harness::Instance>,
    clock: PathBuf,
}

impl Watched {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With more in the functions' environment.
    async fn start_with(more: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let clock = std::env::temp_dir().join(format!("regain-clock-{}-{number}", std::process::id()));
        std::fs::write(&clock, "0").unwrap();
        let settings = [("REGAIN_ARGON2_MEMORY_KIB", "64"), ("REGAIN_CLOCK_FILE", clock.to_str().unwrap())];
        let harness = Harness::start(&settings).await.unwrap();
        harness.add_account(EMAIL, Some(PHONE), PASSWORD).await.unwrap();
        harness.add_account("bob@example.com", Some(DANISH), PASSWORD).await.unwrap();
        let daemon = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = daemon.local_addr().unwrap().to_string();
        let mut instances = Vec::new();
        for function in FUNCTIONS {
            let environment = [&[("AWS_XRAY_DAEMON_ADDRESS", address.as_str())], more].concat();
            let mut instance = harness.spawn(function, program(function), &environment).unwrap();
            harness.ready(&mut instance).await.unwrap();
            instances.push(instance);
        }
        Self { harness, daemon, instances, clock }
    }

    fn sample(&mut self, sampled: bool) {
        self.harness.trace = Some(format!("Root={ROOT};Parent={PARENT};Sampled={}", u8::from(sampled)));
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: &Value, status: u16) -> Value {
        crate::multi_process::call(&self.harness, method, path, (token, ""), body, status).await
    }

    async fn deliver(&self) {
        let event = self.harness.next_delivery().await.unwrap();
        self.harness.invoke(DELIVERY, &event).await.unwrap();
    }

    async fn ask(&self, identifier: &str) -> Challenge {
        let body = self.call("POST", "/v1/challenges", "", &json!({ "identifier": identifier }), 202).await;
        self.deliver().await;
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Challenge { id: text("challenge_id"), reference: text("reference") }
    }

    async fn verify(&self, challenge: &Challenge, code: &str, status: u16) -> Value {
        let path = format!("/v1/challenges/{}/verify", challenge.id);
        self.call("POST", &path, "", &json!({ "code": code }), status).await
    }

    /// The whole way, with a wrong turn of each kind. Gives the challenge that led to a new password.
    async fn journey(&self) -> Challenge {
        let challenge = self.ask(EMAIL).await;
        let path = format!("/v1/challenges/{}/resend", challenge.id);
        let resent = self.call("POST", &path, "", &json!({}), 202).await;
        self.deliver().await;
        let code = self.harness.code(EMAIL, resent["reference"].as_str().unwrap()).await.unwrap();
        self.verify(&challenge, &crate::harness::wrong(&code), 422).await;
        let verified = self.verify(&challenge, &code, 200).await;
        let token = verified["verification_token"].as_str().unwrap();
        self.call("POST", "/v1/password", token, &json!({ "password": NEW_PASSWORD }), 200).await;
        self.deliver().await;

        let late = self.ask(PHONE).await;
        self.ask(DANISH).await;
        self.ask("nobody@example.com").await;
        let sign_in = json!({ "identifier": EMAIL, "password": NEW_PASSWORD });
        self.call("POST", "/v1/sessions", "", &sign_in, 201).await;
        self.call("GET", "/v1/health", "", &Value::Null, 200).await;
        self.call("GET", "/nothing", "", &Value::Null, 404).await;
        self.call("GET", "/", "", &Value::Null, 302).await;
        let code = self.harness.code(PHONE, &late.reference).await.unwrap();
        std::fs::write(&self.clock, "601").unwrap();
        self.verify(&late, &code, 410).await;

        let message = self.harness.message(EMAIL, &challenge.reference).await.unwrap();
        self.harness.invoke(FEEDBACK, &bounced(&message, "Permanent", EMAIL)).await.unwrap();
        challenge
    }

    /// Every line that a function has written.
    fn lines(&self, function: &str) -> Vec<Value> {
        let log = self.harness.log(function).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    fn all_lines(&self) -> Vec<Value> {
        FUNCTIONS.iter().flat_map(|function| self.lines(function)).collect()
    }

    /// The functions' reports to the daemon: they send before they answer, so all of it is there.
    async fn packets(&self) -> Vec<String> {
        const END: &[u8] = b"no more";
        let marker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        marker.send_to(END, self.daemon.local_addr().unwrap()).await.unwrap();
        let mut packets = Vec::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let received = tokio::time::timeout(Duration::from_mins(1), self.daemon.recv(&mut buffer));
            let length = received.await.unwrap().unwrap();
            let packet = &buffer[..length];
            if packet == END {
                return packets;
            }
            packets.push(String::from_utf8(packet.to_vec()).unwrap());
        }
    }

    fn keys(&self) -> Keyring {
        Keyring::parse(&std::fs::read_to_string(&self.harness.environment["REGAIN_KEYS_FILE"]).unwrap())
            .unwrap()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.clock);
    }
}

struct Challenge {
    id: String,
    reference: String,
}

/// Sums of the metrics by name and dimensions, from lines that must be right by the embedded metric format.
fn sums(lines: &[Value]) -> BTreeMap<String, f64> {
    let declared = REGISTRY.iter().flat_map(|function| function.declaration.telemetry);
    let declared: Vec<_> = declared.flat_map(|telemetry| telemetry.metrics).collect();
    let mut sums = BTreeMap::new();
    for line in lines {
        let Some(metadata) = line.get("_aws") else { continue };
        assert!(metadata["Timestamp"].as_u64().unwrap() > 1_700_000_000_000, "{line}");
        let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
        assert!(!directives.is_empty(), "{line}");
        for directive in directives {
            assert_eq!(directive["Namespace"], NAMESPACE);
            let named = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&named.len()));
            let sets = directive["Dimensions"].as_array().unwrap();
            assert!(!sets.is_empty(), "{line}");
            for set in sets {
                let set = set.as_array().unwrap();
                assert!((1..=9).contains(&set.len()), "{line}");
                let values = set.iter().map(|name| {
                    let value = line[name.as_str().unwrap()].as_str();
                    value
                        .filter(|v| !v.is_empty() && v.len() <= 1_024)
                        .unwrap_or_else(|| panic!("{name}: {line}"))
                });
                let dimensions = values.collect::<Vec<_>>().join(" ");
                for metric in named {
                    let name = metric["Name"].as_str().unwrap();
                    let row = declared.iter().find(|row| row.name == name).unwrap();
                    assert_eq!(metric["Unit"], row.unit.as_str());
                    let value = line[name].as_f64().unwrap_or_else(|| panic!("{name}: {line}"));
                    *sums.entry(format!("{name} {dimensions}")).or_insert(0.0) += value;
                }
            }
        }
    }
    sums
}

#[tokio::test]
async fn a_journey_is_counted() {
    let watched = Watched::start().await;
    watched.journey().await;
    let sums = sums(&watched.all_lines());
    for (metric, count) in [
        ("Requests local requestCode", 4.0),
        ("Requests local requestCode ok", 4.0),
        ("Requests local verifyCode", 3.0),
        ("Requests local verifyCode code_incorrect", 1.0),
        ("Requests local verifyCode challenge_expired", 1.0),
        ("Requests local resendCode ok", 1.0),
        ("Requests local setPassword ok", 1.0),
        ("Requests local signIn ok", 1.0),
        ("Requests local health ok", 1.0),
        ("Requests local unmatched not_found", 1.0),
        ("Verified local", 1.0),
        ("Verified local email", 1.0),
        ("Failed local", 1.0),
        ("Failed local email", 1.0),
        ("Expired local", 1.0),
        // Two codes by email and one by text, a notice by each, and an email where no text may go.
        ("Sends local", 6.0),
        ("Sends local email -", 4.0),
        ("Sends local sms SE", 2.0),
        ("CodesSent local", 4.0),
        ("CodesSent local sms", 1.0),
        ("Refused local", 1.0),
        ("Refused local sms DK", 1.0),
        ("Deliveries local sent", 4.0),
        ("Deliveries local fell_back", 1.0),
        ("Deliveries local no_recipient", 1.0),
        ("Undeliverable local", 1.0),
        ("Undeliverable local email", 1.0),
    ] {
        assert_eq!(sums.get(metric), Some(&count), "{metric}: {sums:#?}");
    }
    for missing in ["Verified local sms", "DeliveryFailures local", "Sends local sms DK"] {
        assert_eq!(sums.get(missing), None, "{missing}");
    }
    assert!(sums["Latency local signIn"] > 0.0 && sums["DeliveryLatency local email"] >= 0.0);
}

#[tokio::test]
async fn a_delivery_that_fails_is_counted_traced_and_says_why() {
    // Nobody listens there.
    let mut watched = Watched::start_with(&[("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:1")]).await;
    watched.sample(true);
    let challenge = watched.ask(EMAIL).await;
    let lines = watched.lines(DELIVERY);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line["message"], "a delivery will be tried again");
    assert_eq!((&line["level"], &line["cause"]), (&json!("WARN"), &json!("ses: no usable answer")));
    assert!(line["challenge"].is_string() && line["account"].is_string() && !challenge.id.is_empty());
    let sums = sums(&lines);
    assert_eq!((sums["DeliveryFailures local"], sums["Deliveries local failed"]), (1.0, 1.0));
    assert_eq!(sums.get("Sends local"), None);
    let faults = watched.packets().await.into_iter().filter_map(|packet| {
        let document: Value = serde_json::from_str(packet.split_once('\n').unwrap().1).unwrap();
        (document["fault"] == true).then(|| document["name"].as_str().unwrap().to_owned())
    });
    // The one try, and the delivery.
    assert_eq!(faults.collect::<Vec<_>>(), ["SES", "delivery"]);
}

#[tokio::test]
async fn what_needs_an_operator_is_counted_and_quotes_nobody() {
    let watched = Watched::start().await;
    watched.harness.fault(&json!({"to": EMAIL, "fault": "operator"})).await.unwrap();
    watched.harness.fault(&json!({"to": PHONE, "fault": "quota_spent"})).await.unwrap();
    // By text, and that is lost.
    watched.ask(EMAIL).await;
    let event = watched.harness.next_feedback().await.unwrap();
    watched.harness.invoke(FEEDBACK, &event).await.unwrap();
    let delivery = watched.lines(DELIVERY);
    let line = |lines: &[Value], message: &str| {
        lines.iter().find(|line| line["message"] == message).cloned().unwrap_or_else(|| panic!("{lines:?}"))
    };
    let refused = line(&delivery, "a message needs an operator");
    assert_eq!((&refused["level"], &refused["kind"]), (&json!("ERROR"), &json!("code")));
    assert_eq!(refused["reason"], "ses: MessageRejected: not_verified");
    let lost = line(&watched.lines(FEEDBACK), "a message did not arrive");
    assert_eq!((&lost["reason"], &lost["marked"]), (&json!("quota_spent"), &json!("true")));
    assert_eq!(lost["suppressed"], "0");
    let lines = watched.all_lines();
    let sums = sums(&lines);
    for (metric, count) in [
        ("NeedsOperator local", 2.0),
        ("NeedsOperator local email", 1.0),
        ("NeedsOperator local sms", 1.0),
        ("Undeliverable local sms", 1.0),
        ("Deliveries local fell_back", 1.0),
    ] {
        assert_eq!(sums.get(metric), Some(&count), "{metric}: {sums:#?}");
    }
    assert_eq!(sums.get("Refused local"), None);

    // Where no other address takes it, the record comes again.
    watched.harness.fault(&json!({"to": PHONE, "fault": "operator"})).await.unwrap();
    watched.ask(EMAIL).await;
    let failed = line(&watched.lines(DELIVERY), "a delivery will be tried again");
    assert_eq!(failed["cause"], "sns: AuthorizationError");
    let shown = format!("{:?}", watched.all_lines());
    assert!(!shown.contains(EMAIL) && !shown.contains(PHONE), "{shown}");
}

#[tokio::test]
async fn every_line_of_a_request_says_which_and_whose_it_is() {
    let watched = Watched::start().await;
    let challenge = watched.journey().await;
    let prf = watched.keys();
    let id = ChallengeId::parse(&challenge.id).unwrap();
    let name = LogId::of_challenge(&prf, prf.current(KeyUse::Identifier), id).unwrap().to_string();
    let mut accounts = BTreeSet::new();
    let mut heard = 0;
    for function in FUNCTIONS {
        let lines = watched.lines(function);
        heard += usize::from(!lines.is_empty());
        for line in &lines {
            for member in ["timestamp", "level", "function", "message", "request_id", "trace_id"] {
                assert!(line[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {line}");
            }
            assert_eq!(line["function"], function);
            if line["message"] == "a request was answered" {
                assert!(line["operation"].is_string() && line["status"].is_u64(), "{line}");
                assert_eq!(line["request_id"], "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "the gateway's");
                assert_eq!(line["lambda_request_id"].as_str().map(str::len), Some(36), "{line}");
            }
        }
        let about: Vec<_> = lines.iter().filter(|line| line["challenge"] == name.as_str()).collect();
        let knows = ["request-code", "resend-code", "verify-code", "set-password", DELIVERY, FEEDBACK]
            .contains(&function);
        assert_eq!(!about.is_empty(), knows, "{function}");
        // Whoever asks is nobody until delivery finds the account.
        let found = about.iter().filter_map(|line| line["account"].as_str()).collect::<BTreeSet<_>>();
        let finds = ["verify-code", "set-password", DELIVERY].contains(&function);
        assert_eq!(found.len(), usize::from(finds), "{function}: {found:?}");
        accounts.extend(found.into_iter().map(str::to_owned));
        assert!(!watched.harness.log(function).unwrap().contains(&challenge.id), "{function}");
    }
    assert_eq!(heard, FUNCTIONS.len());
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    let wrong = watched.lines("verify-code").into_iter().find(|line| line["guess"] == "wrong").unwrap();
    assert_eq!((&wrong["problem"], &wrong["status"]), (&json!("code_incorrect"), &json!(422)));
    let sign_in = &watched.lines("sessions")[0];
    assert_eq!(sign_in["account"].as_str(), accounts.first().map(String::as_str));
    // What the command says is what the functions write.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_regain"));
    let output =
        crate::timeouts::output(command.args(["log-id", &challenge.id]).envs(&watched.harness.environment));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.lines().any(|line| line == format!("challenge {name}")), "{told}");
}

#[tokio::test]
async fn a_sampled_invocation_is_traced_and_no_other() {
    let mut watched = Watched::start().await;
    watched.sample(false);
    watched.ask(EMAIL).await;
    assert!(watched.packets().await.is_empty());

    watched.sample(true);
    let challenge = watched.journey().await;
    let packets = watched.packets().await;
    let mut documents = Vec::new();
    for packet in &packets {
        let (header, document) = packet.split_once('\n').unwrap();
        assert_eq!(serde_json::from_str::<Value>(header).unwrap(), json!({"format": "json", "version": 1}));
        documents.push(serde_json::from_str::<Value>(document).unwrap());
        for secret in [EMAIL, PHONE, DANISH, &PHONE[1..], PASSWORD, NEW_PASSWORD, &challenge.id, "nobody"] {
            assert!(!packet.contains(secret), "{packet}");
        }
    }
    let ids: BTreeSet<_> = documents.iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), documents.len());
    for document in &documents {
        assert_eq!((&document["type"], &document["trace_id"]), (&json!("subsegment"), &json!(ROOT)));
        let id = document["id"].as_str().unwrap();
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        let parent = document["parent_id"].as_str().unwrap();
        let is_outer = document["name"] == "delivery" || document["annotations"]["request_id"].is_string();
        assert_eq!(parent == PARENT, is_outer, "{document}");
        assert!(is_outer || ids.contains(parent), "{document}");
        assert!(document["start_time"].as_f64() <= document["end_time"].as_f64());
        assert!(document.get("fault").is_none(), "{document}");
    }
    let named = |name: &str| documents.iter().filter(|d| d["name"] == name).collect::<Vec<_>>();
    let spans = [
        "verifyCode",
        "verify_code",
        "set_password",
        "deliver",
        "send_outbox",
        "take_feedback",
        "delivery",
        "argon2id",
    ];
    for name in spans {
        assert!(!named(name).is_empty(), "{name}");
    }
    let operations = |service: &str| -> BTreeSet<_> {
        let calls = named(service);
        calls
            .iter()
            .map(|call| {
                assert_eq!(call["namespace"], "aws");
                assert!(call["http"]["response"]["status"].is_u64(), "{call}");
                call["aws"]["operation"].as_str().unwrap()
            })
            .collect()
    };
    let on_the_table =
        BTreeSet::from(["DeleteItem", "GetItem", "PutItem", "TransactWriteItems", "UpdateItem"]);
    assert_eq!(operations("DynamoDB"), on_the_table);
    assert_eq!(operations("SES"), BTreeSet::from(["SendEmail"]));
    assert_eq!(operations("SNS"), BTreeSet::from(["Publish"]));
    let wrong = named("verifyCode").into_iter().find(|d| d["http"]["response"]["status"] == 422).unwrap();
    assert_eq!((&wrong["error"], &wrong["annotations"]["problem"]), (&json!(true), &json!("code_incorrect")));

    let calls = documents.len();
    watched.sample(false);
    watched.call("GET", "/v1/health", "", &Value::Null, 200).await;
    assert!(watched.packets().await.is_empty(), "after {calls}");
    for instance in std::mem::take(&mut watched.instances) {
        watched.harness.stop(instance).await.unwrap();
    }
}
