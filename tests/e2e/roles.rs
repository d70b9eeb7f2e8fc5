//! The role that the deployment template gives each function against the calls that its process makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use regain_crypto::{Keyring, SystemRandom};
use regain_domain::KeyUse;
use regain_lab::template::{existing_table, get_att, logical_name, of_table, template};
use regain_lab::{DELIVERY, FEEDBACK, FUNCTIONS, Lab};
use serde_json::{Value, json};

use crate::rounds::program;

/// What a role allows or a function does: an action and, in the table, the kind of item.
type Calls = BTreeSet<(String, String)>;

/// What the statements of a function's role allow the function itself; what the Lambda service does in its
/// name (logs, traces, the stream, dead letters) is left out.
fn allowed(template: &Value, function: &str) -> Calls {
    let role = &template["Resources"][format!("{}Role", logical_name(function))]["Properties"];
    assert!(
        role.get("ManagedPolicyArns").is_none(),
        "{function}: a managed policy allows more than is needed"
    );
    let mut calls = Calls::new();
    let mut traces = 0;
    for policy in role["Policies"].as_array().unwrap() {
        for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
            let one_or_more = |value: &Value| match value {
                Value::Array(values) => values.clone(),
                value => vec![value.clone()],
            };
            let actions = one_or_more(&statement["Action"]);
            if statement["Effect"] == "Deny" {
                continue;
            }
            for action in actions {
                let action = action.as_str().unwrap().to_owned();
                assert!(!action.contains('*'), "{function}: {action}");
                let resource = &statement["Resource"];
                match action.as_str() {
                    "logs:CreateLogStream" | "logs:PutLogEvents" => {
                        assert_eq!(*resource, get_att(&format!("{}Logs", logical_name(function)), "Arn"));
                    }
                    // Traces have no resource of their own.
                    "xray:PutTelemetryRecords" | "xray:PutTraceSegments" => {
                        assert_eq!(*resource, "*", "{function}: {action}");
                        traces += 1;
                    }
                    "dynamodb:DescribeStream" | "dynamodb:GetRecords" | "dynamodb:GetShardIterator" => {
                        assert_eq!((function, resource), (DELIVERY, &of_table("StreamArn")));
                    }
                    "dynamodb:ListStreams" => {
                        let (made, existing) = ("${Table.Arn}/stream/*", existing_table("/stream/*"));
                        let streams = json!({"Fn::If": ["MakesTable", {"Fn::Sub": made}, existing]});
                        assert_eq!((function, resource), (DELIVERY, &streams));
                    }
                    "sqs:SendMessage" => {
                        assert_eq!((function, resource), (DELIVERY, &get_att("DeadLetters", "Arn")));
                    }
                    "secretsmanager:GetSecretValue" => {
                        assert_eq!(*resource, json!({"Ref": "KeysSecret"}));
                        calls.insert((action, String::new()));
                    }
                    "ses:SendEmail" | "sns:Publish" => {
                        calls.insert((action, String::new()));
                    }
                    _ => {
                        assert_eq!(*resource, of_table("Arn"), "{function}: {action}");
                        let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
                        for key in
                            keys.as_array().unwrap_or_else(|| panic!("{function}: {action} on any item"))
                        {
                            let kind = key.as_str().unwrap().strip_suffix("#*").unwrap();
                            calls.insert((action.clone(), kind.to_owned()));
                        }
                    }
                }
            }
        }
    }
    assert_eq!(traces, 2, "{function}: every function is traced");
    calls
}

/// Keys with two versions of the one for tokens: only then do some functions check another item's absence.
fn in_mid_rotation(keys: &str) -> String {
    let mut keys = Keyring::parse(keys).unwrap();
    keys.add(KeyUse::Token, &SystemRandom).unwrap();
    keys.to_text().to_string()
}

/// What stands between one function and everything that it calls, and notes the calls.
#[derive(Clone)]
struct Recorder {
    calls: Arc<Mutex<Calls>>,
    dynamodb: String,
    notifications: String,
    keys: String,
    http: reqwest::Client,
}

impl Recorder {
    async fn start(lab: &Lab) -> (Self, String) {
        let recorder = Self {
            calls: Arc::default(),
            dynamodb: lab.environment["AWS_ENDPOINT_URL_DYNAMODB"].clone(),
            notifications: lab.environment["AWS_ENDPOINT_URL"].clone(),
            keys: in_mid_rotation(&std::fs::read_to_string(&lab.environment["REGAIN_KEYS_FILE"]).unwrap()),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(Self::pass).with_state(recorder.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (recorder, endpoint)
    }

    fn note(&self, action: impl Into<String>, kind: &str) {
        self.calls.lock().unwrap().insert((action.into(), kind.to_owned()));
    }

    /// An action on an item, as policies name them. A call that has no key is noted with one that no policy
    /// has.
    fn note_item(&self, operation: &str, call: &Value) {
        let key = [&call["Key"]["pk"]["S"], &call["Item"]["pk"]["S"]].into_iter().find_map(Value::as_str);
        let kind = key.and_then(|key| key.split_once('#')).map_or("?", |(kind, _)| kind);
        self.note(format!("dynamodb:{operation}"), kind);
    }

    async fn pass(State(recorder): State<Self>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let target = parts.headers.get("x-amz-target").map_or("", |target| target.to_str().unwrap());
        let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let upstream = match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => {
                let call: Value = serde_json::from_slice(&body).unwrap();
                if operation == "TransactWriteItems" {
                    for part in call["TransactItems"].as_array().unwrap() {
                        let (kind, part) = part.as_object().unwrap().iter().next().unwrap();
                        let operation = if kind == "ConditionCheck" {
                            "ConditionCheckItem"
                        } else {
                            &format!("{kind}Item")
                        };
                        recorder.note_item(operation, part);
                    }
                } else {
                    recorder.note_item(operation, &call);
                }
                recorder.dynamodb.clone()
            }
            Some(("secretsmanager", operation)) => {
                recorder.note(format!("secretsmanager:{operation}"), "");
                return json!({"SecretString": recorder.keys}).to_string().into_response();
            }
            _ if path == "/v2/email/outbound-emails" => {
                recorder.note("ses:SendEmail", "");
                format!("{}{path}", recorder.notifications)
            }
            _ if body.starts_with(b"Action=Publish&") => {
                recorder.note("sns:Publish", "");
                format!("{}{path}", recorder.notifications)
            }
            _ => {
                recorder.note(format!("{} {path} {target}", parts.method), "?");
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

/// Requests that make every function do everything that it can.
struct Journey {
    lab: Lab,
}

impl Journey {
    async fn call(&self, method: &str, path: &str, token: &str, body: &Value, status: u16) -> Value {
        self.call_with_key(method, path, (token, ""), body, status).await
    }

    async fn call_with_key(
        &self,
        method: &str,
        path: &str,
        (token, key): (&str, &str),
        body: &Value,
        status: u16,
    ) -> Value {
        let mut request =
            http::Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(if body.is_null() { String::new() } else { body.to_string() }).unwrap();
        let (answered, body) = self.lab.request(&request).await.unwrap();
        assert_eq!(answered, status, "{method} {path}: {body}");
        body
    }

    async fn deliver(&self) {
        let event = self.lab.next_delivery().await.unwrap();
        let answer = self.lab.invoke(DELIVERY, &event).await.unwrap();
        assert_eq!(answer["batchItemFailures"].as_array().map_or(0, Vec::len), 0, "{answer}");
    }

    async fn ask(&self, identifier: &str, key: &str) -> Value {
        let body = json!({"identifier": identifier});
        self.call_with_key("POST", "/v1/challenges", ("", key), &body, 202).await
    }

    /// The way to a new password, with a repeated request, a resend, a wrong guess and a rejected password.
    async fn recover(&self, email: &str, phone: &str, password: &str) {
        let text = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
        let key = "0123456789abcdef";
        let challenge = self.ask(email, key).await;
        assert_eq!(self.ask(email, key).await, challenge);
        self.deliver().await;
        let path = format!("/v1/challenges/{}", text(&challenge, "challenge_id"));
        let by_text = json!({"channel": "sms"});
        let resent = self.call("POST", &format!("{path}/resend"), "", &by_text, 202).await;
        self.deliver().await;
        let code = self.lab.code(phone, &text(&resent, "reference")).await.unwrap();
        let verify = format!("{path}/verify");
        let wrong = crate::harness::wrong(&code);
        let guess = json!({"code": wrong});
        // With a key that meets its mark, the guess is given back.
        self.call_with_key("POST", &verify, ("", key), &guess, 422).await;
        self.call_with_key("POST", &verify, ("", key), &guess, 422).await;
        let verified = self.call("POST", &verify, "", &json!({"code": code}), 200).await;
        let token = text(&verified, "verification_token");
        self.call("POST", "/v1/password", &token, &json!({"password": "short"}), 422).await;
        self.call("POST", "/v1/password", &token, &json!({"password": password}), 200).await;
        self.deliver().await;
        // The budget of the day is one: what comes now is a link, which is looked up, queued and sent. Then the
        // requests of the hour are spent, and are refused.
        self.ask(email, "").await;
        for _ in 0..3 {
            self.deliver().await;
        }
        let refused = json!({"identifier": email});
        self.call("POST", "/v1/challenges", "", &refused, 429).await;
        // Somebody else's code does not arrive.
        self.lab.fault(&json!({"to": OTHER, "fault": "bounce"})).await.unwrap();
        self.ask(OTHER, "").await;
        self.deliver().await;
        self.lab.invoke(FEEDBACK, &self.lab.next_feedback().await.unwrap()).await.unwrap();
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
}

#[tokio::test]
async fn every_role_allows_what_its_function_does_and_nothing_else() {
    let settings = [
        ("REGAIN_ARGON2_MEMORY_KIB", "64"),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", "2"),
    ];
    let lab = Lab::start(&settings).await.unwrap();
    let (email, phone) = ("alice@example.com", "+46701740605");
    let (old, new) = ("an old and well known secret", "seven green lamps by the sea");
    lab.add_account(email, Some(phone), old).await.unwrap();
    lab.add_account(OTHER, None, old).await.unwrap();

    let mut recorders = BTreeMap::new();
    let mut instances = Vec::new();
    for function in FUNCTIONS {
        let (recorder, endpoint) = Recorder::start(&lab).await;
        let environment = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", ""),
            ("REGAIN_KEYS_FILE", ""),
            ("REGAIN_KEYS_SECRET", "arn:aws:secretsmanager:eu-north-1:123456789012:secret:keys"),
        ];
        let mut instance = lab.spawn(function, program(function), &environment).unwrap();
        lab.ready(&mut instance).await.unwrap();
        instances.push(instance);
        recorders.insert(function, recorder);
    }
    let journey = Journey { lab };
    journey.recover(email, phone, new).await;
    journey.sign_in_and_out(email, new).await;
    journey.call("GET", "/v1/health", "", &Value::Null, 200).await;

    let template = template();
    for (function, recorder) in recorders {
        let done = recorder.calls.lock().unwrap().clone();
        assert_eq!(allowed(&template, function), done, "{function}: the role, and what the function did");
        // What no request above happens to reach must at least be of the same kinds.
        let (actions, kinds) = in_source(function);
        let of_table = |(action, kind): &(String, String)| {
            action.strip_prefix("dynamodb:").map(|action| (action.to_owned(), kind.clone()))
        };
        let (done_actions, done_kinds): (BTreeSet<_>, BTreeSet<_>) = done.iter().filter_map(of_table).unzip();
        assert_eq!(actions, done_actions, "{function}: the actions in its adapter, and those it did");
        assert_eq!(kinds, done_kinds, "{function}: the items in its adapter, and those it used");
    }
}

/// The actions and the kinds of items that stand in the source of a function's adapter.
fn in_source(function: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (port, source) = match function {
        "request-code" => ("RequestStore", include_str!("../../shared/dynamodb/src/request.rs")),
        "resend-code" => ("ResendStore", include_str!("../../shared/dynamodb/src/resend.rs")),
        "verify-code" => ("VerifyStore", include_str!("../../shared/dynamodb/src/verify.rs")),
        "set-password" => ("PasswordStore", include_str!("../../shared/dynamodb/src/password.rs")),
        "sessions" => ("SessionStore", include_str!("../../shared/dynamodb/src/sessions.rs")),
        DELIVERY => (
            "DeliveryStore",
            concat!(
                include_str!("../../shared/dynamodb/src/delivery.rs"),
                include_str!("../../shared/dynamodb/src/outbox.rs"),
            ),
        ),
        FEEDBACK => ("FeedbackStore", include_str!("../../shared/dynamodb/src/feedback.rs")),
        "meta" => return Default::default(),
        other => panic!("which file is the adapter of {other}?"),
    };
    let actions = [
        ("read_challenge(", "GetItem"),
        ("read_account(", "GetItem"),
        ("read_account_behind(", "GetItem"),
        ("read_owner(", "GetItem"),
        ("read_account_of(", "GetItem"),
        ("self.read(", "GetItem"),
        (".get_item()", "GetItem"),
        (".put_item()", "PutItem"),
        ("put_new(", "PutItem"),
        ("put_challenge(", "PutItem"),
        ("put_challenge(", "ConditionCheckItem"),
        ("self.queue_lookup(", "PutItem"),
        ("self.add_entry(", "UpdateItem"),
        ("Put::builder()", "PutItem"),
        (".update(", "UpdateItem"),
        (".update_item()", "UpdateItem"),
        ("Update::builder()", "UpdateItem"),
        (".delete_item()", "DeleteItem"),
        ("Delete::builder()", "DeleteItem"),
        ("ConditionCheck::builder()", "ConditionCheckItem"),
        (".query()", "Query"),
        (".scan()", "Scan"),
        (".batch_", "Batch"),
        (".transact_get_items()", "GetItem"),
    ];
    let kinds = [
        ("challenge_key(", "CHALLENGE"),
        ("read_challenge(", "CHALLENGE"),
        ("from_challenge(", "CHALLENGE"),
        ("from_link(", "CHALLENGE"),
        ("account_key(", "ACCOUNT"),
        ("read_account(", "ACCOUNT"),
        ("read_account_behind(", "ACCOUNT"),
        ("from_account(", "ACCOUNT"),
        ("identifier_key(", "IDENTIFIER"),
        ("read_account_behind(", "IDENTIFIER"),
        ("read_owner(", "IDENTIFIER"),
        ("read_account_of(", "ACCOUNT"),
        ("device_key(", "DEVICE"),
        ("from_device(", "DEVICE"),
        ("failures_key(", "FAILURES"),
        ("session_key(", "SESSION"),
        ("from_session(", "SESSION"),
        ("message_key(", "MESSAGE"),
        ("from_message(", "MESSAGE"),
        ("outbox_key(", "OUTBOX"),
        ("self.add_entry(", "OUTBOX"),
        ("lookup_key(", "LOOKUP"),
        ("self.queue_lookup(", "LOOKUP"),
        ("counter_key(", "LIMIT"),
        ("self.count_in_transaction(", "LIMIT"),
    ];
    let found = |table: &[(&str, &str)]| -> BTreeSet<String> {
        table
            .iter()
            .filter(|(word, _)| source.contains(word))
            .map(|(_, meaning)| (*meaning).to_owned())
            .collect()
    };
    let (mut actions, mut kinds) = (found(&actions), found(&kinds));
    // A port that is a `Counters` as well counts, by updates.
    let counting = ["RequestStore", "ResendStore", "VerifyStore", "SessionStore", "DeliveryStore"];
    if counting.contains(&port) {
        actions.insert("UpdateItem".to_owned());
        kinds.insert("LIMIT".to_owned());
    }
    (actions, kinds)
}

/// Feedback comes from outside. Its function may write what it notes, and not whose an identifier is.
#[test]
fn feedback_changes_the_attributes_that_it_notes_and_no_others() {
    let template = template();
    let role = &template["Resources"]["DeliveryEventsRole"]["Properties"]["Policies"][0]["PolicyDocument"];
    let updates = role["Statement"].as_array().unwrap().iter();
    let updates = updates.filter(|statement| statement["Action"] == "dynamodb:UpdateItem");
    let source = include_str!("../../shared/dynamodb/src/feedback.rs");
    let names = concat!(
        include_str!("../../shared/dynamodb/src/attribute.rs"),
        include_str!("../../shared/dynamodb/src/item.rs"),
    );
    let mut kinds = BTreeSet::new();
    for statement in updates {
        let condition = &statement["Condition"];
        let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        let attributes = &condition["ForAllValues:StringEquals"]["dynamodb:Attributes"];
        assert_eq!(condition["StringEqualsIfExists"]["dynamodb:ReturnValues"], "NONE");
        kinds.insert((keys.to_string(), attributes.to_string()));
        for name in attributes.as_array().unwrap() {
            let name = name.as_str().unwrap();
            assert!(
                source.contains(&format!("SET {name} =")) || names.contains(&format!("\"{name}\"")),
                "{name}"
            );
        }
    }
    let wanted = [
        (r#"["CHALLENGE#*"]"#, r#"["pk","undeliverable"]"#),
        (r#"["IDENTIFIER#*"]"#, r#"["pk","suppressed","suppressed_until"]"#),
    ];
    assert_eq!(kinds, wanted.map(|(keys, attributes)| (keys.to_owned(), attributes.to_owned())).into());
}

#[test]
fn only_delivery_can_send() {
    let template = template();
    for function in FUNCTIONS {
        let sends = allowed(&template, function)
            .iter()
            .any(|(action, _)| action.starts_with("ses:") || action.starts_with("sns:"));
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
