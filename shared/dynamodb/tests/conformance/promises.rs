//! Promises of DynamoDB that the adapter relies on and no port shows, and which emulators break.
//!
//! `REGAIN_CONFORMANCE_EMULATOR` names the emulator behind `REGAIN_CONFORMANCE_ENDPOINT`; without it, it is the
//! embedded one. A promise that [`BROKEN`] lists must be broken, so that an entry goes when its emulator is mended.
//! docs/emulators.md has the same list.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use futures_util::future::join_all;

use crate::{client, endpoint_is_set, on_a_named_table};

/// The differences from DynamoDB that are known: the emulator, and the test of the promise that it breaks.
const BROKEN: &[(&str, &str)] = &[
    ("moto", "a_transaction_that_is_sent_twice_has_one_effect"),
    ("moto", "a_token_belongs_to_one_transaction"),
    // What `tests/moto.sh` spares the other tests.
    ("moto-side-by-side", "conditions_hold_between_parallel_writes"),
];

/// The emulator under test.
fn emulator() -> String {
    std::env::var("REGAIN_CONFORMANCE_EMULATOR")
        .unwrap_or_else(|_| if endpoint_is_set() { "unnamed" } else { "dynoxide" }.to_owned())
}

/// Tries a promise: it is kept, unless it is known to be broken.
fn promise<F: Future<Output = bool>>(name: &str, kept: impl FnOnce(Client, String) -> F) {
    let emulator = emulator();
    let expected = !BROKEN.contains(&(emulator.as_str(), name));
    on_a_named_table(|table| async move {
        assert_eq!(
            kept(client(), table).await,
            expected,
            "{emulator}: docs/emulators.md and BROKEN say what is known of it"
        );
    });
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Adds one to the item's count.
fn add_one(table: &str, key: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(table)
        .key("pk", text(key))
        .update_expression("ADD hits :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    TransactWriteItem::builder().update(update.build().unwrap()).build()
}

async fn transact(
    client: &Client,
    token: &str,
    parts: Vec<TransactWriteItem>,
) -> Result<(), SdkError<TransactWriteItemsError>> {
    let request = client.transact_write_items().client_request_token(token).set_transact_items(Some(parts));
    request.send().await.map(drop)
}

async fn count(client: &Client, table: &str, key: &str) -> String {
    let request = client.get_item().table_name(table).key("pk", text(key)).consistent_read(true);
    let item: HashMap<_, _> = request.send().await.unwrap().item.unwrap();
    item["hits"].as_n().unwrap().clone()
}

/// The SDK tries a call again whose answer was lost, with the same token.
#[test]
fn a_transaction_that_is_sent_twice_has_one_effect() {
    promise("a_transaction_that_is_sent_twice_has_one_effect", |client, table| async move {
        for _ in 0..2 {
            transact(&client, &table, vec![add_one(&table, "a")]).await.unwrap();
        }
        count(&client, &table, "a").await == "1"
    });
}

#[test]
fn a_token_belongs_to_one_transaction() {
    promise("a_token_belongs_to_one_transaction", |client, table| async move {
        transact(&client, &table, vec![add_one(&table, "a")]).await.unwrap();
        let other = transact(&client, &table, vec![add_one(&table, "b")]).await;
        other.is_err_and(|error| error.code() == Some("IdempotentParameterMismatchException"))
    });
}

/// The limits of guesses, sends and requests are conditions on one item that many write at once.
#[test]
fn conditions_hold_between_parallel_writes() {
    promise("conditions_hold_between_parallel_writes", |client, table| async move {
        let mut kept = true;
        for round in 0..40 {
            let write = || {
                let request = client.update_item().table_name(&table).key("pk", text(&round.to_string()));
                let request = request.update_expression("ADD hits :one");
                let request = request.condition_expression("attribute_not_exists(hits) OR hits < :limit");
                let request = request.expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
                request.expression_attribute_values(":limit", AttributeValue::N("5".to_owned())).send()
            };
            let results = join_all((0..25).map(|_| write())).await;
            kept &= results.iter().filter(|result| result.is_ok()).count() == 5;
        }
        kept
    });
}

/// A word that an expression may not name would be found on AWS only.
#[test]
fn a_reserved_word_is_refused_in_an_expression() {
    promise("a_reserved_word_is_refused_in_an_expression", |client, table| async move {
        let request = client.update_item().table_name(&table).key("pk", text("a"));
        let request =
            request.update_expression("SET status = :x").expression_attribute_values(":x", text("x"));
        request.send().await.is_err_and(|error| error.code() == Some("ValidationException"))
    });
}

/// … and so would a value that none of a request's expressions uses.
#[test]
fn a_value_that_no_expression_uses_is_refused() {
    promise("a_value_that_no_expression_uses_is_refused", |client, table| async move {
        let request = client.update_item().table_name(&table).key("pk", text("a"));
        let request = request.update_expression("SET x = :x").expression_attribute_values(":x", text("x"));
        let request = request.expression_attribute_values(":unused", text("x"));
        request.send().await.is_err_and(|error| error.code() == Some("ValidationException"))
    });
}

/// … and so would two parts of a transaction that write one item.
#[test]
fn a_transaction_has_an_item_once() {
    promise("a_transaction_has_an_item_once", |client, table| async move {
        let parts = vec![add_one(&table, "a"), add_one(&table, "a")];
        let refused = transact(&client, &table, parts).await;
        refused.is_err_and(|error| error.code() == Some("ValidationException"))
    });
}
