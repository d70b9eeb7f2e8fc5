//! The table behind a stack or a test harness: by the SDK as functions reach it, and by DynamoDB's protocol as it is.

use aws_sdk_dynamodb::config::Builder;
use serde_json::Value;

use crate::timeouts::TIMEOUT;

/// A client of an endpoint.
pub(crate) fn config(endpoint: &str) -> Builder {
    Builder::from(&regain_fixtures::sdk_config(endpoint))
}

/// A client of an endpoint.
pub(crate) fn client(endpoint: &str) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::from_conf(config(endpoint).build())
}

/// A call without the SDK: the answer to a target such as `DynamoDB_20120810.GetItem`.
pub(crate) async fn call(endpoint: &str, target: &str, body: &Value) -> Value {
    let authorization = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-north-1/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
    let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
    let response = client
        .post(endpoint)
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", authorization)
        .header("x-amz-date", "20260101T000000Z")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert!(response.status().is_success(), "{target}: {}", response.text().await.unwrap());
    response.json().await.unwrap()
}
