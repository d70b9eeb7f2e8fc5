//! Sends emails through Amazon SES, API v2.
//!
//! [`Sender`] is who they are from. `refusal` has SES's error codes and whose it is to mend them; a new code is a row
//! there, and one of the table in `docs/operations.md`.

mod refusal;
mod sender;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use regain_domain::port::SendError;
use regain_domain::{EmailAddress, Fault, MessageId};

pub use sender::{Sender, SenderError};

/// Headers by which programs that answer mail know that nobody reads the answer.
///
/// - `Auto-Submitted` keeps away responders that follow RFC 3834 (section 5).
/// - `X-Auto-Response-Suppress` is what Exchange reads ([MS-OXCMAIL], section 2.2.3.2.14). It names all but
///   `NDR`: reports of mail that can't be delivered are how a suppressed address is known.
///
/// `Precedence: bulk` is not among them. RFC 2076 discourages it, RFC 3834 makes it needless, and mail providers file
/// such mail under promotions, where nobody looks for a code.
///
/// [MS-OXCMAIL]: https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail
const HEADERS: [(&str, &str); 2] =
    [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")];

/// A sender of emails.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    from: Sender,
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

impl Mailer {
    /// A sender that writes from an address that SES has verified, under a configuration set or else under
    /// the one that the address's identity has by default. Whatever the client is set to, an email is sent once: the
    /// SDK's own retries would be copies that nobody counts.
    #[must_use]
    pub fn new(client: &Client, from: Sender, configuration_set: Option<String>) -> Self {
        let once = client.config().to_builder().retry_config(RetryConfig::disabled());
        Self { client: Client::from_conf(once.build()), from, configuration_set }
    }

    /// Sends an email to one address; its id, which events of SES name.
    ///
    /// # Errors
    /// [`SendError::Refused`] if SES won't ever take it, [`SendError::Operator`] if it takes it once an operator has
    /// mended something, [`SendError::Failed`] if it may do so later.
    pub async fn send(&self, to: &EmailAddress, parts: Parts<'_>) -> Result<Option<MessageId>, SendError> {
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(unbuilt);
        let body = Body::builder().text(content(parts.text)?).html(content(parts.html)?).build();
        let message = HEADERS.into_iter().try_fold(Message::builder(), |message, (name, value)| {
            let header = MessageHeader::builder().name(name).value(value).build().map_err(unbuilt)?;
            Ok::<_, SendError>(message.headers(header))
        })?;
        let message = message.subject(content(parts.subject)?).body(body).build();
        let sent = self
            .client
            .send_email()
            .from_email_address(self.from.as_str())
            .set_configuration_set_name(self.configuration_set.clone())
            .destination(Destination::builder().to_addresses(to.to_mailbox()).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .map_err(|error| refusal::send_error(&error))?;
        Ok(sent.message_id().and_then(MessageId::parse))
    }
}

fn unbuilt(error: BuildError) -> SendError {
    SendError::Failed(Fault::internal(error))
}
