//! Which errors of DynamoDB may pass by themselves and which won't.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use regain_domain::Fault;

/// The error codes after which the same call may succeed (Amazon DynamoDB Developer Guide, "Error handling").
const PASSING: &[&str] = &[
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Turns an error into a fault. Only its code and kind go into the text: messages may quote values.
pub(crate) fn fault<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Fault {
    match error {
        SdkError::ServiceError(service) => {
            let Some(code) = service.err().code() else {
                return Fault::unavailable("dynamodb: unreadable answer");
            };
            if PASSING.contains(&code) || service.raw().status().is_server_error() {
                Fault::unavailable(format!("dynamodb: {code}"))
            } else {
                Fault::internal(format!("dynamodb: {code}"))
            }
        }
        SdkError::TimeoutError(_) => Fault::unavailable("dynamodb: timed out"),
        SdkError::DispatchFailure(_) => Fault::unavailable("dynamodb: no connection"),
        SdkError::ResponseError(_) => Fault::unavailable("dynamodb: unreadable answer"),
        _ => Fault::internal("dynamodb: the request could not be made"),
    }
}
