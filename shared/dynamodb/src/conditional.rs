//! Single writes whose condition may fail: that is an answer, not an error.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use regain_domain::Fault;

use crate::fault::fault;

/// Sends an update; whether its condition held.
pub(crate) async fn update_if(request: UpdateItemFluentBuilder) -> Result<bool, Fault> {
    match request.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(fault(&error)),
        },
    }
}
