//! The table: the code makes it, the local stack has it, and the template deploys it.

use regain_dynamodb::Table;
use regain_harness::Harness;
use regain_harness::template::template;
use serde_json::{Value, json};

use crate::dynamodb;

#[tokio::test]
async fn the_table_is_the_one_that_the_code_creates() {
    let harness = Harness::start(&[]).await.unwrap();
    let client = dynamodb::client(&harness.environment["AWS_ENDPOINT_URL_DYNAMODB"]);
    Table::new(client.clone(), "made-by-the-code").create_if_absent().await.unwrap();
    let describe = async |name: &str| {
        let table = client.describe_table().table_name(name).send().await.unwrap().table.unwrap();
        let ttl = client.describe_time_to_live().table_name(name).send().await.unwrap();
        (table, ttl)
    };
    let (table, ttl) = describe("made-by-the-code").await;
    let (local_table, local_ttl) = describe(&harness.environment["REGAIN_TABLE"]).await;
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
