//! The role that the deployment template gives each function against the calls that its process makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use regain_crypto::{Keyring, SystemRandom};
use regain_domain::KeyUse;
use regain_dynamodb::kind::ItemKind;
use regain_harness::template::{logical_name, template};
use regain_harness::{DELIVERY, FEEDBACK, FUNCTIONS, Harness};
use regain_template::access::Access;
use regain_template::functions::Function;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::calls::Call;
use crate::multi_process::{self, text};
use crate::pages_journeys::{choose, sign_in};
use crate::round_trips::program;

/// The permissions of a function's role besides the table; what the Lambda service does in its name (logs,
/// traces, the stream, dead letters) is left out.
fn other_services(template: &Value, function: &str) -> BTreeSet<String> {
    let role = &template["Resources"][format!("{}Role", logical_name(function))]["Properties"];
    assert!(
        role.get("ManagedPolicyArns").is_none(),
        "{function}: a managed policy allows more than is needed"
    );
    let statements = role["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["PolicyDocument"]["Statement"].as_array());
    let allowed = statements.flatten().filter(|statement| statement["Effect"] == "Allow");
    let actions = allowed.flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        action => vec![action.clone()],
    });
    let actions = actions.map(|action| action.as_str().unwrap().to_owned());
    actions
        .inspect(|action| assert!(!action.contains('*'), "{function}: {action}"))
        .filter(|action| {
            ["secretsmanager:", "ses:", "sns:"].iter().any(|service| action.starts_with(service))
        })
        .collect()
}

/// Keys with two versions of the one for tokens: only then do some functions check another item's absence.
fn in_mid_rotation(keys: &str) -> String {
    let mut keys = Keyring::parse(keys).unwrap();
    keys.add(KeyUse::Token, &SystemRandom).unwrap();
    keys.to_text().to_string()
}

/// A proxy between one function and everything that it calls, which notes the calls.
#[derive(Clone)]
struct Recorder {
    calls: Arc<Mutex<BTreeSet<Call>>>,
    /// Calls of other services than the table's, as policies name them.
    others: Arc<Mutex<BTreeSet<String>>>,
    dynamodb: String,
    notifications: String,
    keys: String,
    http: reqwest::Client,
}

impl Recorder {
    async fn start(harness: &Harness) -> (Self, String) {
        let recorder = Self {
            calls: Arc::default(),
            others: Arc::default(),
            dynamodb: harness.environment["AWS_ENDPOINT_URL_DYNAMODB"].clone(),
            notifications: harness.environment["AWS_ENDPOINT_URL"].clone(),
            keys: in_mid_rotation(
                &std::fs::read_to_string(&harness.environment["REGAIN_KEYS_FILE"]).unwrap(),
            ),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(Self::pass).with_state(recorder.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (recorder, endpoint)
    }

    fn note(&self, action: impl Into<String>) {
        self.others.lock().unwrap().insert(action.into());
    }

    async fn pass(State(recorder): State<Self>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let target = parts.headers.get("x-amz-target").map_or("", |target| target.to_str().unwrap());
        let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let upstream = match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => {
                let call: Value = serde_json::from_slice(&body).unwrap();
                recorder.calls.lock().unwrap().extend(Call::all(operation, &call));
                recorder.dynamodb.clone()
            }
            Some(("secretsmanager", operation)) => {
                recorder.note(format!("secretsmanager:{operation}"));
                return json!({"SecretString": recorder.keys}).to_string().into_response();
            }
            _ if path == "/v2/email/outbound-emails" => {
                recorder.note("ses:SendEmail");
                format!("{}{path}", recorder.notifications)
            }
            _ if body.starts_with(b"Action=Publish&") => {
                recorder.note("sns:Publish");
                format!("{}{path}", recorder.notifications)
            }
            _ => {
                recorder.note(format!("{} {path} {target}", parts.method));
                format!("{}{path}", recorder.notifications)
            }
        };
        let mut headers = parts.headers;
        headers.remove("host");
        let request = recorder.http.request(parts.method, upstream).headers(headers).body(body);
        let answer = request.send().await.unwrap();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        *response.body_mut() = Body::from(answer.bytes().await.unwrap());
        response
    }
}

const OTHER: &str = "bob@example.com";
/// Somebody whose address is refused at once.
const REFUSED: &str = "carol@example.com";

/// Somebody who uses the pages.
const BY_PAGES: &str = "dora@example.com";

/// Requests that make every function do everything that it can.
struct Journey {
    harness: Arc<Harness>,
}

impl Journey {
    async fn call(&self, method: &str, path: &str, token: &str, body: &Value, status: u16) -> Value {
        multi_process::call(&self.harness, method, path, (token, ""), body, status).await
    }

    async fn call_with_key(
        &self,
        method: &str,
        path: &str,
        authority: (&str, &str),
        body: &Value,
        status: u16,
    ) -> Value {
        multi_process::call(&self.harness, method, path, authority, body, status).await
    }

    async fn deliver(&self) {
        multi_process::deliver(&self.harness).await;
    }

    async fn ask(&self, identifier: &str, key: &str) -> Value {
        let body = json!({"identifier": identifier, "postal_code": "12345", "locale": "sv"});
        self.call_with_key("POST", "/v1/challenges", ("", key), &body, 202).await
    }

    /// The way to a new password, with a repeated request, a resend, a wrong guess and a rejected password.
    async fn recover(&self, email: &str, phone: &str, password: &str) {
        let key = "0123456789abcdef";
        let challenge = self.ask(email, key).await;
        assert_eq!(self.ask(email, key).await["challenge_id"], challenge["challenge_id"]);
        self.deliver().await;
        let path = format!("/v1/challenges/{}", text(&challenge, "challenge_id"));
        let by_text = json!({"channel": "sms"});
        let resent = self.call_with_key("POST", &format!("{path}/resend"), ("", key), &by_text, 202).await;
        self.deliver().await;
        let code = self.harness.code(phone, &text(&resent, "reference")).await.unwrap();
        let verify = format!("{path}/verify");
        let wrong = crate::harness::wrong(&code);
        let guess = json!({"code": wrong});
        // With a key that meets its record, the guess is refunded.
        self.call_with_key("POST", &verify, ("", key), &guess, 422).await;
        self.call_with_key("POST", &verify, ("", key), &guess, 422).await;
        let verified = self.call("POST", &verify, "", &json!({"code": code}), 200).await;
        let token = text(&verified, "verification_token");
        for (password, key, status) in [("short", "fedcba9876543210", 422), (password, key, 200)] {
            let body = json!({"password": password});
            self.call_with_key("POST", "/v1/password", (&token, key), &body, status).await;
        }
        self.deliver().await;
        // The budget of the day is one: what comes now is a link, which is looked up, queued and sent. Then the
        // requests of the hour are spent, and are refused.
        self.ask(email, "").await;
        for _ in 0..3 {
            self.deliver().await;
        }
        let refused = json!({"identifier": email, "postal_code": "12345", "locale": "sv"});
        self.call("POST", "/v1/challenges", "", &refused, 429).await;
        // Somebody else's code does not arrive.
        self.harness.fault(&json!({"to": OTHER, "fault": "bounce"})).await.unwrap();
        self.ask(OTHER, "").await;
        self.deliver().await;
        self.harness.invoke(FEEDBACK, &self.harness.next_feedback().await.unwrap()).await.unwrap();
        self.harness.fault(&json!({"to": REFUSED, "fault": "opted_out"})).await.unwrap();
        self.ask(REFUSED, "").await;
        self.deliver().await;
    }

    async fn sign_in_and_out(&self, email: &str, password: &str) {
        let right = json!({"identifier": email, "password": password});
        self.call("POST", "/v1/sessions", "", &right, 201).await;
        // The tenth wrong password queues a notice.
        for _ in 0..10 {
            let body = json!({"identifier": email, "password": "wrong"});
            self.call("POST", "/v1/sessions", "", &body, 401).await;
        }
        let mut body = right;
        for sign_out in ["/v1/sessions/current", "/v1/sessions"] {
            let session = self.call("POST", "/v1/sessions", "", &body, 201).await;
            let token = session["session_token"].as_str().unwrap();
            body["device_token"] = session["device_token"].clone();
            self.call("GET", "/v1/sessions/current", token, &Value::Null, 200).await;
            self.call("DELETE", sign_out, token, &Value::Null, 204).await;
        }
    }

    /// The way to a new password and out of a session by pages, whose functions have the same roles.
    async fn by_pages(&self, email: &str, password: &str) {
        let browser = &mut Browser::of_functions(&self.harness);
        let page = browser.open("/recover").await;
        let typed = [("identifier", email), ("postal_code", "12345")];
        let page = browser.submit(&page, "/recover", &typed).await;
        let page = browser.submit(&page, "/recover/resend", &[("channel", "email")]).await;
        page.is(200, "/recover/code");
        let page = browser.submit(&page, "/recover/code", &[("code", "000000")]).await;
        page.is(422, "/recover/code");
        let page = browser.open("/recover/link").await;
        let link = [("link_code", "0123456789ABCDEFGHJKMNPQRS")];
        browser.submit(&page, "/recover/link", &link).await.is(401, "/recover/link");
        let mut flow = browser.flow();
        flow["step"] = json!({"password": {"token": link[0].1, "expires_at": 9_999_999_999_i64}});
        browser.set_flow(&flow);
        let page = browser.open("/recover/password").await;
        assert_eq!(choose(browser, &page, password).await.status, 401);
        let page = sign_in(browser, email, "an old and well known secret").await;
        page.is(200, "/account");
        browser.submit(&page, "/sign-out", &[]).await.is(200, "/sign-in");
    }

    /// The notice of the wrong passwords is looked up, and goes to the end of the queue, since it can't be sent for
    /// long.
    async fn postpone(&self) {
        self.deliver().await;
        self.harness.fault(&json!({"channel": "email", "fault": "operator"})).await.unwrap();
        let mut event = self.harness.next_delivery().await.unwrap();
        let written = &mut event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"];
        *written = json!(written.as_f64().unwrap() - 3_600.0);
        let answer = self.harness.invoke(DELIVERY, &event).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
    }
}

#[tokio::test]
async fn every_role_allows_what_its_function_does_and_nothing_else() {
    let settings = [
        ("REGAIN_ARGON2_MEMORY_KIB", "64"),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", "2"),
        ("REGAIN_POSTAL_CODE_CHECK", "required"),
    ];
    let harness = Harness::start(&settings).await.unwrap();
    let (email, phone) = ("alice@example.com", "+46701740605");
    let (old, new) = ("an old and well known secret", "seven green lamps by the sea");
    harness.add_account(email, Some(phone), old).await.unwrap();
    harness.add_account(OTHER, None, old).await.unwrap();
    harness.add_account(REFUSED, None, old).await.unwrap();
    harness.add_account(BY_PAGES, None, old).await.unwrap();

    let mut recorders = BTreeMap::new();
    let mut instances = Vec::new();
    for function in FUNCTIONS {
        let (recorder, endpoint) = Recorder::start(&harness).await;
        // Sessions hash again what set-password has hashed.
        let memory = if function == "sessions" { "128" } else { "64" };
        let environment = [
            ("REGAIN_ARGON2_MEMORY_KIB", memory),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", ""),
            ("REGAIN_KEYS_FILE", ""),
            ("REGAIN_KEYS_SECRET", "arn:aws:secretsmanager:eu-north-1:123456789012:secret:keys"),
        ];
        let mut instance = harness.spawn(function, program(function), &environment).unwrap();
        harness.ready(&mut instance).await.unwrap();
        instances.push(instance);
        recorders.insert(function, recorder);
    }
    let journey = Journey { harness: Arc::new(harness) };
    journey.recover(email, phone, new).await;
    journey.sign_in_and_out(email, new).await;
    journey.postpone().await;
    journey.by_pages(BY_PAGES, new).await;
    journey.call("GET", "/v1/health", "", &Value::Null, 200).await;

    let template = template();
    let mut wrong = Vec::new();
    for (function, recorder) in recorders {
        let others = recorder.others.lock().unwrap().clone();
        assert_eq!(other_services(&template, function), others, "{function}: the role, and what it did");
        let done = recorder.calls.lock().unwrap().clone();
        let row = regain_template::FUNCTIONS.iter().find(|row| row.name == function).unwrap();
        for call in done.iter().filter(|call| !row.table.iter().any(|access| allows(access, call))) {
            wrong.push(format!("{function} may not: {call:?}"));
        }
        for access in row.table {
            let calls: Vec<_> = done.iter().filter(|call| allows(access, call)).collect();
            let names = |name: &str| calls.iter().any(|c| c.attributes.iter().any(|a| matches(name, a)));
            let idle: Vec<_> = access.names().filter(|name| !names(name)).collect();
            let sees = calls.iter().any(|call| call.returns != "NONE");
            if calls.is_empty() || !idle.is_empty() || access.sees != sees {
                wrong.push(format!("{function}, {} {:?}: nothing did {idle:?}", access.action, access.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a statement allows a call.
fn allows(access: &Access, call: &Call) -> bool {
    let is_known = |attribute: &String| access.names().any(|name| matches(name, attribute));
    access.action == call.action
        && access.kind.prefix() == call.kind
        // A read of the whole item names no attribute.
        && access.attributes.is_empty() == call.attributes.is_empty()
        && call.attributes.iter().all(is_known)
        && (call.returns == "NONE" || (access.sees && call.returns == "ALL_NEW"))
}

/// Whether a name of a policy, which may end in `*`, is that of an attribute.
fn matches(name: &str, attribute: &str) -> bool {
    name.strip_suffix('*').map_or(name == attribute, |start| attribute.starts_with(start))
}

/// Feedback comes from outside. Its function may write what it notes, and not whose an identifier is.
#[test]
fn feedback_changes_the_attributes_that_it_notes_and_no_others() {
    let row = regain_template::FUNCTIONS.iter().find(|row| row.name == FEEDBACK).unwrap();
    let writes = row.table.iter().filter(|access| access.action != "GetItem");
    let writes: Vec<_> = writes.map(|a| (a.action, a.kind, a.attributes, a.sees)).collect();
    let wanted = [
        ("UpdateItem", ItemKind::Identifier, "pk suppressed suppressed_until", false),
        ("UpdateItem", ItemKind::Challenge, "pk undeliverable", false),
    ];
    assert_eq!(writes, wanted);
}

/// The functions that may write credentials and tokens.
#[test]
fn credentials_and_tokens_are_written_by_those_whose_work_it_is() {
    let writers = |kind: ItemKind, attribute: &str| -> BTreeSet<&str> {
        let writes = |access: &&Access| access.action != "GetItem" && access.action != "ConditionCheckItem";
        let may =
            |access: &Access| access.kind == kind && access.names().any(|name| matches(name, attribute));
        let rows = regain_template::FUNCTIONS.iter();
        rows.filter(|row| row.table.iter().filter(writes).any(may)).map(Function::code).collect()
    };
    assert_eq!(writers(ItemKind::Account, "password_hash"), ["sessions", "set-password"].into());
    for attribute in ["email", "phone", "postal_code", "locale", "display_name"] {
        assert_eq!(writers(ItemKind::Account, attribute), [].into(), "{attribute}");
    }
    assert_eq!(writers(ItemKind::Identifier, "account"), [].into());
    assert_eq!(writers(ItemKind::Challenge, "token_hash"), [DELIVERY, "set-password", "verify-code"].into());
    assert_eq!(writers(ItemKind::Session, "token_hash"), ["sessions"].into());
}

#[test]
fn only_delivery_can_send() {
    let template = template();
    for function in FUNCTIONS {
        let sends = other_services(&template, function)
            .iter()
            .any(|action| action.starts_with("ses:") || action.starts_with("sns:"));
        assert_eq!(sends, function == DELIVERY, "{function}");
    }
    let statements =
        template["Resources"]["DeliverMessagesRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].clone();
    let statements = statements.as_array().unwrap().iter();
    let send = statements.clone().find(|statement| statement["Action"] == "ses:SendEmail").unwrap();
    // SES's sandbox asks for the recipient's identity too: any, but only as the identity that is the stage's.
    let resources = send["Resource"].as_array().unwrap().iter();
    let of: Vec<_> = resources
        .map(|r| r["Fn::Sub"].as_str().unwrap().split_once("${AWS::AccountId}:").unwrap().1)
        .collect();
    assert_eq!(of, ["identity/*", "configuration-set/${EmailConfiguration}"]);
    for from in send["Condition"]["StringLike"]["ses:FromAddress"].as_array().unwrap() {
        let of_domain = from["Fn::Sub"].as_str().is_some_and(|text| text.ends_with("${EmailIdentity}"));
        assert!(of_domain || from["Ref"] == "EmailIdentity", "{from}");
    }
    let denied = statements.clone().find(|statement| statement["Effect"] == "Deny").unwrap();
    assert_eq!(denied["Action"], "sns:Publish", "to phones, to no topic");
}
