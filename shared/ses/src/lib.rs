//! Sends emails through Amazon SES, API v2.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use regain_domain::port::SendError;
use regain_domain::{EmailAddress, Fault, MessageId};

/// A sender of emails.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    from: String,
    configuration_set: Option<String>,
}

/// The parts of an email.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The subject.
    pub subject: &'a str,
    /// The plain text.
    pub text: &'a str,
    /// The HTML.
    pub html: &'a str,
}

/// What SES answers to a message that it won't ever take. Everything else may pass: a paused account or
/// an unverified sender is the operator's to mend, and the message waits for it as long as it is worth
/// sending.
const REFUSALS: &[&str] = &["BadRequestException", "MessageRejected"];

impl Mailer {
    /// A sender that writes from an address that SES has verified, under a configuration set or else under
    /// the one that the address's identity has by default.
    #[must_use]
    pub fn new(client: Client, from: impl Into<String>, configuration_set: Option<String>) -> Self {
        Self { client, from: from.into(), configuration_set }
    }

    /// Sends an email to one address; its id, which events of SES name.
    ///
    /// # Errors
    /// [`SendError::Refused`] if SES won't take it, [`SendError::Failed`] if it may do so later.
    pub async fn send(&self, to: &EmailAddress, parts: Parts<'_>) -> Result<Option<MessageId>, SendError> {
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(unbuilt);
        let body = Body::builder().text(content(parts.text)?).html(content(parts.html)?).build();
        let message = Message::builder().subject(content(parts.subject)?).body(body).build();
        let sent = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .set_configuration_set_name(self.configuration_set.clone())
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        Ok(sent.message_id().and_then(MessageId::parse))
    }
}

fn unbuilt(error: BuildError) -> SendError {
    SendError::Failed(Fault::internal(error))
}

/// Only the error's code goes on: its message quotes addresses.
fn send_error(error: &SdkError<SendEmailError>) -> SendError {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) if REFUSALS.contains(&code) => SendError::Refused { reason: code.to_owned() },
        Some(code) => SendError::Failed(Fault::unavailable(format!("ses: {code}"))),
        None => SendError::Failed(Fault::unavailable("ses: no usable answer")),
    }
}
