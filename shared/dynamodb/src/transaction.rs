//! Transactions.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use regain_domain::Fault;

use crate::Table;
use crate::attribute::Item;
use crate::fault::fault;
use crate::predicate::{Conditional as _, Predicate, is_absent};
use crate::retry::past_conflicts;

/// The result of a transaction.
pub(crate) enum Transacted {
    /// All of it is done.
    Done,
    /// Nothing is done; for each part, whether its condition failed and on which item.
    Refused(Vec<Option<Item>>),
}

impl Table {
    /// Writes all or nothing. A cancellation because of a condition is an answer; one because of a conflict or of
    /// throttling is tried again.
    pub(crate) async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<Transacted, Fault> {
        // The SDK adds a ClientRequestToken, so its own retries of one call have one effect.
        let request = self.client.transact_write_items().set_transact_items(Some(parts));
        let result = past_conflicts(
            || request.clone().send(),
            |result| result.as_ref().is_err_and(|error| error.as_service_error().is_some_and(may_pass)),
        );
        let Err(error) = result.await else { return Ok(Transacted::Done) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                let kept_conflicting = || Fault::unavailable("dynamodb: the transaction kept conflicting");
                refused(canceled.cancellation_reasons()).map(Transacted::Refused).ok_or_else(kept_conflicting)
            }
            _ => Err(fault(&error)),
        }
    }
}

/// Whether a transaction was cancelled for another reason than a condition, or is still under way.
fn may_pass(error: &TransactWriteItemsError) -> bool {
    match error {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            refused(canceled.cancellation_reasons()).is_none()
        }
        error => error.is_transaction_in_progress_exception(),
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
