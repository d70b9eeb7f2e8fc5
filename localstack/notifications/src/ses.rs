//! Amazon SES API v2, `SendEmail` as [the reference] has it (rest-json): what is read of a request, the answer,
//! the errors, and the faults in its shape.
//!
//! `Content.Simple` is supported; `Raw`, `Template` and attachments are refused with a message saying so. The
//! gateway knows no identities: any sender is verified, any configuration set exists, tags are taken and dropped. The
//! form of sender, recipients and headers is judged as SES judges it.
//!
//! | fault | answer |
//! | --- | --- |
//! | `throttle` | 429 `TooManyRequestsException` |
//! | `server_error` | 500 `InternalServiceErrorException` |
//! | `bounce` | taken, never kept; a permanent bounce is told later |
//! | `opted_out` | 400 `MessageRejected` |
//! | `operator` | 400 `MessageRejected`: the sender is not verified |
//! | `quota_spent` | 429 `TooManyRequestsException`: the day's quota |
//! | `hang` | none |
//! | `drop_after_accept` | the message is kept, the connection breaks |
//!
//! [the reference]: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html

use std::collections::BTreeMap;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::fault::Kind;
use crate::gateway::Gateway;
use crate::http::{broken_off, ok_json};
use crate::inbox::{Channel, Sent};
use crate::{feedback, mailbox};

/// How many recipients a send may have: SES's quota.
const RECIPIENT_LIMIT: usize = 50;

/// How many headers a send may add: SES's limit.
const HEADER_LIMIT: usize = 15;

/// Headers that SES sets itself ("Amazon SES header fields").
const RESERVED_HEADERS: [&str; 11] = [
    "bcc",
    "cc",
    "content-disposition",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "reply-to",
    "subject",
    "to",
];

/// The request. Members that are not named here are taken and dropped.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Option<EmailContent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::struct_field_names, reason = "the members are called so")]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EmailContent {
    simple: Option<Simple>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Body,
    #[serde(default)]
    headers: Vec<MessageHeader>,
    #[serde(default)]
    attachments: Vec<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

/// Text; its `Charset` only says how SES shall encode it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

/// A header that the sender adds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MessageHeader {
    name: String,
    value: String,
}

impl MessageHeader {
    /// Whether SES takes it: API reference, `MessageHeader`.
    fn is_taken(&self) -> bool {
        let Self { name, value } = self;
        (1..=126).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b':')
            && value.len() <= 995
            && name.len() + value.len() <= 996
            && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
            && !RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str())
    }
}

/// An error in SES's own shape: the type in a header, the message in the body.
#[derive(Debug, thiserror::Error)]
enum SesError {
    /// The request is malformed or asks for what the gateway does not do.
    #[error("{0}")]
    BadRequest(String),
    /// The message is refused for good.
    #[error("{0}")]
    MessageRejected(&'static str),
    #[error("{0}")]
    TooManyRequests(&'static str),
    #[error("An internal error occurred.")]
    Internal,
}

impl IntoResponse for SesError {
    fn into_response(self) -> Response {
        let (status, name) = match &self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequestException"),
            Self::MessageRejected(_) => (StatusCode::BAD_REQUEST, "MessageRejected"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException"),
        };
        let body = json!({ "message": self.to_string() }).to_string();
        let headers = [(header::CONTENT_TYPE.as_str(), "application/json"), ("x-amzn-errortype", name)];
        (status, headers, body).into_response()
    }
}

/// `POST /v2/email/outbound-emails`
pub(crate) async fn send_email(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let sent = match read(body) {
        Ok(sent) => sent,
        Err(error) => return error.into_response(),
    };
    match gateway.strike(&sent, &headers) {
        None => ok_json(&json!({ "MessageId": gateway.keep(sent) })),
        Some(Kind::Throttle) => SesError::TooManyRequests("Maximum sending rate exceeded.").into_response(),
        Some(Kind::ServerError) => SesError::Internal.into_response(),
        Some(Kind::Bounce) => ok_json(&json!({ "MessageId": gateway.lose(&sent, feedback::bounce) })),
        Some(Kind::OptedOut) => {
            SesError::MessageRejected("The address is on the suppression list: it opted out.").into_response()
        }
        Some(Kind::Operator) => SesError::MessageRejected(
            "Email address is not verified. The following identities failed the check in region EU-NORTH-1.",
        )
        .into_response(),
        Some(Kind::QuotaSpent) => SesError::TooManyRequests("Daily message quota exceeded.").into_response(),
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

fn bad_request(message: impl Into<String>) -> SesError {
    SesError::BadRequest(message.into())
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<Sent, SesError> {
    let body = body.map_err(|error| bad_request(error.body_text()))?;
    let request: SendEmail = serde_json::from_slice(&body)
        .map_err(|error| bad_request(format!("The request body is not valid: {error}.")))?;

    let from = request.from_email_address.ok_or_else(|| bad_request("Missing required header 'From'."))?;
    let address = |given: &str| mailbox::address(given).map(str::to_owned).map_err(bad_request);
    address(&from)?;
    for given in &request.reply_to_addresses {
        address(given)?;
    }
    let Destination { to_addresses, cc_addresses, bcc_addresses } = request.destination;
    let recipients = [to_addresses, cc_addresses, bcc_addresses]
        .iter()
        .flatten()
        .map(|given| address(given).map(|address| mailbox::unquoted(&address)))
        .collect::<Result<Vec<_>, _>>()?;
    if recipients.is_empty() {
        return Err(bad_request("Missing required header 'To'."));
    }
    if recipients.len() > RECIPIENT_LIMIT {
        return Err(bad_request("Recipient count exceeds 50."));
    }

    let simple = request
        .content
        .ok_or_else(|| bad_request("Missing required member 'Content'."))?
        .simple
        .ok_or_else(|| bad_request("This gateway supports Content.Simple only, not Raw or Template."))?;
    if !simple.attachments.is_empty() {
        return Err(bad_request("This gateway supports Content.Simple without Attachments."));
    }
    if simple.body.text.is_none() && simple.body.html.is_none() {
        return Err(bad_request("Content.Simple.Body must have a Text or an Html part."));
    }
    if simple.headers.len() > HEADER_LIMIT || !simple.headers.iter().all(MessageHeader::is_taken) {
        return Err(bad_request("Content.Simple.Headers has a header that SES does not take."));
    }
    Ok(Sent {
        channel: Channel::Email,
        recipients,
        from: Some(from),
        headers: simple.headers.into_iter().map(|header| (header.name, header.value)).collect(),
        subject: Some(simple.subject.data),
        text: simple.body.text.map(|part| part.data).unwrap_or_default(),
        html: simple.body.html.map(|part| part.data),
        attributes: BTreeMap::new(),
    })
}
