//! SNS's refusals by who has to mend them: its error codes, one by one.
//!
//! The codes are those of [`Publish`] under the names that its reference, its model and its endpoints use, and the
//! [common errors] of the API. Where one code covers both a person's number and the operator's account, the message's
//! words tell them apart. They quote numbers, so nothing of them goes on but a word of ours.
//!
//! `docs/operations.md` has the same table for operators. What SNS takes and refuses afterwards is in the log of
//! failed text messages, which `delivery-events` reads: a spent quota, the sandbox, a missing origination number.
//!
//! [`Publish`]: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
//! [common errors]: https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html

use std::error::Error;

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use hyper_util::client::legacy::Error as HttpError;
use regain_domain::Fault;
use regain_domain::port::{Mender, SendError};

/// Error codes by who has to mend them. A code that isn't here is the operator's, unless its status says that it
/// passes.
const CODES: &[(&str, Mender)] = &[
    ("OptedOut", Mender::Person),
    ("OptedOutException", Mender::Person),
    // The role's permissions, the endpoint's, and how requests are signed.
    ("AccessDenied", Mender::Operator),
    ("AccessDeniedException", Mender::Operator),
    ("AuthorizationError", Mender::Operator),
    ("AuthorizationErrorException", Mender::Operator),
    ("IncompleteSignature", Mender::Operator),
    ("InvalidClientTokenId", Mender::Operator),
    ("InvalidSecurity", Mender::Operator),
    ("InvalidSecurityException", Mender::Operator),
    ("MissingAuthenticationToken", Mender::Operator),
    ("NotAuthorized", Mender::Operator),
    ("OptInRequired", Mender::Operator),
    ("SignatureDoesNotMatch", Mender::Operator),
    ("SubscriptionRequired", Mender::Operator),
    ("UnrecognizedClientException", Mender::Operator),
    // The account's settings for text messages.
    ("LimitExceeded", Mender::Operator),
    ("LimitExceededException", Mender::Operator),
    ("UserError", Mender::Operator),
    ("UserErrorException", Mender::Operator),
    // Of topics, applications and keys, none of which a text message to a number has.
    ("EndpointDisabled", Mender::Operator),
    ("KMSAccessDenied", Mender::Operator),
    ("KMSDisabled", Mender::Operator),
    ("KMSInvalidState", Mender::Operator),
    ("KMSNotFound", Mender::Operator),
    ("KMSOptInRequired", Mender::Operator),
    ("NotFound", Mender::Operator),
    ("PlatformApplicationDisabled", Mender::Operator),
    ("ExpiredToken", Mender::Time),
    ("InternalError", Mender::Time),
    ("InternalFailure", Mender::Time),
    ("KMSThrottling", Mender::Time),
    ("RequestExpired", Mender::Time),
    ("RequestTimeout", Mender::Time),
    ("ServiceUnavailable", Mender::Time),
    ("Throttled", Mender::Time),
    ("ThrottledException", Mender::Time),
    ("Throttling", Mender::Time),
    ("ThrottlingException", Mender::Time),
];

/// The codes for anything that is wrong with a request. They are the operator's, unless one of [`WORDS`] stands in the
/// message.
const BY_WORDS: &[&str] = &[
    "InvalidParameter",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "ParameterValueInvalid",
    "ValidationError",
    "ValidationException",
];

/// Words of messages, in lower case, that speak of the person's number. SNS says the first of every number in a region
/// that has no text messages, too: that shows at the first try, and in the alarm on refusals.
const WORDS: &[(&str, &str)] = &[("is not valid to publish to", "number"), ("opted out", "opted_out")];

/// The meaning of an answer of SNS.
pub(crate) fn send_error(error: &SdkError<PublishError>) -> SendError {
    let service_error = error.as_service_error();
    let code = service_error.and_then(ProvideErrorMetadata::code).filter(|code| !code.is_empty());
    let Some(code) = code else { return without_code(error) };
    if let Some((_, mender)) = CODES.iter().find(|(known, _)| *known == code) {
        return mender.error("sns", code);
    }
    if BY_WORDS.contains(&code) {
        let message = service_error.and_then(ProvideErrorMetadata::message).unwrap_or_default();
        let message = message.to_ascii_lowercase();
        return match WORDS.iter().find(|(words, _)| message.contains(words)) {
            Some((_, word)) => Mender::Person.error("sns", &format!("{code}: {word}")),
            None => Mender::Operator.error("sns", code),
        };
    }
    let status = error.raw_response().map_or(500, |response| response.status().as_u16());
    let mender = if status == 429 || status >= 500 { Mender::Time } else { Mender::Operator };
    mender.error("sns", code)
}

/// The meaning of no answer, or of none of SNS's own. A code of SNS's says that the message was not taken;
/// without one that is certain only if the request was refused as such, or never went out.
fn without_code(error: &SdkError<PublishError>) -> SendError {
    let not_taken = match error {
        SdkError::ServiceError(service) if service.raw().status().is_client_error() => {
            "refused without a code"
        }
        SdkError::ConstructionFailure(_) => "the request could not be made",
        SdkError::DispatchFailure(failure) if failure.is_user() || never_connected(error) => "no connection",
        _ => return SendError::Unknown(Fault::unavailable("sns: the answer was lost")),
    };
    Mender::Time.error("sns", not_taken)
}

/// Whether a call failed before there was a connection that its request could have gone out on.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<HttpError>().is_some_and(HttpError::is_connect) {
            return true;
        }
        cause = error.source();
    }
    false
}
