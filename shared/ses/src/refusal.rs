//! SES's refusals by who has to mend them: its error codes, one by one.
//!
//! The codes are those of [`SendEmail`] and the [common errors] of the API, and what its endpoints answer besides.
//! Where one code covers both a person's address and the operator's account, the message's words tell them apart
//! ([email sending errors]). They quote addresses, so nothing of them goes on but a word of ours.
//!
//! `docs/operations.md` has the same table for operators.
//!
//! [`SendEmail`]: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
//! [common errors]: https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
//! [email sending errors]: https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use regain_domain::port::{Mender, SendError};

/// Error codes by who has to mend them. A code that isn't here is the operator's, unless its status says that it
/// passes.
const CODES: &[(&str, Mender)] = &[
    // The account may not send, for good or for now.
    ("AccountSuspendedException", Mender::Operator),
    ("SendingPausedException", Mender::Operator),
    // A quota is spent.
    ("LimitExceededException", Mender::Operator),
    // The sender's domain is not verified, or its MAIL FROM domain isn't.
    ("MailFromDomainNotVerifiedException", Mender::Operator),
    // There is no such configuration set.
    ("NotFoundException", Mender::Operator),
    // The role's permissions, the endpoint's, and how requests are signed.
    ("AccessDenied", Mender::Operator),
    ("AccessDeniedException", Mender::Operator),
    ("IncompleteSignature", Mender::Operator),
    ("IncompleteSignatureException", Mender::Operator),
    ("InvalidClientTokenId", Mender::Operator),
    ("InvalidSignatureException", Mender::Operator),
    ("MissingAuthenticationToken", Mender::Operator),
    ("MissingAuthenticationTokenException", Mender::Operator),
    ("NotAuthorized", Mender::Operator),
    ("OptInRequired", Mender::Operator),
    ("SignatureDoesNotMatch", Mender::Operator),
    ("SubscriptionRequiredException", Mender::Operator),
    ("UnrecognizedClientException", Mender::Operator),
    ("ValidationError", Mender::Operator),
    ("ValidationException", Mender::Operator),
    ("ConcurrentModificationException", Mender::Time),
    ("ConflictException", Mender::Time),
    ("ExpiredToken", Mender::Time),
    ("ExpiredTokenException", Mender::Time),
    ("InternalFailure", Mender::Time),
    ("InternalServiceErrorException", Mender::Time),
    ("RequestExpired", Mender::Time),
    ("RequestTimeout", Mender::Time),
    ("RequestTimeoutException", Mender::Time),
    ("ServiceUnavailable", Mender::Time),
    ("ServiceUnavailableException", Mender::Time),
    ("Throttling", Mender::Time),
    ("ThrottlingException", Mender::Time),
];

/// The codes that mean several things, and whose they are if none of [`WORDS`] stands in the message.
const BY_WORDS: &[(&str, Mender)] = &[
    ("BadRequestException", Mender::Operator),
    ("MessageRejected", Mender::Operator),
    ("TooManyRequestsException", Mender::Time),
];

/// Words of messages, in lower case, whose they are, and what is told of them. The first that is found decides; what
/// an operator can mend comes first. The sender's form is checked at the start, and nobody else is named but the one
/// recipient: so it is that address whose form is wrong.
const WORDS: &[(&str, Mender, &str)] = &[
    // In the sandbox, of the recipient too.
    ("not verified", Mender::Operator, "not_verified"),
    ("paused", Mender::Operator, "paused"),
    ("quota", Mender::Operator, "quota_spent"),
    ("configuration set", Mender::Operator, "configuration_set"),
    ("blacklisted", Mender::Person, "suppressed"),
    ("suppression list", Mender::Person, "suppressed"),
    ("illegal address", Mender::Person, "address"),
    ("local address", Mender::Person, "address"),
    ("user name is missing", Mender::Person, "address"),
    ("missing final '@domain'", Mender::Person, "address"),
    ("missing domain", Mender::Person, "address"),
    ("domain contains", Mender::Person, "address"),
    ("domain starts", Mender::Person, "address"),
    ("domain ends", Mender::Person, "address"),
    ("invalid domain name", Mender::Person, "address"),
];

/// The meaning of an answer of SES.
pub(crate) fn send_error(error: &SdkError<SendEmailError>) -> SendError {
    let service_error = error.as_service_error();
    let code = service_error.and_then(ProvideErrorMetadata::code).filter(|code| !code.is_empty());
    let Some(code) = code else {
        return Mender::Time.error("ses", "no usable answer");
    };
    if let Some((_, mender)) = CODES.iter().find(|(known, _)| *known == code) {
        return mender.error("ses", code);
    }
    if let Some((_, otherwise)) = BY_WORDS.iter().find(|(known, _)| *known == code) {
        let message = service_error.and_then(ProvideErrorMetadata::message).unwrap_or_default();
        let message = message.to_ascii_lowercase();
        let found = WORDS.iter().find(|(words, _, _)| message.contains(words));
        return match found {
            Some((_, mender, word)) => mender.error("ses", &format!("{code}: {word}")),
            None => otherwise.error("ses", code),
        };
    }
    let status = error.raw_response().map_or(500, |response| response.status().as_u16());
    let mender = if status == 429 || status >= 500 { Mender::Time } else { Mender::Operator };
    mender.error("ses", code)
}
