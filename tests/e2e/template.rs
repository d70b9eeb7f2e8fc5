//! The deployment template against the code: what the functions, the table, the routes and the problems are,
//! the template must say too. Each function's role is compared with the calls that its process makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use regain_dynamodb::Table;
use regain_http_api::problem::Code;
use regain_http_api::routes::{FALLBACK_FUNCTION, ROUTES};
use regain_lab::{DELIVERY, FUNCTIONS, Lab};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json};

use crate::rounds::program;

const TEMPLATE: &str = include_str!("../../infra/template.yaml");

/// The template as JSON, with the short forms of its functions written out.
fn template() -> Value {
    let documents = Yaml::load_from_str(TEMPLATE).unwrap();
    assert_eq!(documents.len(), 1);
    to_json(&documents[0])
}

fn to_json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(name, value)| {
                (name.as_str().expect("a text as a member's name").to_owned(), to_json(value))
            })
            .collect(),
        Yaml::Tagged(tag, value) => match (tag.suffix.as_str(), to_json(value)) {
            ("Ref", name) => json!({"Ref": name}),
            ("Condition", name) => json!({"Condition": name}),
            ("GetAtt", Value::String(path)) => {
                let (resource, attribute) = path.split_once('.').unwrap();
                json!({"Fn::GetAtt": [resource, attribute]})
            }
            (function, argument) => json!({format!("Fn::{function}"): argument}),
        },
        other => panic!("not a part of a template: {other:?}"),
    }
}

/// The name of a resource: `request-code` is `RequestCode`.
fn logical_name(function: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    function.split('-').map(capital).collect()
}

fn get_att(resource: &str, attribute: &str) -> Value {
    json!({"Fn::GetAtt": [resource, attribute]})
}

#[test]
fn every_function_of_the_workspace_is_deployed_and_no_other() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let deployed: BTreeSet<_> = resources
        .iter()
        .filter(|(_, r)| r["Type"] == "AWS::Serverless::Function")
        .map(|(name, _)| name.clone())
        .collect();
    let crates: BTreeSet<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(deployed, crates.iter().map(|name| logical_name(name)).collect());
    for name in &crates {
        let function = &resources[&logical_name(name)]["Properties"];
        assert_eq!(function["CodeUri"], format!("../target/lambda/{name}/bootstrap.zip"));
        assert_eq!(function["Role"], get_att(&format!("{}Role", logical_name(name)), "Arn"), "{name}");
        assert_eq!(function["LoggingConfig"]["LogGroup"]["Ref"], format!("{}Logs", logical_name(name)));
    }
    let globals = &template["Globals"]["Function"];
    assert_eq!((&globals["Runtime"], &globals["Handler"]), (&json!("provided.al2023"), &json!("bootstrap")));
}

#[test]
fn the_routes_are_those_of_the_code_and_everything_else_goes_to_the_fallback() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"]["DefinitionBody"];
    let target = |operation: &Value| {
        let integration = &operation["x-amazon-apigateway-integration"];
        assert_eq!((&integration["type"], &integration["httpMethod"]), (&json!("aws_proxy"), &json!("POST")));
        let uri = integration["uri"]["Fn::Sub"].as_str().unwrap();
        let (_, function) = uri.split_once("functions/${").unwrap();
        function.strip_suffix(".Arn}/invocations").unwrap().to_owned()
    };
    let mut found = BTreeSet::new();
    for (path, operations) in api["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            match method.as_str() {
                "parameters" => {}
                "x-amazon-apigateway-any-method" => {
                    assert_eq!(target(operation), logical_name(FALLBACK_FUNCTION), "{path}");
                }
                method => {
                    found.insert((method.to_uppercase(), path.clone(), target(operation)));
                }
            }
        }
        assert!(operations.get("x-amazon-apigateway-any-method").is_some(), "{path}: no fallback");
    }
    let wanted =
        ROUTES.iter().map(|r| (r.method.to_owned(), r.path.to_owned(), logical_name(r.function))).collect();
    assert_eq!(found, wanted);
    // A resource of the tree without a fallback would be answered by the gateway, which knows no 405.
    for route in ROUTES {
        let ends = route.path.match_indices('/').map(|(at, _)| at).skip(1).chain([route.path.len()]);
        for end in ends {
            assert!(api["paths"].get(&route.path[..end]).is_some(), "{}", &route.path[..end]);
        }
    }
    for everything in ["/", "/{proxy+}"] {
        assert!(api["paths"].get(everything).is_some());
    }
}

#[test]
fn the_gateway_may_invoke_what_it_routes_to() {
    let template = template();
    let mut functions: BTreeSet<_> = ROUTES.iter().map(|route| route.function).collect();
    functions.insert(FALLBACK_FUNCTION);
    for function in FUNCTIONS {
        let permission = &template["Resources"][format!("{}Permission", logical_name(function))];
        assert_eq!(permission.is_object(), functions.contains(function), "{function}");
        if functions.contains(function) {
            assert_eq!(permission["Properties"]["FunctionName"]["Ref"], logical_name(function));
            assert_eq!(permission["Properties"]["Principal"], "apigateway.amazonaws.com");
        }
    }
}

#[test]
fn the_gateways_own_answers_are_problems_of_the_contract() {
    let template = template();
    let responses = template["Resources"]["Api"]["Properties"]["GatewayResponses"].as_object().unwrap();
    for (kind, response) in responses {
        let body = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let text = problem["code"].as_str().unwrap();
        let code =
            Code::ALL.iter().find(|code| code.as_str() == text).unwrap_or_else(|| panic!("{kind}: {text}"));
        assert_eq!(problem["type"], format!("urn:problem-type:regain:{text}"), "{kind}");
        assert_eq!(problem["title"], code.title(), "{kind}");
        assert_eq!(problem["status"], code.status().as_u16(), "{kind}");
        assert_eq!(response["StatusCode"], code.status().as_u16(), "{kind}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.contains('$')), "{kind}");
        let headers = &response["ResponseParameters"]["Headers"];
        assert_eq!(headers["Content-Type"], "'application/problem+json'");
        assert_eq!(headers["Cache-Control"], "'no-store'");
        assert_eq!(headers["X-Content-Type-Options"], "'nosniff'");
        assert_eq!(headers["X-Request-Id"], "context.requestId");
        let retries = matches!(code.status().as_u16(), 429 | 503);
        assert_eq!(headers.get("Retry-After").is_some(), retries, "{kind}");
    }
    let code = |kind: &str| {
        let body = responses[kind]["ResponseTemplates"]["application/json"].as_str().unwrap();
        serde_json::from_str::<Value>(body).unwrap()["code"].as_str().unwrap().to_owned()
    };
    for (kind, wanted) in [
        ("THROTTLED", "rate_limited"),
        ("QUOTA_EXCEEDED", "rate_limited"),
        ("REQUEST_TOO_LARGE", "body_too_large"),
        ("UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type"),
        ("BAD_REQUEST_BODY", "invalid_request"),
        ("BAD_REQUEST_PARAMETERS", "invalid_request"),
        ("MISSING_AUTHENTICATION_TOKEN", "not_found"),
        ("RESOURCE_NOT_FOUND", "not_found"),
        ("INTEGRATION_TIMEOUT", "service_unavailable"),
        ("INTEGRATION_FAILURE", "service_unavailable"),
        ("DEFAULT_4XX", "invalid_request"),
        ("DEFAULT_5XX", "internal_error"),
    ] {
        assert_eq!(code(kind), wanted, "{kind}");
    }
}

#[test]
fn the_access_log_names_nobody() {
    let template = template();
    let format = template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap();
    serde_json::from_str::<Value>(format).unwrap();
    let harmless = BTreeSet::from([
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.integration.status",
        "$context.error.responseType",
    ]);
    for value in serde_json::from_str::<BTreeMap<String, String>>(format).unwrap().values() {
        assert!(harmless.contains(value.as_str()), "{value}");
    }
    let settings = template["Resources"]["Api"]["Properties"]["MethodSettings"].as_array().unwrap();
    assert!(settings.iter().all(|s| s["DataTraceEnabled"] == false && s["LoggingLevel"] == "OFF"));
}

#[tokio::test]
async fn the_table_is_the_one_that_the_code_creates() {
    let lab = Lab::start(&[]).await.unwrap();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(&lab.environment["AWS_ENDPOINT_URL_DYNAMODB"])
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    Table::new(client.clone(), "made-by-the-code").create_if_absent().await.unwrap();
    let table = client.describe_table().table_name("made-by-the-code").send().await.unwrap().table.unwrap();
    let ttl = client.describe_time_to_live().table_name("made-by-the-code").send().await.unwrap();

    let template = template();
    let properties = &template["Resources"]["Table"]["Properties"];
    let keys: Value = table
        .key_schema()
        .iter()
        .map(|key| json!({"AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str()}))
        .collect();
    assert_eq!(properties["KeySchema"], keys);
    let attributes: Value = table
        .attribute_definitions()
        .iter()
        .map(|a| json!({"AttributeName": a.attribute_name(), "AttributeType": a.attribute_type().as_str()}))
        .collect();
    assert_eq!(properties["AttributeDefinitions"], attributes);
    let billing = table.billing_mode_summary().unwrap().billing_mode().unwrap();
    assert_eq!(properties["BillingMode"], billing.as_str());
    let stream = table.stream_specification().unwrap().stream_view_type().unwrap();
    assert_eq!(properties["StreamSpecification"], json!({"StreamViewType": stream.as_str()}));
    let attribute = ttl.time_to_live_description().unwrap().attribute_name().unwrap().to_owned();
    assert_eq!(properties["TimeToLiveSpecification"], json!({"AttributeName": attribute, "Enabled": true}));
    assert!(
        table.global_secondary_indexes().is_empty() && properties.get("GlobalSecondaryIndexes").is_none()
    );

    assert_eq!(properties["PointInTimeRecoverySpecification"], json!({"PointInTimeRecoveryEnabled": true}));
    assert_eq!(properties["SSESpecification"], json!({"SSEEnabled": true}));
    for resource in ["Table", "KeysSecret"] {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(template["Resources"][resource][policy], "Retain", "{resource}");
        }
    }
}

#[test]
fn the_stream_mapping_is_the_local_stacks() {
    let template = template();
    let mapping = &template["Resources"]["DeliverMessages"]["Properties"]["Events"]["Pending"]["Properties"];
    assert_eq!(mapping["Stream"], get_att("Table", "StreamArn"));
    let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap();
    assert_eq!(filters.len(), 1);
    let filter: Value = serde_json::from_str(filters[0]["Pattern"].as_str().unwrap()).unwrap();

    // The local stack's filter and batch, in its own words.
    let constant = |source: &str, name: &str| {
        let (_, rest) = source.split_once(&format!("const {name}: ")).unwrap();
        let (_, value) = rest.split_once(" = ").unwrap();
        value.split(';').next().unwrap().trim_matches('"').to_owned()
    };
    let stream = include_str!("../../localstack/runner/src/stream.rs");
    let attribute = constant(stream, "FILTER_ATTRIBUTE");
    let events = r#"matches!(record.event_name.as_str(), "INSERT" | "MODIFY")"#;
    assert!(stream.contains(events), "the local stack filters other events");
    let image = json!({ attribute: {"N": [{"exists": true}]} });
    assert_eq!(filter, json!({"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": image}}));
    let lanes = include_str!("../../localstack/runner/src/lanes.rs");
    assert_eq!(mapping["BatchSize"].to_string(), constant(lanes, "BATCH_SIZE"));

    assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(mapping["MaximumRecordAgeInSeconds"], json!({"Ref": "CodeLifetimeSeconds"}));
    assert_eq!(mapping["MaximumRetryAttempts"], -1);
    assert!(mapping["ParallelizationFactor"].as_u64() > Some(1));
    assert_eq!(mapping["DestinationConfig"]["OnFailure"]["Destination"], get_att("DeadLetters", "Arn"));
}

#[test]
fn alarms_watch_for_lines_that_delivery_logs() {
    let template = template();
    let source = include_str!("../../functions/deliver-messages/src/records.rs");
    for filter in ["DeliveryFailuresFilter", "DeliveryRefusalsFilter"] {
        let filter = &template["Resources"][filter]["Properties"];
        assert_eq!(filter["LogGroupName"]["Ref"], "DeliverMessagesLogs");
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let line =
            pattern.strip_prefix("{ $.message = \"").and_then(|rest| rest.strip_suffix("\" }")).unwrap();
        assert!(source.contains(&format!("\"{line}\"")), "{line}");
    }
}

#[test]
fn variables_are_ones_that_the_code_reads_with_its_defaults() {
    let template = template();
    let documented = include_str!("../../docs/configuration.md");
    let mut environments = vec![&template["Globals"]["Function"]["Environment"]["Variables"]];
    for function in FUNCTIONS {
        environments
            .push(&template["Resources"][logical_name(function)]["Properties"]["Environment"]["Variables"]);
    }
    let names: BTreeSet<(&String, &str)> = environments
        .iter()
        .filter_map(|variables| variables.as_object())
        .flatten()
        .map(|(name, value)| (name, value["Ref"].as_str().unwrap_or_default()))
        .collect();
    for (name, parameter) in names {
        assert!(documented.contains(&format!("`{name}`")), "{name} is not in the documentation");
        // The documentation's table of numbers is the code's: a number that can be set has its default.
        let row = documented.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let Some(row) = row else { continue };
        let default: Vec<_> = row.split('|').map(str::trim).collect();
        if let (Ok(number), Some(set)) =
            (default[3].parse::<u64>(), template["Parameters"][parameter].get("Default"))
        {
            assert_eq!(set, number, "{name}");
        }
    }
}

// ---- roles ----

/// What a role allows or a function does: an action and, in the table, the kind of item.
type Calls = BTreeSet<(String, String)>;

/// What the statements of a function's role allow the function itself; what the Lambda service does in its
/// name (logs, the stream, dead letters) is left out.
fn allowed(template: &Value, function: &str) -> Calls {
    let role = &template["Resources"][format!("{}Role", logical_name(function))]["Properties"];
    assert!(
        role.get("ManagedPolicyArns").is_none(),
        "{function}: a managed policy allows more than is needed"
    );
    let mut calls = Calls::new();
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
                    "dynamodb:DescribeStream" | "dynamodb:GetRecords" | "dynamodb:GetShardIterator" => {
                        assert_eq!((function, resource), (DELIVERY, &get_att("Table", "StreamArn")));
                    }
                    "dynamodb:ListStreams" => {
                        assert_eq!(
                            (function, resource),
                            (DELIVERY, &json!({"Fn::Sub": "${Table.Arn}/stream/*"}))
                        );
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
                        assert_eq!(*resource, get_att("Table", "Arn"), "{function}: {action}");
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
    calls
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
            keys: std::fs::read_to_string(&lab.environment["REGAIN_KEYS_FILE"]).unwrap(),
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
        // The budget of the day is one: what comes now is a link.
        self.ask(email, "").await;
        self.deliver().await;
    }

    async fn sign_in_and_out(&self, email: &str, password: &str) {
        let body = json!({"identifier": email, "password": password});
        for sign_out in ["/v1/sessions/current", "/v1/sessions"] {
            let session = self.call("POST", "/v1/sessions", "", &body, 201).await;
            let token = session["session_token"].as_str().unwrap();
            self.call("GET", "/v1/sessions/current", token, &Value::Null, 200).await;
            self.call("DELETE", sign_out, token, &Value::Null, 204).await;
        }
    }
}

#[tokio::test]
async fn every_role_allows_what_its_function_does_and_nothing_else() {
    let settings = [("REGAIN_ARGON2_MEMORY_KIB", "64"), ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1")];
    let lab = Lab::start(&settings).await.unwrap();
    let (email, phone) = ("alice@example.com", "+46701740605");
    let (old, new) = ("an old and well known secret", "seven green lamps by the sea");
    lab.add_account(email, Some(phone), old).await.unwrap();

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
        DELIVERY => ("DeliveryStore", include_str!("../../shared/dynamodb/src/delivery.rs")),
        "meta" => return Default::default(),
        other => panic!("which file is the adapter of {other}?"),
    };
    let actions = [
        ("read_challenge(", "GetItem"),
        ("read_account(", "GetItem"),
        ("read_account_behind(", "GetItem"),
        ("self.read(", "GetItem"),
        (".get_item()", "GetItem"),
        (".put_item()", "PutItem"),
        ("put_new(", "PutItem"),
        ("Put::builder()", "PutItem"),
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
        ("session_key(", "SESSION"),
        ("from_session(", "SESSION"),
        ("notice_key(", "NOTICE"),
        ("from_notice(", "NOTICE"),
        ("counter_key(", "LIMIT"),
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
    if include_str!("../../shared/domain/src/port.rs").contains(&format!("pub trait {port}: Counters")) {
        actions.insert("UpdateItem".to_owned());
        kinds.insert("LIMIT".to_owned());
    }
    (actions, kinds)
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
    let denied =
        statements.as_array().unwrap().iter().find(|statement| statement["Effect"] == "Deny").unwrap();
    assert_eq!(denied["Action"], "sns:Publish", "to phones, to no topic");
}
