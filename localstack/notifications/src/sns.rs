//! Amazon SNS, `Publish` to a phone number as [the reference] has it (Query protocol): what is read of a request,
//! the answer, the errors, and the faults in its shape.
//!
//! There are no topics, endpoints or subscriptions; asking for them is an `InvalidParameter`.
//!
//! | fault | answer |
//! | --- | --- |
//! | `throttle` | 400 `Throttling`, which is what `Publish` answers (`Throttled` belongs to SNS's settings calls, and no SDK takes that for throttling) |
//! | `server_error` | 500 `InternalError` |
//! | `bounce` | taken, never kept; a failure because of an invalid number is told later |
//! | `opted_out` | 400 `OptedOut` |
//! | `operator` | 403 `AuthorizationError` |
//! | `quota_spent` | taken, never kept; a failure because the account has no quota left is told later |
//! | `hang` | none |
//! | `drop_after_accept` | the message is kept, the connection breaks |
//!
//! [the reference]: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use crate::fault::Kind;
use crate::feedback;
use crate::gateway::Gateway;
use crate::http::broken_off;
use crate::inbox::{Attribute, Channel, Sent};

/// How long a text may be, in characters: SNS's limit for SMS.
const TEXT_LIMIT: usize = 1_600;

const SENDER_ID: &str = "AWS.SNS.SMS.SenderID";
const SMS_TYPE: &str = "AWS.SNS.SMS.SMSType";
const ORIGINATION_NUMBER: &str = "AWS.MM.SMS.OriginationNumber";

/// The namespace of SNS's answers.
const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// The requests have no ids: nothing outside the answer could refer to one.
const REQUEST_ID: &str = "00000000-0000-0000-0000-000000000000";

type Parameters<'a> = HashMap<Cow<'a, str>, Cow<'a, str>>;

/// An error in SNS's own shape.
#[derive(Debug, thiserror::Error)]
enum SnsError {
    #[error("Could not find operation {0} for version 2010-03-31")]
    InvalidAction(String),
    /// The request is malformed or asks for what the gateway does not do.
    #[error("Invalid parameter: {0}")]
    InvalidParameter(String),
    #[error("{0}")]
    ParameterValueInvalid(String),
    #[error("The phone number is opted out of receiving SMS messages")]
    OptedOut,
    #[error("User is not authorized to perform: SNS:Publish")]
    AuthorizationError,
    #[error("Rate exceeded")]
    Throttling,
    #[error("An internal error occurred")]
    Internal,
}

impl IntoResponse for SnsError {
    fn into_response(self) -> Response {
        let (status, kind, code) = match &self {
            Self::InvalidAction(_) => (StatusCode::BAD_REQUEST, "Sender", "InvalidAction"),
            Self::InvalidParameter(_) => (StatusCode::BAD_REQUEST, "Sender", "InvalidParameter"),
            Self::ParameterValueInvalid(_) => (StatusCode::BAD_REQUEST, "Sender", "ParameterValueInvalid"),
            Self::OptedOut => (StatusCode::BAD_REQUEST, "Sender", "OptedOut"),
            Self::AuthorizationError => (StatusCode::FORBIDDEN, "Sender", "AuthorizationError"),
            Self::Throttling => (StatusCode::BAD_REQUEST, "Sender", "Throttling"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Receiver", "InternalError"),
        };
        let message = escape(&self.to_string());
        let body = format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        );
        xml(status, body)
    }
}

/// `POST /`
pub(crate) async fn publish(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let sent = match read(body) {
        Ok(sent) => sent,
        Err(error) => return error.into_response(),
    };
    match gateway.strike(&sent, &headers) {
        None => accepted(&gateway.keep(sent)),
        Some(Kind::Throttle) => SnsError::Throttling.into_response(),
        Some(Kind::ServerError) => SnsError::Internal.into_response(),
        Some(Kind::Bounce) => accepted(&lose(&gateway, &sent, "Invalid phone number")),
        Some(Kind::OptedOut) => SnsError::OptedOut.into_response(),
        Some(Kind::Operator) => SnsError::AuthorizationError.into_response(),
        Some(Kind::QuotaSpent) => accepted(&lose(&gateway, &sent, "No quota left for account")),
        Some(Kind::Hang) => {
            gateway.closing().await;
            broken_off()
        }
        Some(Kind::DropAfterAccept) => {
            gateway.keep(sent);
            broken_off()
        }
    }
}

fn lose(gateway: &Gateway, sent: &Sent, reason: &str) -> String {
    gateway.lose(sent, |sent, id, at| feedback::failure(sent, id, at, reason))
}

fn accepted(id: &str) -> Response {
    xml(
        StatusCode::OK,
        format!(
            "<PublishResponse xmlns=\"{NAMESPACE}\"><PublishResult><MessageId>{id}</MessageId></PublishResult>\
             <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></PublishResponse>"
        ),
    )
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

fn invalid(reason: impl Into<String>) -> SnsError {
    SnsError::InvalidParameter(reason.into())
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<Sent, SnsError> {
    let body = body.map_err(|error| invalid(error.body_text()))?;
    let parameters: Parameters<'_> = form_urlencoded::parse(&body).collect();
    let get = |name: &str| parameters.get(name).map(AsRef::as_ref);

    match get("Action") {
        Some("Publish") => {}
        other => return Err(SnsError::InvalidAction(other.unwrap_or_default().to_owned())),
    }
    for unsupported in ["TopicArn", "TargetArn", "MessageStructure"] {
        if get(unsupported).is_some() {
            return Err(invalid(format!(
                "{unsupported} Reason: this gateway sends plain messages to phone numbers only"
            )));
        }
    }
    let to = get("PhoneNumber").ok_or_else(|| invalid("PhoneNumber Reason: it is required"))?;
    if !is_e164(to) {
        return Err(invalid(format!("PhoneNumber Reason: {to} is not valid to publish to")));
    }
    let text = get("Message").filter(|text| !text.is_empty()).ok_or_else(|| invalid("Empty message"))?;
    if text.chars().count() > TEXT_LIMIT {
        return Err(invalid("Message too long"));
    }
    let attributes = attributes(&parameters)?;
    let value = |name: &str| attributes.get(name).map(|attribute| attribute.value.as_str());
    let from = value(SENDER_ID);
    if from.is_some_and(|from| !is_sender_id(from)) {
        return Err(invalid(format!("{SENDER_ID} Reason: 1 to 11 letters and digits, at least one letter")));
    }
    if value(SMS_TYPE).is_some_and(|kind| !matches!(kind, "Transactional" | "Promotional")) {
        return Err(invalid(format!("{SMS_TYPE} Reason: Transactional or Promotional")));
    }
    if value(ORIGINATION_NUMBER).is_some_and(|number| !is_origination_number(number)) {
        return Err(invalid(format!("{ORIGINATION_NUMBER} Reason: 5 to 15 digits")));
    }
    Ok(Sent {
        channel: Channel::Sms,
        recipients: vec![to.to_owned()],
        from: from.map(str::to_owned),
        headers: Vec::new(),
        subject: None,
        text: text.to_owned(),
        html: None,
        attributes,
    })
}

/// The message attributes: `MessageAttributes.entry.N.Name`, `….Value.DataType`, `….Value.StringValue`.
fn attributes(parameters: &Parameters<'_>) -> Result<BTreeMap<String, Attribute>, SnsError> {
    let mut attributes = BTreeMap::new();
    for (key, name) in parameters {
        let Some(entry) = key.strip_prefix("MessageAttributes.entry.").and_then(|n| n.strip_suffix(".Name"))
        else {
            continue;
        };
        let member = |member: &str| {
            parameters
                .get(format!("MessageAttributes.entry.{entry}.Value.{member}").as_str())
                .filter(|value| !value.is_empty())
                .map(|value| value.clone().into_owned())
                .ok_or_else(|| {
                    SnsError::ParameterValueInvalid(format!(
                        "The message attribute '{name}' must have a non-empty {member}."
                    ))
                })
        };
        let attribute = Attribute { data_type: member("DataType")?, value: member("StringValue")? };
        attributes.insert(name.clone().into_owned(), attribute);
    }
    Ok(attributes)
}

/// Whether `number` is in [E.164](https://www.itu.int/rec/T-REC-E.164) form: `+`, then 7 to 15 digits, no zero
/// first.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// A number or a short code, `+` optional.
fn is_origination_number(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number);
    (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether `id` is a [sender id](https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html).
fn is_sender_id(id: &str) -> bool {
    (1..=11).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
        && id.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Text as XML character data. What XML 1.0 cannot carry becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_a_phone_number() {
        for number in ["+46701234567", "+1234567", "+123456789012345"] {
            assert!(is_e164(number), "{number}");
        }
        for number in ["", "+", "46701234567", "+0701234567", "+46 70 123", "+1234567890123456", "+123456"] {
            assert!(!is_e164(number), "{number}");
        }
    }

    #[test]
    fn sender_ids_have_a_letter_and_at_most_11_characters() {
        for id in ["Acme", "A1", "ACME1234567"] {
            assert!(is_sender_id(id), "{id}");
        }
        for id in ["", "123", "Acme Ltd", "ACME12345678", "Åsa"] {
            assert!(!is_sender_id(id), "{id}");
        }
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(escape("<a b=\"c\">&\u{1}\n"), "&lt;a b=\"c\"&gt;&amp;\u{fffd}\n");
    }
}
