//! Processes of all functions that can be started anew with other keys, one function at a time, and the
//! commands that an operator runs beside them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use http::Request;
use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use regain_harness::{DELIVERY, FUNCTIONS, Harness, Instance};
use serde_json::{Value, json};

use crate::dynamodb;
use crate::harness::OLD_PASSWORD;
use crate::round_trips::program;
use crate::timeouts::{TIMEOUT, finished};

/// A test harness whose functions run with the keys that they were last started with.
pub(crate) struct MultiProcess {
    pub(crate) harness: Harness,
    processes: BTreeMap<&'static str, Instance>,
}

impl MultiProcess {
    /// Every function, with the first keys.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        let cheap = [("REGAIN_ARGON2_MEMORY_KIB", "64")];
        let harness = Harness::start(&[&cheap, settings].concat()).await.unwrap();
        let mut running = Self { harness, processes: BTreeMap::new() };
        let keys = PathBuf::from(&running.harness.environment["REGAIN_KEYS_FILE"]);
        running.restart(&FUNCTIONS, &keys).await;
        running
    }

    /// Starts functions anew with other keys.
    pub(crate) async fn restart(&mut self, functions: &[&'static str], keys: &std::path::Path) {
        let keys = keys.to_str().unwrap();
        for function in functions {
            if let Some(old) = self.processes.remove(function) {
                self.harness.stop(old).await.unwrap();
            }
            let environment = [("REGAIN_KEYS_FILE", keys)];
            let mut process = self.harness.spawn(function, program(function), &environment).unwrap();
            self.harness.ready(&mut process).await.unwrap();
            self.processes.insert(function, process);
        }
    }

    /// The first keys.
    pub(crate) fn first_keys(&self) -> PathBuf {
        PathBuf::from(&self.harness.environment["REGAIN_KEYS_FILE"])
    }

    /// Other keys, by a step of `regain keys` from these, such as `add token`.
    pub(crate) fn keys(&self, from: &std::path::Path, step: &str) -> PathBuf {
        let words: Vec<&str> = ["keys"].into_iter().chain(step.split(' ')).collect();
        let output = self.regain(&words, from, &std::fs::read_to_string(from).unwrap());
        assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        let path = self.harness.directory().join(format!("{}.json", words.join("-")));
        assert!(!path.exists(), "{step} was taken already");
        std::fs::write(&path, &output.stdout).unwrap();
        path
    }

    /// A command of the program, with the environment of a function that has these keys.
    pub(crate) fn regain(&self, words: &[&str], keys: &std::path::Path, input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_regain"))
            .args(words)
            .env_clear()
            .envs(&self.harness.environment)
            .env("REGAIN_KEYS_FILE", keys)
            // Not by what counts calls: that runs on the thread that waits for the command.
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.harness.dynamodb)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that asks for nothing may have ended before it is given anything.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        finished(child, &format!("{words:?}"))
    }

    /// The output of a command that succeeds.
    pub(crate) fn told(&self, words: &[&str], keys: &std::path::Path, input: &str) -> String {
        let output = self.regain(words, keys, input);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A request that is answered with this status; `authority` is a token and an idempotency key, or nothing.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        (token, key): (&str, &str),
        body: &Value,
        status: u16,
    ) -> Value {
        call(&self.harness, method, path, (token, key), body, status).await
    }

    /// Asks for a code.
    pub(crate) async fn ask(&self, identifier: &str, key: &str) -> Sent {
        let body = json!({ "identifier": identifier });
        Sent::of(&self.call("POST", "/v1/challenges", ("", key), &body, 202).await)
    }

    /// Asks for it again.
    pub(crate) async fn resend(&self, sent: &Sent) -> Sent {
        Sent::of(&self.call("POST", &sent.path("resend"), ("", ""), &json!({}), 202).await)
    }

    /// Asks for a code and reads it.
    pub(crate) async fn code_for(&self, identifier: &str) -> (Sent, String) {
        let sent = self.ask(identifier, "").await;
        self.deliver().await;
        let code = self.code(identifier, &sent).await;
        (sent, code)
    }

    /// The code that came.
    pub(crate) async fn code(&self, to: &str, sent: &Sent) -> String {
        self.harness.code(to, &sent.reference).await.unwrap()
    }

    /// Has the next pending item delivered.
    pub(crate) async fn deliver(&self) {
        deliver(&self.harness).await;
    }

    /// Tries a code.
    pub(crate) async fn verify(&self, sent: &Sent, key: &str, code: &str, status: u16) -> Value {
        self.call("POST", &sent.path("verify"), ("", key), &json!({ "code": code }), status).await
    }

    /// The token for a right code.
    pub(crate) async fn token(&self, sent: &Sent, key: &str, code: &str) -> String {
        text(&self.verify(sent, key, code, 200).await, "verification_token")
    }

    /// Sets a password.
    pub(crate) async fn set_password(&self, token: &str, key: &str, password: &str, status: u16) -> Value {
        self.call("POST", "/v1/password", (token, key), &json!({ "password": password }), status).await
    }

    /// Tries to sign in.
    pub(crate) async fn sign_in(&self, identifier: &str, password: &str, status: u16) -> Value {
        let body = json!({ "identifier": identifier, "password": password });
        self.call("POST", "/v1/sessions", ("", ""), &body, status).await
    }

    /// The token of a new session, with the password that everybody has at first.
    pub(crate) async fn session(&self, identifier: &str) -> String {
        text(&self.sign_in(identifier, OLD_PASSWORD, 201).await, "session_token")
    }

    /// Whether a session counts.
    pub(crate) async fn check(&self, session: &str, status: u16) {
        self.call("GET", "/v1/sessions/current", (session, ""), &Value::Null, status).await;
    }

    /// The messages to an address, newest first.
    pub(crate) async fn messages(&self, to: &str) -> Vec<Value> {
        let url = format!("{}/messages?to={to}", self.harness.environment["AWS_ENDPOINT_URL"]);
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
        let answer: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        answer["messages"].as_array().unwrap().clone()
    }

    /// A call of the DynamoDB API, past what counts the functions' calls.
    pub(crate) async fn dynamodb(&self, operation: &str, body: &Value) -> Value {
        dynamodb::call(&self.harness.dynamodb, &format!("DynamoDB_20120810.{operation}"), body).await
    }

    /// Every item of the table.
    pub(crate) async fn items(&self) -> Vec<Value> {
        let answer = self.dynamodb("Scan", &json!({ "TableName": "regain" })).await;
        answer["Items"].as_array().unwrap().clone()
    }

    /// How many items there are of a kind.
    pub(crate) async fn count(&self, kind: ItemKind) -> usize {
        let items = self.items().await;
        items.iter().filter(|item| kind.name_in(item[KEY]["S"].as_str().unwrap()).is_some()).count()
    }
}

/// A request to a test harness that is answered with this status; `authority` is a token and an idempotency key, or
/// nothing.
pub(crate) async fn call(
    harness: &Harness,
    method: &str,
    path: &str,
    (token, key): (&str, &str),
    body: &Value,
    status: u16,
) -> Value {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (answered, body) = harness.request(&request.body(body).unwrap()).await.unwrap();
    assert_eq!(answered, status, "{method} {path}: {body}");
    body
}

/// Has a test harness's next pending item delivered.
pub(crate) async fn deliver(harness: &Harness) {
    let event = harness.next_delivery().await.unwrap();
    let answer = harness.invoke(DELIVERY, &event).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().map_or(0, Vec::len), 0, "{answer}");
}

/// An answer about a send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) challenge: String,
    pub(crate) reference: String,
}

impl Sent {
    fn of(body: &Value) -> Self {
        Self { challenge: text(body, "challenge_id"), reference: text(body, "reference") }
    }

    fn path(&self, action: &str) -> String {
        format!("/v1/challenges/{}/{action}", self.challenge)
    }
}

/// A text member.
pub(crate) fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}
