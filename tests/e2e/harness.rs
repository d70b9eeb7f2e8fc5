//! Starting stacks, and doing what a client and a person do.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::contract_document::{CONTRACT, Case};
use crate::dynamodb;
use crate::timeouts::{TIMEOUT, read_until};
use crate::{clock_alignment, temp_dirs};

/// Everybody's first password.
pub(crate) const OLD_PASSWORD: &str = "an old and well known secret";
/// A password that is good enough.
pub(crate) const NEW_PASSWORD: &str = "seven green lamps by the sea";

/// A running local stack. It ends with this value, and with the test process whatever happens to that. Or one
/// that runs elsewhere, and goes on.
pub(crate) struct Stack {
    pub(crate) api: String,
    /// The site that messages and links name.
    pub(crate) origin: String,
    pub(crate) inbox: String,
    pub(crate) dynamodb: String,
    pub(crate) table: String,
    people: Arc<[AtomicUsize; Kind::ALL.len()]>,
    pub(crate) directory: PathBuf,
    /// How far the clock was moved before anything happened, in seconds.
    moved: i64,
    child: Option<Child>,
    _stdin: Option<ChildStdin>,
}

/// How many people of each kind every stack has.
const PEOPLE: usize = 80;

static SHARED: LazyLock<Stack> = LazyLock::new(|| Stack::deployed().unwrap_or_else(|| Stack::start(&[])));

impl Stack {
    /// The stack that most tests share.
    pub(crate) fn shared() -> &'static Self {
        &SHARED
    }

    /// The stack that `REGAIN_TEST_API` and `REGAIN_TEST_NOTIFICATIONS` name by their URLs. It must have been
    /// deployed with the accounts of [`write_accounts`] and not been used for these tests before.
    /// `REGAIN_TEST_ORIGIN` is the origin that it was deployed with, unless that is the API's URL.
    /// `tests/stage.sh` sets these, and leaves out the tests that need what the stage lacks.
    fn deployed() -> Option<Self> {
        /// One for all: there is one stage, and nobody may be two tests' person.
        static PEOPLE: LazyLock<Arc<[AtomicUsize; Kind::ALL.len()]>> = LazyLock::new(Arc::default);
        Some(Self {
            origin: variable("REGAIN_TEST_ORIGIN").or_else(|| variable("REGAIN_TEST_API"))?,
            api: variable("REGAIN_TEST_API")?,
            inbox: variable("REGAIN_TEST_NOTIFICATIONS").unwrap_or_default(),
            dynamodb: String::new(),
            table: String::new(),
            people: PEOPLE.clone(),
            directory: PathBuf::new(),
            moved: 0,
            child: None,
            _stdin: None,
        })
    }

    /// A stack of its own, with settings; or the stage that was deployed, if `REGAIN_TEST_SETTINGS` says that it
    /// has them (`NAME=VALUE`, spaces between).
    ///
    /// On a stack an hour has just begun, so that what is counted within one does not depend on when tests run. The
    /// clock of a stage can't be moved: there, a test of the limits fails if an hour ends meanwhile.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let Some(stage) = Self::deployed() else {
            let mut stack = Self::start_with(settings, |_| {});
            stack.moved = clock_alignment::begin_hour(&stack.api);
            return stack;
        };
        let its_own = variable("REGAIN_TEST_SETTINGS").unwrap_or_default();
        for (name, value) in settings {
            let has = its_own.split_whitespace().any(|setting| setting == format!("{name}={value}"));
            assert!(has, "the stage was not deployed with {name}={value}: tests/stage.sh leaves this out");
        }
        stage
    }

    /// Whether nobody else uses it.
    pub(crate) fn is_its_own(&self) -> bool {
        self.child.is_some()
    }

    /// A stack whose command line and environment a test completes, and whose clock is the machine's.
    pub(crate) fn start_with(settings: &[(&str, &str)], complete: impl FnOnce(&mut Command)) -> Self {
        let directory = temp_dirs::directory();
        let accounts = directory.join("accounts.jsonl");
        write_accounts(&accounts);
        let ready = directory.join("ready.json");

        let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
        command
            .args(["--api", "127.0.0.1:0", "--notifications", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"])
            .arg("--accounts")
            .arg(&accounts)
            .arg("--ready-file")
            .arg(&ready)
            .arg("--exit-with-stdin")
            // What tests look for is in the functions' own lines.
            .args(["--log-format", "json"])
            // A hash that costs what it should is tried by the hasher's own tests and the benchmarks.
            .env("REGAIN_ARGON2_MEMORY_KIB", "64")
            // A stack that is killed leaves its keys there, and they go with its directory.
            .env("TMPDIR", &directory)
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(directory.join("log")).unwrap());
        complete(&mut command);
        let mut child = command.spawn().expect("the stack starts");
        let stdin = child.stdin.take().unwrap();
        if let Err(reason) = read_until("Press Ctrl-C", child.stdout.take().unwrap()) {
            let _ = child.kill();
            let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
            panic!("the stack did not get ready: {reason}: {log}");
        }
        let urls: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        let url = |name: &str| urls[name].as_str().unwrap().to_owned();
        Self {
            api: url("api"),
            origin: url("api"),
            inbox: url("notifications"),
            dynamodb: url("dynamodb"),
            table: url("table"),
            people: Arc::default(),
            directory,
            moved: 0,
            child: Some(child),
            _stdin: Some(stdin),
        }
    }

    /// The process that everything else descends from.
    pub(crate) fn process(&mut self) -> &mut Child {
        self.child.as_mut().expect("a stack that was started here")
    }

    /// Everything that the stack and its functions have logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap()
    }

    /// Somebody with an email address and a phone in a block of numbers of its own, who reads English, and whom
    /// no other test knows.
    pub(crate) fn person(&self) -> Person {
        self.person_of(Kind::English)
    }

    /// Somebody of a kind, whom no other test knows.
    pub(crate) fn person_of(&self, kind: Kind) -> Person {
        let number = self.people[kind as usize].fetch_add(1, Ordering::Relaxed);
        assert!(number < PEOPLE, "raise PEOPLE");
        Person::numbered(kind, number)
    }

    /// A client of the API.
    pub(crate) fn client(&self) -> Api {
        Api {
            base: self.api.clone(),
            origin: self.origin.clone(),
            inbox: self.inbox.clone(),
            moved: self.moved,
            http: http(),
            seen: Seen::default(),
        }
    }

    /// A call of the DynamoDB API.
    pub(crate) async fn dynamodb(&self, target: &str, body: Value) -> Value {
        dynamodb::call(&self.dynamodb, target, &body).await
    }

    /// Everything that the table holds.
    pub(crate) async fn items(&self) -> String {
        self.dynamodb("DynamoDB_20120810.Scan", json!({"TableName": self.table})).await.to_string()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let Some(child) = &mut self.child else { return };
        // Killing is enough: what it started ends with it, which a test of its own holds.
        let _ = child.kill();
        let _ = child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Writes everybody whom tests know, as lines of an accounts file.
fn write_accounts(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    for n in 0..PEOPLE {
        for kind in Kind::ALL {
            writeln!(file, "{}", Person::numbered(kind, n).line(kind)).unwrap();
        }
    }
}

/// How a script gets the accounts for a stack that it deploys: it names a file by `REGAIN_TEST_ACCOUNTS`.
#[test]
fn the_accounts_of_a_deployed_stack_can_be_written() {
    let Ok(path) = std::env::var("REGAIN_TEST_ACCOUNTS") else { return };
    write_accounts(Path::new(&path));
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(lines, PEOPLE * Kind::ALL.len());
}

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn http() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT).build().unwrap()
}

/// Numbers that set people apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Has an email address and a phone, reads English.
    English,
    /// Has an email address and a phone, reads Swedish.
    Swedish,
    /// Has an email address only, and no language.
    EmailOnly,
    /// Has a phone only, and no language.
    PhoneOnly,
}

impl Kind {
    const ALL: [Self; 4] = [Self::English, Self::Swedish, Self::EmailOnly, Self::PhoneOnly];
}

/// Somebody with an account. The address that the account doesn't have is nobody's.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// Everybody's postal code.
pub(crate) const POSTAL_CODE: &str = "114 55";

impl Person {
    fn numbered(kind: Kind, n: usize) -> Self {
        let kind = kind as usize;
        Self { email: format!("person-{kind}-{n}@example.com"), phone: format!("+467{n:04}{kind}000") }
    }

    fn line(&self, kind: Kind) -> Value {
        let mut line = json!({
            "email": self.email, "phone": self.phone, "password": OLD_PASSWORD,
            "name": "Kim Andersson", "postal_code": POSTAL_CODE,
        });
        match kind {
            Kind::English => line["locale"] = "en".into(),
            Kind::Swedish => line["locale"] = "sv".into(),
            Kind::EmailOnly => drop(line.as_object_mut().unwrap().remove("phone")),
            Kind::PhoneOnly => drop(line.as_object_mut().unwrap().remove("email")),
        }
        line
    }
}

/// The name that a REST API of API Gateway gives a function's `WWW-Authenticate`, which nothing can keep it from.
const REMAPPED: &str = "x-amzn-remapped-www-authenticate";

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The problem's code.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, but for seconds left: these count from each answer.
    pub(crate) fn said(&self) -> (StatusCode, Value) {
        let mut body = self.body.clone();
        for member in ["expires_in", "resend_available_in"] {
            body.as_object_mut().unwrap().remove(member);
        }
        (self.status, body)
    }

    /// A text member.
    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless it is this problem.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(!self.text(member).is_empty());
        }
    }
}

/// A client of the API and a reader of the inbox.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) base: String,
    /// The site that messages and links name.
    pub(crate) origin: String,
    pub(crate) inbox: String,
    moved: i64,
    pub(crate) http: Client,
    seen: Seen,
}

/// The answers to a client and its clones, in the document's terms.
pub(crate) type Seen = Arc<Mutex<BTreeSet<Case>>>;

impl Api {
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.base))
    }

    /// Sends a request, and holds the answer to the document.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let method = request.method().clone();
        // A deployed API may have a path of its own in proxy.
        let base = reqwest::Url::parse(&self.base).unwrap();
        let prefix = base.path().trim_end_matches('/');
        let path = request.url().path().strip_prefix(prefix).unwrap().to_owned();
        let response = self.http.execute(request).await.expect("an answer");
        let (status, mut headers) = (response.status(), response.headers().clone());
        if let Some(value) = headers.remove(REMAPPED) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        let bytes = response.bytes().await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        let answer = Answer { status, headers, body };
        self.seen.lock().unwrap().extend(CONTRACT.check(method.as_str(), &path, &answer));
        answer
    }

    /// The answers so far.
    pub(crate) fn seen(&self) -> BTreeSet<Case> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn request_code(&self, identifier: &str) -> Answer {
        self.post("/v1/challenges", &json!({"identifier": identifier})).await
    }

    pub(crate) async fn verify(&self, challenge: &str, code: &str) -> Answer {
        self.post(&format!("/v1/challenges/{challenge}/verify"), &json!({"code": code})).await
    }

    pub(crate) async fn resend(&self, challenge: &str, body: &Value) -> Answer {
        self.post(&format!("/v1/challenges/{challenge}/resend"), body).await
    }

    /// Posts with an idempotency key.
    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).header("idempotency-key", key).json(body)).await
    }

    /// Moves the stack's clock to so many seconds from where it would be if no test had moved it.
    pub(crate) async fn move_clock(&self, seconds: i64) {
        let offset = json!({"offset_seconds": self.moved + seconds});
        let request = self.request("PUT", "/_local/clock").json(&offset);
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    pub(crate) async fn set_password(&self, token: &str, password: &str) -> Answer {
        let request = self.request("POST", "/v1/password").bearer_auth(token);
        self.send(request.json(&json!({"password": password}))).await
    }

    pub(crate) async fn sign_in(&self, identifier: &str, password: &str) -> Answer {
        self.post("/v1/sessions", &json!({"identifier": identifier, "password": password})).await
    }

    pub(crate) async fn session(&self, token: &str) -> Answer {
        self.send(self.request("GET", "/v1/sessions/current").bearer_auth(token)).await
    }

    /// Asks for a code and reads it from the inbox: the challenge's id and the code.
    pub(crate) async fn code_for(&self, identifier: &str) -> (String, String) {
        let answer = self.request_code(identifier).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        let message = self.message(identifier, &answer.text("reference")).await;
        (answer.text("challenge_id"), message["code"].as_str().unwrap().to_owned())
    }

    /// The whole way to a verification token.
    pub(crate) async fn token_for(&self, identifier: &str) -> String {
        let (challenge, code) = self.code_for(identifier).await;
        let answer = self.verify(&challenge, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.text("verification_token")
    }

    /// Messages to an address that the inbox has now, newest first.
    pub(crate) async fn messages(&self, to: &str, wait: u32) -> Vec<Value> {
        let to = to.replace('+', "%2B");
        let url = format!("{}/messages?to={to}&wait={wait}", self.inbox);
        let answer: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        answer["messages"].as_array().unwrap().clone()
    }

    /// Waits for the message with a reference.
    pub(crate) async fn message(&self, to: &str, reference: &str) -> Value {
        self.message_that(to, |message| message["reference"] == reference).await
    }

    /// Waits for a message that carries no code: a notice.
    pub(crate) async fn message_without_code(&self, to: &str) -> Value {
        self.message_that(to, |message| message["code"].is_null()).await
    }

    /// Waits for the recovery link to one of some addresses, and gives the token in it.
    pub(crate) async fn recovery_link(&self, addresses: &[&str]) -> String {
        let token = |message: &Value| {
            let text = message["text"].as_str()?;
            let (_, rest) = text.split_once("#token=")?;
            rest.split_whitespace().next().map(str::to_owned)
        };
        let waits = addresses
            .iter()
            .map(|address| Box::pin(self.message_that(address, |message| token(message).is_some())));
        let (message, _, _) = futures_util::future::select_all(waits).await;
        token(&message).unwrap()
    }

    /// Waits for the first message that is wanted.
    pub(crate) async fn message_that(&self, to: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut newest = String::new();
        loop {
            let encoded = to.replace('+', "%2B");
            let after = if newest.is_empty() { String::new() } else { format!("&after={newest}") };
            let url = format!("{}/messages?to={encoded}&wait=30{after}", self.inbox);
            let answer: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
            let messages = answer["messages"].as_array().unwrap();
            if let Some(message) = messages.iter().find(|m| wanted(m)) {
                return message.clone();
            }
            // Others may come first, one by one.
            let newer = messages.first().and_then(|m| m["id"].as_str());
            newer.unwrap_or_else(|| panic!("the message to {to} does not come")).clone_into(&mut newest);
        }
    }

    /// Sets a fault of the notification gateway.
    pub(crate) async fn fault(&self, fault: &Value) {
        let response = self.http.put(format!("{}/faults", self.inbox)).json(fault).send().await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
    }
}

/// A code that is not this one.
pub(crate) fn wrong(code: &str) -> String {
    let number: u64 = code.parse().unwrap();
    let length = code.len();
    format!("{:0length$}", (number + 1) % 10_u64.pow(u32::try_from(length).unwrap()))
}
