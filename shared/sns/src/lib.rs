//! Sends text messages through Amazon SNS, to the countries that are allowed.
//!
//! A number's country, and whether it can be a mobile's, is read from its digits, [`country`]; whether it is anybody's
//! is left to SNS and the operators. `refusal` has SNS's error codes and whose it is to mend them.

pub mod country;
mod refusal;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::MessageAttributeValue;
use regain_domain::port::SendError;
use regain_domain::{Fault, MessageId, PhoneNumber};

pub use country::{Countries, CountriesError};

/// Why a message to a number that isn't a mobile's of an allowed country is refused: a word for logs and metrics. To
/// the public it looks as if the message had been sent.
pub const COUNTRY_NOT_ALLOWED: &str = "country_not_allowed";

/// The sender that a phone shows: 1 to 11 ASCII letters and digits, one letter at least (Amazon SNS
/// Developer Guide, "Sender IDs"). Where a country has no sender ids, SNS sends from a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderId(String);

impl SenderId {
    /// The error for a text that isn't one, after the name of its setting.
    pub const FORM: &str = "must be 1 to 11 ASCII letters and digits, one letter at least";

    /// Reads a sender id; `None` if it isn't one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (1..=11).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric())
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        well_formed.then(|| Self(text.to_owned()))
    }
}

/// A sender of text messages.
#[derive(Clone, Debug)]
pub struct SmsSender {
    client: Client,
    sender_id: Option<SenderId>,
    countries: Countries,
}

impl SmsSender {
    /// A sender to some countries. Whatever the client is set to, a message is sent once: the SDK's own retries would
    /// be messages that nobody counts.
    #[must_use]
    pub fn new(client: &Client, sender_id: Option<SenderId>, countries: Countries) -> Self {
        let once = client.config().to_builder().retry_config(RetryConfig::disabled());
        Self { client: Client::from_conf(once.build()), sender_id, countries }
    }

    /// Sends a text message to one number, as a transactional one: SNS prefers reliability to price, and
    /// sends at any hour. Gives its id, which the delivery status names.
    ///
    /// # Errors
    /// [`SendError::Refused`] if it isn't a mobile number of an allowed country, for which nothing is sent, or if SNS
    /// won't ever take the message; [`SendError::Operator`] if it takes it once an operator has mended something;
    /// [`SendError::Failed`] if it may do so later; [`SendError::Unknown`] if it may have taken it.
    pub async fn send(&self, to: &PhoneNumber, text: &str) -> Result<Option<MessageId>, SendError> {
        if !self.countries.allow(to) {
            return Err(SendError::Refused { reason: COUNTRY_NOT_ALLOWED.to_owned() });
        }
        let mut request = self
            .client
            .publish()
            .phone_number(to.as_str())
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional")?);
        if let Some(SenderId(id)) = &self.sender_id {
            request = request.message_attributes("AWS.SNS.SMS.SenderID", attribute(id)?);
        }
        let sent = request.send().await.map_err(|error| refusal::send_error(&error))?;
        Ok(sent.message_id().and_then(MessageId::parse))
    }
}

fn attribute(text: &str) -> Result<MessageAttributeValue, SendError> {
    let unbuilt = |error: BuildError| SendError::Failed(Fault::internal(error));
    MessageAttributeValue::builder().data_type("String").string_value(text).build().map_err(unbuilt)
}

#[cfg(test)]
mod tests {
    use super::SenderId;

    #[test]
    fn sender_ids_are_short_and_have_a_letter() {
        for id in ["A", "Regain", "2Acme", "ElevenChars"] {
            assert!(SenderId::parse(id).is_some(), "{id}");
        }
        for wrong in ["", "12345", "TwelveChars1", "Ac me", "Acme!", "Åcme", "Acme\n"] {
            assert_eq!(SenderId::parse(wrong), None, "{wrong:?}");
        }
    }
}
