//! Transactions, and the retries that conflicts with them need.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use regain_domain::Fault;

use crate::Table;
use crate::attribute::Item;
use crate::fault::fault;
use crate::predicate::{Conditional as _, Predicate, is_absent};

/// Waits between the tries of a write that conflicts with a transaction: 20, 40 and 80 ms. After four tries the
/// caller is told to come back.
pub(crate) struct BackOff(std::slice::Iter<'static, u64>);

impl BackOff {
    pub(crate) fn new() -> Self {
        Self([20, 40, 80].iter())
    }

    /// Waits before the next try; `false` if there is none.
    pub(crate) async fn wait(&mut self) -> bool {
        let Some(milliseconds) = self.0.next() else { return false };
        tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
        true
    }
}

/// What came of a transaction.
pub(crate) enum Transacted {
    /// All of it is done.
    Done,
    /// Nothing is done; for each part, whether its condition failed and on which item.
    Refused(Vec<Option<Item>>),
}

impl Table {
    /// Writes all or nothing. A cancellation because of a conflict or of throttling is tried again within
    /// bounds; one because of a condition is an answer.
    pub(crate) async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<Transacted, Fault> {
        let mut back_off = BackOff::new();
        loop {
            // The SDK adds a ClientRequestToken, so its own retries of one call have one effect.
            let result =
                self.client.transact_write_items().set_transact_items(Some(parts.clone())).send().await;
            let Err(error) = result else { return Ok(Transacted::Done) };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    if let Some(items) = refused(canceled.cancellation_reasons()) {
                        return Ok(Transacted::Refused(items));
                    }
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {}
                _ => return Err(fault(&error)),
            }
            if !back_off.wait().await {
                return Err(Fault::unavailable("dynamodb: the transaction kept conflicting"));
            }
        }
    }
}

/// The items on which conditions failed, by the part's place; `None` if no condition did.
fn refused(reasons: &[CancellationReason]) -> Option<Vec<Option<Item>>> {
    let failed = |r: &CancellationReason| r.code() == Some("ConditionalCheckFailed");
    reasons
        .iter()
        .any(failed)
        .then(|| reasons.iter().map(|r| failed(r).then(|| r.item().cloned().unwrap_or_default())).collect())
}

/// Adds an item that must not be there yet.
pub(crate) fn put_new(table: &str, item: Item) -> Result<TransactWriteItem, Fault> {
    put_part(table, item, is_absent())
}

/// Adds an item under a condition.
pub(crate) fn put_part(table: &str, item: Item, condition: Predicate) -> Result<TransactWriteItem, Fault> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .only_if(condition)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(unbuilt)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A builder of the SDK that lacks a member it requires: a mistake in this crate.
pub(crate) fn unbuilt(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::internal(error)
}
