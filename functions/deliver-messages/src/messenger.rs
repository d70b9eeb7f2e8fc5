//! Words messages and sends them by the channel of the address.

use regain_domain::account::Contact;
use regain_domain::port::{Message, Messenger, SendError};
use regain_domain::{Fault, Locale};
use regain_messages::Catalogues;
use regain_ses::{Mailer, Parts};

/// The words and the ways to send them.
pub(crate) struct Outbox {
    pub(crate) catalogues: Catalogues,
    pub(crate) mailer: Mailer,
}

impl Messenger for Outbox {
    async fn send(&self, to: &Contact, locales: &[Locale], message: &Message) -> Result<(), SendError> {
        match to {
            Contact::Email(address) => {
                let email = self
                    .catalogues
                    .email(locales, message)
                    .map_err(|error| SendError::Failed(Fault::internal(error)))?;
                let parts = Parts { subject: &email.subject, text: &email.text, html: &email.html };
                self.mailer.send(address, parts).await
            }
            // Text messages are not sent yet: there is no way to this address.
            Contact::Phone(_) => Err(SendError::Refused { reason: "no text messages".to_owned() }),
        }
    }
}
