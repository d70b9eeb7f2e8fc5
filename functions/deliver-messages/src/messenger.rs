//! Words messages and sends them by the channel of the address.

use std::sync::{Arc, LazyLock};

use regain_domain::account::Contact;
use regain_domain::port::{Message, Messenger, SendError};
use regain_domain::{Country, Fault, Locale, MessageId, PhoneNumber};
use regain_messages::{MessageError, Messages};
use regain_ses::{Mailer, Parts};
use regain_sns::country::region;
use regain_sns::{Countries, SmsSender};

use crate::telemetry::Outgoing;

/// Made when it is first needed. A client of the SDK reads tables of endpoints when it is made, which would be
/// a fifth of a cold start each, and most processes send by one channel alone.
pub(crate) type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// The words and the ways to send them.
pub(crate) struct Courier {
    pub(crate) messages: Arc<Messages>,
    pub(crate) mailer: Lazy<Mailer>,
    pub(crate) sms_sender: Lazy<SmsSender>,
    pub(crate) countries: Countries,
}

impl Messenger for Courier {
    async fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        let sent = self.hand_over(to, locales, message).await;
        let (channel, country) = match to {
            Contact::Email(_) => ("email", "-"),
            Contact::Phone(number) => ("sms", region(number)),
        };
        let outgoing = Outgoing { channel, country, message: name(message) };
        match &sent {
            Ok(_) => outgoing.taken(),
            Err(SendError::Refused { reason }) => outgoing.refused(reason),
            Err(SendError::Operator { reason }) => outgoing.needs_operator(reason),
            Err(SendError::Unknown(_)) => outgoing.unknown(),
            // The record that it belongs to comes again, and says so.
            Err(SendError::Failed(_)) => {}
        }
        sent
    }

    fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        self.countries.country_of(number)
    }
}

impl Courier {
    async fn hand_over(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        match to {
            Contact::Email(address) => {
                let email = self.messages.email(locales, message).map_err(unworded)?;
                let parts = Parts { subject: &email.subject, text: &email.text, html: &email.html };
                self.mailer.send(address, parts).await
            }
            Contact::Phone(number) => {
                let text = self.messages.text_message(locales, message).map_err(unworded)?;
                self.sms_sender.send(number, &text).await
            }
        }
    }
}

/// The message's name in logs and metrics.
fn name(message: &Message) -> &'static str {
    match message {
        Message::Code { .. } => "code",
        Message::RecoveryLink { .. } => "link",
        Message::PasswordChanged { .. } | Message::SignInFailures { .. } => "notice",
    }
}

fn unworded(error: MessageError) -> SendError {
    SendError::Failed(Fault::internal(error))
}
