//! Messages to people, and what sends them.

use std::future::Future;
use std::sync::Arc;

use crate::account::Contact;
use crate::{Code, Country, Fault, LinkToken, Locale, MessageId, PhoneNumber, Reference, Timestamp};

/// A message to a person, before words.
#[derive(Debug)]
pub enum Message {
    /// The code of a challenge.
    Code {
        /// The code.
        code: Code,
        /// The reference that the page shows too.
        reference: Reference,
        /// Whole minutes for which the code still works, at least 1; a few seconds less than a minute are one.
        minutes: u64,
        /// When it was asked for.
        requested_at: Timestamp,
    },
    /// Too many codes were asked for: a link that needs no guessing, which nobody can use up.
    RecoveryLink {
        /// The token in the link.
        token: LinkToken,
        /// Whole hours for which it works.
        hours: u64,
        /// When the code was asked for in whose place it comes.
        requested_at: Timestamp,
    },
    /// The password was changed.
    PasswordChanged {
        /// When.
        changed_at: Timestamp,
    },
    /// Somebody tried wrong passwords.
    SignInFailures {
        /// When the last of them was tried.
        at: Timestamp,
        /// Whether no more are allowed: only a known device or a new password leads in.
        are_spent: bool,
    },
}

/// Words a message and sends it.
pub trait Messenger: Send + Sync {
    /// Sends a message to an address in the first language of `locales` that there are words for; the id
    /// by which the service will tell of it, if it gave one.
    fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> impl Future<Output = Result<Option<MessageId>, SendError>> + Send;

    /// The country that a text message to a number counts for; `None` if none is sent there.
    fn country_of(&self, number: &PhoneNumber) -> Option<Country>;

    /// Whether messages can go to an address at all: not to a number of a country that gets no text messages.
    fn reaches(&self, address: &Contact) -> bool {
        match address {
            Contact::Email(_) => true,
            Contact::Phone(number) => self.country_of(number).is_some(),
        }
    }
}

impl<M: Messenger> Messenger for Arc<M> {
    async fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        M::send(self, to, locales, message).await
    }

    fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        M::country_of(self, number)
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The service won't ever take this message (bad address, opted-out number): pass it over.
    #[error("the message was refused: {reason}")]
    Refused {
        /// The service's own code for it, which names no person.
        reason: String,
    },
    /// The service takes no such message until an operator mends something (the sender, a quota, a permission): the
    /// same message is taken then.
    #[error("the message needs an operator: {reason}")]
    Operator {
        /// The service and its own code for it, which names no person.
        reason: String,
    },
    /// Throttled or out of service: it was not taken, and the same message may be taken later.
    #[error("the message could not be sent")]
    Failed(#[from] Fault),
    /// Nobody knows whether it was taken: the request went out and no answer came. Of emails this is
    /// [`Failed`](Self::Failed), because a second one does no harm; an SMS costs money each time.
    #[error("whether the message was sent is unknown")]
    Unknown(#[source] Fault),
}

/// Who has to mend a service's refusal. Each service's codes are sorted by it in its adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mender {
    /// The person's: the address takes no messages.
    Person,
    /// The operator's. What can't be told for certain is, too: the message is tried again rather than lost.
    Operator,
    /// Nobody's: it passes.
    Time,
}

impl Mender {
    /// The error for a service's code, which names no person.
    #[must_use]
    pub fn error(self, service: &str, code: &str) -> SendError {
        match self {
            Self::Person => SendError::Refused { reason: code.to_owned() },
            Self::Operator => SendError::Operator { reason: format!("{service}: {code}") },
            Self::Time => SendError::Failed(Fault::unavailable(format!("{service}: {code}"))),
        }
    }
}
