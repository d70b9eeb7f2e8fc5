//! Words messages and sends them by the channel of the address.

use regain_domain::account::Contact;
use regain_domain::port::{Message, Messenger, SendError};
use regain_domain::{Fault, Locale};
use regain_messages::{Catalogues, WordsError};
use regain_ses::{Mailer, Parts};
use regain_sns::Texter;

/// The words and the ways to send them.
pub(crate) struct Outbox {
    pub(crate) catalogues: Catalogues,
    pub(crate) mailer: Mailer,
    pub(crate) texter: Texter,
}

impl Messenger for Outbox {
    async fn send(&self, to: &Contact, locales: &[Locale], message: &Message) -> Result<(), SendError> {
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
