//! Words messages and sends them by the channel of the address.

use std::sync::LazyLock;

use regain_domain::account::Contact;
use regain_domain::port::{Message, Messenger, SendError};
use regain_domain::{Fault, Locale, MessageId};
use regain_messages::{Catalogues, WordsError};
use regain_ses::{Mailer, Parts};
use regain_sns::Texter;

/// Made when it is first needed. A client of the SDK reads tables of endpoints when it is made, which would be
/// a fifth of a cold start each, and most processes send by one channel alone.
pub(crate) type Later<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// The words and the ways to send them.
pub(crate) struct Outbox {
    pub(crate) catalogues: Catalogues,
    pub(crate) mailer: Later<Mailer>,
    pub(crate) texter: Later<Texter>,
}

impl Messenger for Outbox {
    async fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        match to {
            Contact::Email(address) => {
                let email = self.catalogues.email(locales, message).map_err(unworded)?;
                let parts = Parts { subject: &email.subject, text: &email.text, html: &email.html };
                self.mailer.send(address, parts).await
            }
            Contact::Phone(number) => {
                let text = self.catalogues.text_message(locales, message).map_err(unworded)?;
                self.texter.send(number, &text).await
            }
        }
    }
}

fn unworded(error: WordsError) -> SendError {
    SendError::Failed(Fault::internal(error))
}
