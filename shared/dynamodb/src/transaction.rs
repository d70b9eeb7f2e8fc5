//! Transactions, with the retries that conflicts need.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use regain_domain::Fault;

use crate::Table;
use crate::fault::fault;
use crate::item::{Item, PK};

/// Tries of a transaction that conflicts with another; then the caller is told to come back.
const TRIES: u32 = 4;
/// The first wait; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_millis(20);

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
        let mut back_off = BACK_OFF;
        for attempt in 1..=TRIES {
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
            if attempt < TRIES {
                tokio::time::sleep(back_off).await;
                back_off *= 2;
            }
        }
        Err(Fault::unavailable("dynamodb: the transaction kept conflicting"))
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
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(format!("attribute_not_exists({PK})"))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(unbuilt)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A builder of the SDK that lacks a member it requires: a mistake in this crate.
pub(crate) fn unbuilt(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::internal(error)
}
