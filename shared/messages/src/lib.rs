//! Regain's messages to people: the catalogue of messages (`regain-locales`), laid out as emails (text and HTML) and as
//! text messages.
//!
//! To add a message: its keys in every language's `messages.ftl`, and how it is put together in `email.rs` and in
//! `sms.rs`. `tests/pictures.py` shows what emails look like.
//!
//! A text message costs by its segments. The one with a code fits one, for a brand of up to 20 characters and a host of
//! up to 30; in a language that GSM's alphabet lacks (Arabic), two. A longer brand, or one in letters that GSM's
//! alphabet lacks (Cyrillic, say), is somebody's right: such a message is sent in more segments, which
//! phones put together again, and [`Messages::costly_codes`] tells where, to be logged.

mod email;
mod gsm;
mod sms;
mod time;

#[cfg(test)]
mod tests;

use regain_domain::brand::Brand;
use regain_domain::port::Message;
use regain_domain::{Code, CodeLength, LinkToken, Locale, Origin, Reference, Timestamp};
use regain_locales::{Catalogue, Catalogues, Languages, WordsError};

/// Why a message can't be worded.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Something is wrong with the words.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The layout failed.
    #[error("a message could not be laid out")]
    Layout,
}

/// The words of all messages, and the site and the brand that they name.
pub struct Messages {
    catalogues: Catalogues,
    origin: Origin,
    brand: Brand,
}

/// Words messages in one language: as emails in `email.rs`, as text messages in `sms.rs`.
struct Writer<'a> {
    words: Catalogue<'a>,
    /// The site: from configuration, never from a request.
    origin: &'a Origin,
    brand: &'a Brand,
}

/// An email, worded. Absent from `Debug`: it may hold a secret.
#[derive(PartialEq, Eq)]
pub struct Email {
    /// The subject: one line, without a secret.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, without images, scripts and styles from elsewhere. A link leads to the site or
    /// to support.
    pub html: String,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(redacted)")
    }
}

/// A language in which a code by text costs more than it has to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostlyCode {
    /// The language's tag.
    pub language: &'static str,
    /// How many segments it takes.
    pub segments: usize,
}

impl Messages {
    /// The messages. `origin` is the site that links lead to and that codes are bound to.
    #[must_use]
    pub fn new(brand: Brand, origin: Origin, languages: &Languages) -> Self {
        let catalogues = Catalogues::new(|language| language.messages, languages, brand.name.clone());
        Self { catalogues, origin, brand }
    }

    /// Words a message as an email, in the first language of `locales` that there is, or the default.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn email(&self, locales: &[Locale], message: &Message) -> Result<Email, MessageError> {
        self.writer(self.catalogues.choose(locales)).email(message)
    }

    /// Words a message as a text message, in the first language of `locales` that there is, or the
    /// default.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn text_message(&self, locales: &[Locale], message: &Message) -> Result<String, MessageError> {
        Ok(self.writer(self.catalogues.choose(locales)).text(message)?)
    }

    /// The languages in which a text message with a code of `length` takes more segments than the language itself
    /// needs; the brand, the host or both are the reason.
    ///
    /// # Errors
    /// [`MessageError`] if a catalogue lacks a word; a test holds that none does.
    pub fn costly_codes(&self, length: CodeLength) -> Result<Vec<CostlyCode>, MessageError> {
        let Some(code) = Code::parse(&"0".repeat(length.digits()), length) else { return Ok(Vec::new()) };
        let (reference, requested_at) = (Reference::from_text("K7F"), Timestamp::from_unix(0));
        let message = Message::Code { code, reference, minutes: 10, requested_at };
        let mut costly = Vec::new();
        for words in self.catalogues.every() {
            let writer = self.writer(words);
            let segments = gsm::segments(&writer.text(&message)?);
            if segments > writer.usual_segments()? {
                costly.push(CostlyCode { language: words.language(), segments });
            }
        }
        Ok(costly)
    }

    fn writer<'a>(&'a self, words: Catalogue<'a>) -> Writer<'a> {
        Writer { words, origin: &self.origin, brand: &self.brand }
    }
}

impl Writer<'_> {
    /// The page that takes the token of a recovery link, where it can be typed too.
    fn link_page(&self) -> String {
        format!("{}/recover/link", self.origin.as_str())
    }

    /// The recovery link. The token is the fragment: a browser keeps it from servers and their logs, and a scanner
    /// that follows the link changes nothing.
    fn recovery_url(&self, token: &LinkToken) -> String {
        format!("{}#token={}", self.link_page(), *token.reveal())
    }
}
