//! Single writes whose condition may fail: that is an answer, not an error.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use regain_domain::{ChallengeId, Fault};

use crate::Table;
use crate::attribute::{Item, PK};
use crate::fault::fault;
use crate::item::challenge_key;
use crate::predicate::{Conditional as _, Predicate, is_absent};
use crate::retry::past_conflicts;
use crate::transaction::{Transacted, put_part, unbuilt};

/// Whether a transaction is under way on the item of a single write: DynamoDB refuses it meanwhile.
fn is_conflict<T, E: ProvideErrorMetadata>(result: &Result<T, SdkError<E>>) -> bool {
    result.as_ref().is_err_and(|error| error.code() == Some("TransactionConflictException"))
}

/// Sends an update; whether its condition held.
pub(crate) async fn update_if(request: UpdateItemFluentBuilder) -> Result<bool, Fault> {
    match past_conflicts(|| request.clone().send(), is_conflict).await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(fault(&error)),
        },
    }
}

/// Sends a deletion; whether its condition held.
pub(crate) async fn delete_if(request: DeleteItemFluentBuilder) -> Result<bool, Fault> {
    Ok(matches!(delete_and_see(request).await?, Updated::Done(_)))
}

/// Puts an item unless there is one of its key; whether it did.
pub(crate) async fn put_if_absent(request: PutItemFluentBuilder) -> Result<bool, Fault> {
    let request = request.only_if(is_absent());
    match past_conflicts(|| request.clone().send(), is_conflict).await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(fault(&error)),
        },
    }
}

/// The result of a conditional write.
pub(crate) enum Updated {
    /// Its condition held; the item after it, empty if it is deleted.
    Done(Item),
    /// It failed; the item as it stands, if there is one.
    Refused(Option<Item>),
}

/// Sends an update and gives the item that it made or met.
pub(crate) async fn update_and_see(request: UpdateItemFluentBuilder) -> Result<Updated, Fault> {
    let request = request
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match past_conflicts(|| request.clone().send(), is_conflict).await {
        Ok(output) => Ok(Updated::Done(output.attributes.unwrap_or_default())),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Updated::Refused(refused.item().cloned()))
            }
            _ => Err(fault(&error)),
        },
    }
}

/// Deletes an item under a condition; the item that refused it, if its condition failed on one.
pub(crate) async fn delete_and_see(request: DeleteItemFluentBuilder) -> Result<Updated, Fault> {
    let request =
        request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match past_conflicts(|| request.clone().send(), is_conflict).await {
        Ok(_) => Ok(Updated::Done(Item::new())),
        Err(error) => match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Updated::Refused(refused.item().cloned()))
            }
            _ => Err(fault(&error)),
        },
    }
}

impl Table {
    /// An update of an item, to be completed.
    pub(crate) fn update(&self, key: AttributeValue) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.name).key(PK, key)
    }

    /// Puts a challenge if `is_free` holds of its id, and there is none of the others; else gives the one that there
    /// is. The others are what an earlier same call made it be called under another version of the key: with one
    /// version there are none, and it is a single write.
    pub(crate) async fn put_challenge(
        &self,
        item: Item,
        other_ids: &[ChallengeId],
        is_free: Predicate,
    ) -> Result<Option<Item>, Fault> {
        if other_ids.is_empty() {
            let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
            return put_if(request.only_if(is_free)).await;
        }
        let mut parts = vec![put_part(&self.name, item, is_free)?];
        for id in other_ids {
            let check = ConditionCheck::builder()
                .table_name(&self.name)
                .key(PK, challenge_key(*id))
                .only_if(is_absent())
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .build()
                .map_err(unbuilt)?;
            parts.push(TransactWriteItem::builder().condition_check(check).build());
        }
        match self.transact(parts).await? {
            Transacted::Done => Ok(None),
            Transacted::Refused(items) => Ok(Some(items.into_iter().flatten().next().unwrap_or_default())),
        }
    }
}

/// Puts an item under a condition; the item that refused it, if it failed.
async fn put_if(request: PutItemFluentBuilder) -> Result<Option<Item>, Fault> {
    let request =
        request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let Err(error) = past_conflicts(|| request.clone().send(), is_conflict).await else { return Ok(None) };
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refused)) => {
            Ok(Some(refused.item().cloned().unwrap_or_default()))
        }
        _ => Err(fault(&error)),
    }
}
