//! The deployment template against the code: what the functions, the table, the routes and the problems are,
//! the template must say too. What its roles allow is in `tests/e2e/roles.rs`.

use std::collections::{BTreeMap, BTreeSet};

use regain_bootstrap::settings::SETTINGS;
use regain_harness::FUNCTIONS;
use regain_harness::documents::{read, replace_between_markers, write_or_compare_part};
use regain_harness::template::{get_att, logical_name, of_table, parse};
use regain_local_stack::stream::{BATCH_SIZE, Mapping};
use serde_json::{Value, json};

/// The second function of `deliver-messages`' code.
const OUTBOX: &str = "DeliverOutbox";

const TEMPLATE: &str = "infra/template.yaml";

/// The template, with its generated parts as they are to be: another test may be about to write them.
pub(crate) fn template() -> Value {
    let parts = regain_template::parts().into_iter();
    parse(
        &parts
            .fold(read(TEMPLATE), |text, (name, part)| replace_between_markers(&text, name, &part).unwrap()),
    )
}

#[test]
fn what_follows_from_the_code_is_generated() {
    for (name, part) in regain_template::parts() {
        write_or_compare_part(TEMPLATE, name, &part);
    }
}

/// IAM takes 10,240 characters of inline policies for a role, spaces aside, and refuses the stack otherwise.
#[test]
fn every_role_fits_whatever_the_table_is_called() {
    let template = template();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        let policies = resource["Properties"]["Policies"].as_array().into_iter().flatten();
        let size: usize = policies.map(|policy| longest(&policy["PolicyDocument"]).to_string().len()).sum();
        assert!(size < 10_240, "{name} has {size} characters");
    }
}

/// A part of a policy at its longest.
fn longest(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(longest).collect(),
        Value::Object(members) => {
            if let Some([_, branches @ ..]) =
                members.get("Fn::If").and_then(|v| v.as_array()).map(Vec::as_slice)
            {
                return branches.iter().map(longest).max_by_key(|branch| branch.to_string().len()).unwrap();
            }
            if let Some(text) = members.get("Fn::Sub").and_then(Value::as_str) {
                return json!(text.replace("${ExistingTable}", &"t".repeat(255)));
            }
            if members.contains_key("Ref") || members.contains_key("Fn::GetAtt") {
                return json!("a".repeat(150));
            }
            members.iter().map(|(name, value)| (name.clone(), longest(value))).collect()
        }
        other => other.clone(),
    }
}

/// Calls the visitor with each value within a value, and with the value that it is a part of.
fn visit<'a>(value: &'a Value, within: &'a Value, visitor: &mut impl FnMut(&'a Value, &'a Value)) {
    visitor(value, within);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, value, visitor)),
        Value::Object(members) => members.values().for_each(|member| visit(member, value, visitor)),
        _ => {}
    }
}

#[test]
fn an_existing_table_takes_the_place_of_the_stacks_own_everywhere() {
    let template = template();
    let resources = &template["Resources"];
    assert_eq!(resources["Table"]["Condition"], "MakesTable");
    assert_eq!(template["Conditions"]["MakesTable"], json!({"Fn::Equals": [{"Ref": "ExistingTable"}, ""]}));
    // Whatever refers to the table does so in the branch that a table of the stack's own has.
    let mut references = 0;
    for section in ["Globals", "Resources", "Outputs"] {
        visit(&template[section], &Value::Null, &mut |value, within| {
            let text = value["Fn::Sub"].as_str().unwrap_or_default();
            let refers = value["Ref"] == "Table"
                || value["Fn::GetAtt"][0] == "Table"
                || ["${Table}", "${Table."].iter().any(|name| text.contains(name));
            if refers {
                references += 1;
                assert_eq!((&within[0], &within[1]), (&json!("MakesTable"), value), "{within}");
            }
        });
    }
    assert!(references > 20, "{references}");
    let dashboard = &resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    assert!(!dashboard[0].as_str().unwrap().contains("${Table}"));
    assert_eq!(dashboard[1]["TableName"], of_table("Name"));
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["REGAIN_TABLE"], of_table("Name"));
    assert_eq!(template["Outputs"]["TableName"]["Value"], of_table("Name"));
    // Neither without the other: functions of one table on the stream of another would deliver nothing.
    let rules = template["Rules"].as_object().unwrap();
    assert_eq!(rules.keys().filter(|name| name.contains("Table")).count(), 2);
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
    assert_eq!(crates, FUNCTIONS.map(str::to_owned).into(), "what runs locally");
    let mut wanted: BTreeSet<_> = crates.iter().map(|name| logical_name(name)).collect();
    wanted.insert(OUTBOX.to_owned());
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

/// Resources that are kept when the stack goes. `Retain` alone would also keep what a
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

    let lifetime = std::time::Duration::from_mins(10);
    let [codes, outbox] = Mapping::all(lifetime);
    assert_eq!((codes.max_age, outbox.max_age.as_secs()), (lifetime, 86_400));
    for (mapping, function, name, age) in [
        (codes, "DeliverMessages", "Codes", json!({"Ref": "CodeLifetimeSeconds"})),
        (outbox, OUTBOX, "Outbox", json!(86_400)),
    ] {
        let wanted: Value = serde_json::from_str(&mapping.filter.pattern()).unwrap();
        let mapping = &template["Resources"][function]["Properties"]["Events"][name]["Properties"];
        assert_eq!(mapping["Stream"], of_table("StreamArn"));
        let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap();
        assert_eq!(filters.len(), 1);
        let filter: Value = serde_json::from_str(filters[0]["Pattern"].as_str().unwrap()).unwrap();
        assert_eq!(filter, wanted, "{name}");
        assert_eq!(mapping["MaximumRecordAgeInSeconds"], age, "{name}");
        assert_eq!(mapping["BatchSize"], BATCH_SIZE);
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
fn the_outbox_is_sent_by_the_code_and_the_role_that_codes_are() {
    let template = template();
    let of = |function: &str| {
        let mut properties = template["Resources"][function]["Properties"].clone();
        let own = ["FunctionName", "Events"].map(|name| properties.as_object_mut().unwrap().remove(name));
        assert!(own.iter().all(Option::is_some));
        properties
    };
    assert_eq!(of(OUTBOX), of("DeliverMessages"));
    let resources = template["Resources"].as_object().unwrap().values();
    let watched = resources.filter(|r| r["Properties"]["Dimensions"][0]["Value"]["Ref"] == OUTBOX);
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
    let documented = read("docs/configuration.md");
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
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let default = &template["Parameters"][parameter]["Default"];
        if let Some(setting) = setting.filter(|_| !default.is_null()) {
            assert_eq!(*default, setting.default, "{name}");
        }
    }
}
