//! Regain's messages to people: the catalogue of messages (`regain-locales`), laid out as emails (text and HTML) and as
//! text messages.
//!
//! To add a message: its keys in every language's `messages.ftl`, and how it is put together in `email.rs` and in
//! `sms.rs`.
//!
//! A text message costs by its segments. In every language that there is, the one with a code fits one,
//! for a brand of up to 20 characters and a host of up to 30. A longer brand, or one in letters that GSM's
//! alphabet lacks (Cyrillic, say), is somebody's right: such a message is sent in more segments, which
//! phones put together again, and [`Messages::code_sms_segments`] tells how many, to be logged.

mod email;
mod gsm;
mod site;
mod sms;
mod time;

#[cfg(test)]
mod tests;

use regain_domain::port::Message;
use regain_domain::{Code, CodeLength, Locale, Reference};
use regain_locales::{Catalogues, WordsError};

use crate::site::Site;

/// Why a message can't be worded.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Something is wrong with the words.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The site's origin is malformed.
    #[error("messages need an origin such as https://example.com, without a path, not \"{0}\"")]
    NoOrigin(String),
    /// The layout failed.
    #[error("a message could not be laid out")]
    Layout,
}

/// The words of all messages, and the site that they name.
pub struct Messages {
    catalogues: Catalogues,
    site: Site,
}

/// An email, worded. Absent from `Debug`: it may hold a secret.
#[derive(PartialEq, Eq)]
pub struct Email {
    /// The subject: one line, without a secret.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, without images, scripts and styles from elsewhere. A link leads to the site
    /// alone.
    pub html: String,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(redacted)")
    }
}

impl Messages {
    /// The messages. `brand` is what the service calls itself; `origin` is the site that links lead to and that codes
    /// are bound to, such as `https://example.com`.
    ///
    /// # Errors
    /// [`MessageError`] if the default language is not among the catalogues, or `origin` isn't one.
    pub fn new(brand: impl Into<String>, origin: &str, default: &Locale) -> Result<Self, MessageError> {
        let catalogues = Catalogues::new(|language| language.messages, brand, default)?;
        let site = Site::new(origin).ok_or_else(|| MessageError::NoOrigin(origin.to_owned()))?;
        Ok(Self { catalogues, site })
    }

    /// Words a message as an email, in the first language of `locales` that there is, or the default.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn email(&self, locales: &[Locale], message: &Message) -> Result<Email, MessageError> {
        email::email(&self.catalogues.choose(locales), &self.site, message)
    }

    /// Words a message as a text message, in the first language of `locales` that there is, or the
    /// default.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn text_message(&self, locales: &[Locale], message: &Message) -> Result<String, MessageError> {
        Ok(sms::text(&self.catalogues.choose(locales), &self.site, message)?)
    }

    /// How many segments a text message with a code of `length` takes, in the language where it takes the
    /// most. More than one costs more than once; the brand, the host or both are the reason.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn code_sms_segments(&self, length: CodeLength) -> Result<usize, MessageError> {
        let Some(code) = Code::parse(&"0".repeat(length.digits()), length) else { return Ok(1) };
        let message = Message::Code { code, reference: Reference::from_text("K7F"), minutes: 10 };
        self.catalogues
            .every()
            .try_fold(1, |most, words| Ok(most.max(gsm::segments(&sms::text(&words, &self.site, &message)?))))
    }
}
