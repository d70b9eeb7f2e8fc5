//! The adapter's reading of an endpoint's errors, with scripted replies: the embedded DynamoDB never
//! throttles and never gives a conflict.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use aws_sdk_dynamodb::Client;
use regain_domain::port::{CredentialStore, PasswordChange, SessionReader, SessionStore};
use regain_domain::{
    AccountId, Armed, ChallengeId, CredentialVersion, Device, DeviceId, Fault, KeyVersion, PasswordHash,
    SecretHash, SessionEpoch, SessionId,
};
use regain_dynamodb::Table;
use regain_fixtures::{Reply, Script, sdk_config};

fn reply(status: u16, body: impl Into<String>) -> Reply {
    Reply { status, content_type: "application/x-amz-json-1.0", error_type: "", body: body.into() }
}

/// An endpoint with replies, and a table there.
async fn serve(replies: Vec<Reply>) -> (Script, Table) {
    let script = Script::serve(replies).await;
    let table = table(&script.endpoint);
    (script, table)
}

fn table(endpoint: &str) -> Table {
    Table::new(Client::new(&sdk_config(endpoint)), "scripted")
}

fn error(status: u16, code: &str) -> Reply {
    reply(
        status,
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"quotes a secret"}}"#),
    )
}

fn canceled(reasons: [&str; 2]) -> Reply {
    let reasons = reasons.map(|code| format!(r#"{{"Code":"{code}"}}"#)).join(",");
    let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    reply(400, format!(r#"{{"__type":"{code}","Message":"canceled","CancellationReasons":[{reasons}]}}"#))
}

fn done() -> Reply {
    reply(200, "{}")
}

async fn set_password(table: &Table) -> Result<bool, Fault> {
    let account = AccountId::from_bytes([1; 16]);
    let change = PasswordChange {
        challenge: ChallengeId::from_bytes([1; 16]),
        token_hash: &SecretHash::from_parts(KeyVersion(1), [1; 32]),
        armed: Armed { account, credential_version: CredentialVersion(1) },
        now: regain_domain::Timestamp::from_unix(0),
        record: None,
        device: Device {
            id: DeviceId::from_bytes([1; 16]),
            account,
            credential_version: CredentialVersion(2),
            secret_hash: SecretHash::from_parts(KeyVersion(1), [1; 32]),
            expires_at: regain_domain::Timestamp::from_unix(1),
            failures: 0,
        },
    };
    table.set_password(&PasswordHash::from_phc("$argon2id$new"), change).await
}

#[tokio::test]
async fn a_conflict_is_tried_again_until_it_is_over() {
    let conflict = canceled(["TransactionConflict", "None"]);
    let (script, table) = serve(vec![conflict.clone(), conflict, done()]).await;
    assert!(set_password(&table).await.unwrap());
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn a_conflict_that_lasts_is_unavailable_after_four_tries() {
    let (script, table) = serve(vec![canceled(["None", "TransactionConflict"])]).await;
    assert!(matches!(set_password(&table).await, Err(Fault::Unavailable(_))));
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn a_condition_that_failed_is_an_answer_even_beside_a_conflict() {
    let (script, table) = serve(vec![canceled(["ConditionalCheckFailed", "TransactionConflict"])]).await;
    assert!(!set_password(&table).await.unwrap());
    assert_eq!(script.requests().len(), 1);
}

/// A single write on an item that a transaction is busy with. Only challenges of known identifiers are ever in
/// one, so a caller must not see it.
#[tokio::test]
async fn a_write_waits_for_the_transaction_that_is_on_its_item() {
    let conflict = error(400, "TransactionConflictException");
    let condition = error(400, "ConditionalCheckFailedException");
    let epoch = SessionEpoch(1);
    let (script, table) = serve(vec![conflict.clone(), conflict.clone(), condition]).await;
    table.advance_epoch(AccountId::from_bytes([1; 16]), epoch).await.unwrap();
    assert_eq!(script.requests().len(), 3);
    let (script, table) = serve(vec![conflict]).await;
    let fault = table.advance_epoch(AccountId::from_bytes([1; 16]), epoch).await.unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn throttling_and_outages_are_unavailable_and_mistakes_are_not() {
    let passing = [
        error(400, "ProvisionedThroughputExceededException"),
        error(400, "ThrottlingException"),
        error(400, "RequestLimitExceeded"),
        error(500, "InternalServerError"),
        error(503, "ServiceUnavailable"),
        reply(200, "not json"),
    ];
    for reply in passing {
        let (_, table) = serve(vec![reply.clone()]).await;
        let fault = table.session(SessionId::from_bytes([1; 16])).await.unwrap_err();
        assert!(matches!(fault, Fault::Unavailable(_)), "{reply:?}: {fault:?}");
    }
    for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
        let (script, table) = serve(vec![error(400, code)]).await;
        let fault = table.session(SessionId::from_bytes([1; 16])).await.unwrap_err();
        assert!(matches!(fault, Fault::Internal(_)), "{code}: {fault:?}");
        assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
        assert_eq!(script.requests().len(), 1, "{code} is not tried again");
    }
}

#[tokio::test]
async fn throttling_that_ends_is_not_seen() {
    let throttled = error(400, "ThrottlingException");
    let (script, table) = serve(vec![throttled.clone(), throttled, done()]).await;
    assert!(table.session(SessionId::from_bytes([1; 16])).await.unwrap().is_none());
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unavailable() {
    // A port that was free a moment ago: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let fault = table(&endpoint).session(SessionId::from_bytes([1; 16])).await.unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
}
