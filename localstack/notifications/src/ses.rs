//! Amazon SES API v2, `SendEmail` as [the reference] has it (rest-json): what is read of a request, the answer,
//! the errors, and the faults in its shape.
//!
//! `Content.Simple` is supported; `Raw`, `Template` and attachments are refused with a message saying so. The
//! gateway knows no identities: any sender is verified, any configuration set exists, tags are taken and dropped.
//!
//! | fault | answer |
//! | --- | --- |
//! | `throttle` | 429 `TooManyRequestsException` |
//! | `server_error` | 500 `InternalServiceErrorException` |
//! | `bounce` | taken, never kept; a permanent bounce is told later |
//! | `opted_out` | 400 `MessageRejected` |
//! | `hang` | none |
//! | `drop_after_accept` | the message is kept, the connection breaks |
//!
//! [the reference]: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html

use std::collections::BTreeMap;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::Gateway;
use crate::fault::Kind;
use crate::http::{broken_off, ok_json};
use crate::inbox::{Channel, Sent};

/// How many recipients a send may have: SES's quota.
const RECIPIENT_LIMIT: usize = 50;

/// How long an address may be, in bytes: SES's limit.
const ADDRESS_LIMIT: usize = 320;

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
    #[serde(default, rename = "Headers")]
    _headers: Vec<MessageHeader>,
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

/// A header the sender adds. Read for its form only.
#[derive(Debug, Deserialize)]
struct MessageHeader {
    #[serde(rename = "Name")]
    _name: String,
    #[serde(rename = "Value")]
    _value: String,
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
    #[error("Maximum sending rate exceeded.")]
    TooManyRequests,
    #[error("An internal error occurred.")]
    Internal,
}

impl IntoResponse for SesError {
    fn into_response(self) -> Response {
        let (status, name) = match &self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequestException"),
            Self::MessageRejected(_) => (StatusCode::BAD_REQUEST, "MessageRejected"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
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
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let sent = match read(body) {
        Ok(sent) => sent,
        Err(error) => return error.into_response(),
    };
    match gateway.strike(Channel::Email, &sent.recipients) {
        None => ok_json(&json!({ "MessageId": gateway.keep(sent) })),
        Some(Kind::Throttle) => SesError::TooManyRequests.into_response(),
        Some(Kind::ServerError) => SesError::Internal.into_response(),
        Some(Kind::Bounce) => ok_json(&json!({ "MessageId": gateway.lose(&sent) })),
        Some(Kind::OptedOut) => {
            SesError::MessageRejected("The address is on the suppression list: it opted out.").into_response()
        }
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
    mailbox(&from)?;
    for address in &request.reply_to_addresses {
        mailbox(address)?;
    }
    let Destination { to_addresses, cc_addresses, bcc_addresses } = request.destination;
    let recipients = [to_addresses, cc_addresses, bcc_addresses]
        .iter()
        .flatten()
        .map(|address| mailbox(address).map(str::to_owned))
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
    Ok(Sent {
        channel: Channel::Email,
        recipients,
        from: Some(from),
        subject: Some(simple.subject.data),
        text: simple.body.text.map(|part| part.data).unwrap_or_default(),
        html: simple.body.html.map(|part| part.data),
        attributes: BTreeMap::new(),
    })
}

/// The bare address of `anna@example.com` or `"Anna" <anna@example.com>`.
///
/// Checked no more than it takes to tell an address from a mistake.
fn mailbox(value: &str) -> Result<&str, SesError> {
    let value = value.trim();
    let address = match (value.strip_suffix('>'), value.rsplit_once('<')) {
        (Some(_), Some((_, address))) => address.trim_end_matches('>'),
        _ => value,
    };
    let well_formed = address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && address.len() <= ADDRESS_LIMIT
            && !value.chars().any(char::is_control)
            && !address.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | ','))
    });
    if well_formed { Ok(address) } else { Err(bad_request("Illegal address.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_name() {
        for (value, address) in [
            ("anna@example.com", "anna@example.com"),
            (" anna@example.com ", "anna@example.com"),
            ("Anna <anna@example.com>", "anna@example.com"),
            ("\"A, B\" <anna+x@example.com>", "anna+x@example.com"),
            ("<anna@example.com>", "anna@example.com"),
        ] {
            assert_eq!(mailbox(value).unwrap(), address);
        }
    }

    #[test]
    fn mistakes_are_not_addresses() {
        for value in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "an na@example.com",
            "a@example.com,b@example.com",
            "a\n@b.c",
        ] {
            assert!(mailbox(value).is_err(), "{value}");
        }
        assert!(mailbox(&format!("{}@example.com", "a".repeat(320))).is_err());
    }
}
