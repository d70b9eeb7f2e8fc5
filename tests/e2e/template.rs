//! The deployment template against the code: what the functions, the table, the routes and the problems are,
//! the template must say too. What its roles allow is in `roles`.

use std::collections::{BTreeMap, BTreeSet};

use regain_bootstrap::serve::ANSWER;
use regain_dynamodb::Table;
use regain_http_api::problem::Code;
use regain_http_api::routes::{FALLBACK_FUNCTION, ROUTES};
use regain_lab::{FUNCTIONS, Lab};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json};

use crate::dynamodb;

const TEMPLATE: &str = include_str!("../../infra/template.yaml");

/// The second function of `deliver-messages`' code.
const NOTICES: &str = "DeliverNotices";

/// The template as JSON, with the short forms of its functions written out.
pub(crate) fn template() -> Value {
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
pub(crate) fn logical_name(function: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    function.split('-').map(capital).collect()
}

pub(crate) fn get_att(resource: &str, attribute: &str) -> Value {
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
    let mut wanted: BTreeSet<_> = crates.iter().map(|name| logical_name(name)).collect();
    wanted.insert(NOTICES.to_owned());
    assert_eq!(deployed, wanted);
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
    // Without the first, the transform makes a second stage of the same routes, which nothing guards.
    assert_eq!(template["Resources"]["Api"]["Properties"]["OpenApiVersion"], api["openapi"]);
    let mut found = BTreeSet::new();
    for (path, operations) in api["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            match method.as_str() {
                "parameters" => {}
                "x-amazon-apigateway-any-method" => {
                    assert_eq!(target(operation), logical_name(FALLBACK_FUNCTION), "{path}");
                }
                method => {
                    let is_validated = operation["x-amazon-apigateway-request-validator"] == "body";
                    assert_eq!(is_validated, method == "post", "{method} {path}");
                    let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                    assert_eq!(*body == "#/components/schemas/JsonObject", is_validated, "{method} {path}");
                    found.insert((method.to_uppercase(), path.clone(), target(operation)));
                }
            }
        }
        assert!(operations.get("x-amazon-apigateway-any-method").is_some(), "{path}: no fallback");
    }
    let wanted =
        ROUTES.iter().map(|r| (r.method.to_owned(), r.path.to_owned(), logical_name(r.function))).collect();
    assert_eq!(found, wanted);
    let validators = &api["x-amazon-apigateway-request-validators"];
    assert_eq!(validators["body"], json!({"validateRequestBody": true, "validateRequestParameters": false}));
    assert_eq!(api["components"]["schemas"]["JsonObject"], json!({"type": "object"}));
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
        // The pages of one origin may read the answer, the first: the gateway can't tell several apart.
        let first = json!({"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}]});
        for (name, value) in [
            ("Access-Control-Allow-Origin", json!({"Fn::Sub": ["'${First}'", {"First": first}]})),
            ("Access-Control-Expose-Headers", json!("'Retry-After,X-Request-Id'")),
        ] {
            let wanted = json!({"Fn::If": ["HasCorsOrigins", value, {"Ref": "AWS::NoValue"}]});
            assert_eq!(headers[name], wanted, "{kind}");
        }
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

/// A function that overruns its time is a fault of the gateway's; one that says in time that it can't answer tells when
/// to come back.
#[test]
fn functions_have_time_to_say_that_they_have_none() {
    let template = template();
    let globals = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(ANSWER.as_secs() + 2 <= globals && globals < 29, "the gateway waits for 29 seconds");
    for function in
        ROUTES.iter().map(|route| route.function).filter(|function| *function != FALLBACK_FUNCTION)
    {
        let properties = &template["Resources"][logical_name(function)]["Properties"];
        assert!(properties.get("Timeout").is_none(), "{function}");
    }
}

/// Behind a proxy every request has the proxy's address.
#[test]
fn the_web_acl_counts_no_proxy_as_one_caller() {
    let template = template();
    let rules = template["Resources"]["WebAcl"]["Properties"]["Rules"].as_array().unwrap();
    let is_rate = |rule: &Value| rule["Statement"].get("RateBasedStatement").is_some();
    assert!(!rules.iter().any(is_rate));
    let [condition, rate, otherwise] = rules[0]["Fn::If"].as_array().unwrap().as_slice() else { panic!() };
    assert!(is_rate(rate) && condition == "IsReachedDirectly" && otherwise["Ref"] == "AWS::NoValue");
    let wanted = json!({"Fn::Equals": [{"Ref": "TrustedProxies"}, ""]});
    assert_eq!(template["Conditions"]["IsReachedDirectly"], wanted);
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
    let client = dynamodb::client(&lab.environment["AWS_ENDPOINT_URL_DYNAMODB"]);
    Table::new(client.clone(), "made-by-the-code").create_if_absent().await.unwrap();
    let describe = async |name: &str| {
        let table = client.describe_table().table_name(name).send().await.unwrap().table.unwrap();
        let ttl = client.describe_time_to_live().table_name(name).send().await.unwrap();
        (table, ttl)
    };
    let (table, ttl) = describe("made-by-the-code").await;
    let (local_table, local_ttl) = describe(&lab.environment["REGAIN_TABLE"]).await;
    assert_eq!(table.key_schema(), local_table.key_schema());
    assert_eq!(table.attribute_definitions(), local_table.attribute_definitions());
    assert_eq!(table.stream_specification(), local_table.stream_specification());
    assert_eq!(ttl.time_to_live_description(), local_ttl.time_to_live_description());

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
}

/// What is kept when the stack goes, for it is worth something without it. `Retain` alone would also keep what a
/// deployment made that failed, and its names with it.
#[test]
fn what_outlives_the_stack_is_not_left_behind_by_a_deployment_that_fails() {
    let template = template();
    let mut kept = BTreeSet::new();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        if let Some(policy) = resource.get("DeletionPolicy").filter(|policy| **policy != "Delete") {
            assert_eq!(
                (policy, &resource["UpdateReplacePolicy"]),
                (&json!("RetainExceptOnCreate"), &json!("Retain"))
            );
            kept.insert(name.as_str());
        }
    }
    let wanted =
        ["ApiGatewayAccount", "ApiGatewayLogRole", "KeysSecret", "SmsFailures", "SmsLogRole", "Table"];
    assert_eq!(kept, BTreeSet::from(wanted));
}

/// The stages of infra/samconfig.toml in one new account: of what there is one in an account the first makes both,
/// and none reserves concurrency, of which a new account has too little.
#[test]
fn the_stages_fit_into_a_new_account() {
    let stages: Vec<_> =
        include_str!("../../infra/samconfig.toml").split(".deploy.parameters]").skip(1).collect();
    assert!(stages.len() > 1);
    for (place, stage) in stages.iter().enumerate() {
        assert!(!stage.contains("Concurrency="));
        for shared in ["ManageApiGatewayAccount=false", "ManageSmsLogs=false"] {
            assert_eq!(stage.contains(shared), place > 0, "{shared}");
        }
    }
}

#[test]
fn the_stream_mappings_are_the_local_stacks() {
    let template = template();
    assert_eq!(mappings(&template).len(), 2);

    // The local stack's filters, ages and batches, in its own words.
    let constant = |source: &str, name: &str| {
        let (_, rest) = source.split_once(&format!("const {name}: ")).unwrap();
        let (_, value) = rest.split_once(" = ").unwrap();
        value.split(';').next().unwrap().trim_matches('"').to_owned()
    };
    let stream = include_str!("../../localstack/runner/src/stream.rs");
    let attribute = constant(stream, "FILTER_ATTRIBUTE");
    let kinds = r#"matches!(record.event_name.as_str(), "INSERT" | "MODIFY")"#;
    assert!(stream.contains(kinds), "the local stack filters other events");
    let lanes = include_str!("../../localstack/runner/src/lanes.rs");

    for (function, name, prefix, local_age, age) in [
        ("DeliverMessages", "Codes", "CHALLENGE#", "code_lifetime", json!({"Ref": "CodeLifetimeSeconds"})),
        (NOTICES, "Notices", "NOTICE#", "Duration::from_hours(24)", json!(86_400)),
    ] {
        let row = format!("Self {{ key_prefix: \"{prefix}\", max_age: {local_age} }}");
        assert!(stream.contains(&row), "the local stack has no {row}");
        let mapping = &template["Resources"][function]["Properties"]["Events"][name]["Properties"];
        assert_eq!(mapping["Stream"], get_att("Table", "StreamArn"));
        let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap();
        assert_eq!(filters.len(), 1);
        let filter: Value = serde_json::from_str(filters[0]["Pattern"].as_str().unwrap()).unwrap();
        let keys = json!({"pk": {"S": [{"prefix": prefix}]}});
        let image = json!({ (attribute.as_str()): {"N": [{"exists": true}]} });
        let wanted =
            json!({"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": keys, "NewImage": image}});
        assert_eq!(filter, wanted, "{name}");
        assert_eq!(mapping["MaximumRecordAgeInSeconds"], age, "{name}");
        assert_eq!(mapping["BatchSize"].to_string(), constant(lanes, "BATCH_SIZE"));
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
        assert_eq!(mapping["MaximumRetryAttempts"], -1);
        assert!(mapping["ParallelizationFactor"].as_u64() > Some(1));
        assert_eq!(mapping["DestinationConfig"]["OnFailure"]["Destination"], get_att("DeadLetters", "Arn"));
    }
}

/// The function and the source of each event source mapping that the template makes.
fn mappings(template: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        let properties = &resource["Properties"];
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" {
            found.push((properties["FunctionName"].to_string(), properties["EventSourceArn"].to_string()));
        }
        for event in properties["Events"].as_object().into_iter().flat_map(serde_json::Map::values) {
            let source = match event["Type"].as_str().unwrap() {
                "SNS" => continue,
                "DynamoDB" => &event["Properties"]["Stream"],
                other => panic!("{name}: is the source of {other} polled?"),
            };
            found.push((name.clone(), source.to_string()));
        }
    }
    found
}

/// Lambda refuses a second mapping of a source to a function, whatever its filter. Emulators don't all.
#[test]
fn no_function_has_two_mappings_of_one_source() {
    let mut pairs = BTreeSet::new();
    let mut readers = BTreeMap::<_, u32>::new();
    for (function, source) in mappings(&template()) {
        *readers.entry(source.clone()).or_default() += 1;
        assert!(pairs.insert((function.clone(), source)), "{function} has two mappings of one source");
    }
    // DynamoDB throttles a third reader of a shard.
    assert!(readers.values().all(|readers| *readers <= 2), "{readers:?}");
}

#[test]
fn notices_are_delivered_by_the_code_and_the_role_that_codes_are() {
    let template = template();
    let of = |function: &str| {
        let mut properties = template["Resources"][function]["Properties"].clone();
        let own = ["FunctionName", "Events"].map(|name| properties.as_object_mut().unwrap().remove(name));
        assert!(own.iter().all(Option::is_some));
        properties
    };
    assert_eq!(of(NOTICES), of("DeliverMessages"));
    let resources = template["Resources"].as_object().unwrap().values();
    let watched = resources.filter(|r| r["Properties"]["Dimensions"][0]["Value"]["Ref"] == NOTICES);
    let watched: BTreeSet<_> = watched.map(|r| r["Properties"]["MetricName"].as_str().unwrap()).collect();
    assert_eq!(watched, BTreeSet::from(["Errors", "IteratorAge", "Throttles"]));
}

#[test]
fn feedback_comes_from_ses_and_sns_alone_and_is_kept_nowhere() {
    let template = template();
    let resource = |name: &str| template["Resources"][name]["Properties"].clone();
    let function = resource("DeliveryEvents");
    assert_eq!(function["Events"]["EmailEvents"]["Type"], "SNS");
    assert_eq!(function["Events"]["EmailEvents"]["Properties"]["Topic"]["Ref"], "EmailEvents");
    // What goes to a destination or a queue is the whole event, with the address.
    assert!(function["EventInvokeConfig"].get("DestinationConfig").is_none());
    assert!(function.get("DeadLetterQueue").is_none());
    assert_eq!(resource("DeliveryEventsDroppedAlarm")["MetricName"], "AsyncEventsDropped");

    let destination = resource("EmailEventDestination");
    assert_eq!(destination["ConfigurationSetName"]["Ref"], "EmailConfiguration");
    let destination = &destination["EventDestination"];
    assert_eq!(destination["MatchingEventTypes"], json!(["BOUNCE", "COMPLAINT", "REJECT"]));
    assert_eq!(destination["SnsDestination"]["TopicARN"]["Ref"], "EmailEvents");
    // Named in each send: an identity that another stack has made has another default.
    let sent_under =
        &resource("DeliverMessages")["Environment"]["Variables"]["REGAIN_EMAIL_CONFIGURATION_SET"];
    assert_eq!(sent_under["Ref"], "EmailConfiguration");
    let statements = resource("EmailEventsPolicy")["PolicyDocument"]["Statement"].clone();
    assert_eq!(statements.as_array().unwrap().len(), 1);
    assert_eq!(statements[0]["Principal"], json!({"Service": "ses.amazonaws.com"}));
    let limits = &statements[0]["Condition"]["StringEquals"];
    assert_eq!(limits["aws:SourceAccount"]["Ref"], "AWS::AccountId");
    let source = limits["aws:SourceArn"]["Fn::Sub"].as_str().unwrap();
    assert!(source.ends_with(":configuration-set/${EmailConfiguration}"), "{source}");

    let subscription = resource("SmsFailuresSubscription");
    assert_eq!(subscription["DestinationArn"], get_att("DeliveryEvents", "Arn"));
    let group = resource("SmsFailures");
    let name = &group["LogGroupName"];
    assert!(name["Fn::Sub"].as_str().unwrap().ends_with("/DirectPublishToPhoneNumber/Failure"));
    // Where another stack has made the group it is subscribed to all the same, beside that stack.
    let other = json!({"Fn::If": ["ManagesSmsLogs", {"Ref": "SmsFailures"}, name]});
    assert_eq!(subscription["LogGroupName"], other);
    assert!(subscription["FilterName"]["Fn::Sub"].as_str().unwrap().contains("${AWS::StackName}"));
    for unconditional in ["SmsFailuresSubscription", "SmsFailuresPermission"] {
        assert!(template["Resources"][unconditional].get("Condition").is_none(), "{unconditional}");
    }
    assert_eq!(group["RetentionInDays"], 1, "its lines hold numbers");
    let permission = resource("SmsFailuresPermission");
    assert_eq!(permission["Principal"], "logs.amazonaws.com");
    assert_eq!(permission["SourceArn"]["Fn::If"][1], get_att("SmsFailures", "Arn"));
    let other = permission["SourceArn"]["Fn::If"][2]["Fn::Sub"].as_str().unwrap();
    assert!(other.ends_with(&format!(":log-group:{}:*", name["Fn::Sub"].as_str().unwrap())), "{other}");
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
