//! What Regain writes to people: catalogues of words in Fluent (`locales/`), laid out as emails (text and
//! HTML) and as text messages.
//!
//! To add a language: copy `locales/en.ftl`, translate it, add it to [`catalogue::LANGUAGES`]; a test
//! says what is missing. To add a message: its keys in every catalogue, and how it is put together in
//! `email.rs` and in `text.rs`.
//!
//! A text message costs by its segments. In every language that there is, the one with a code fits one,
//! for a brand of up to 20 characters and a host of up to 30. A longer brand, or one in letters that GSM's
//! alphabet lacks (Cyrillic, say), is somebody's right: such a message is sent in more segments, which
//! phones put together again, and [`Catalogues::code_text_segments`] tells how many, to be logged.

pub mod catalogue;
mod email;
mod gsm;
mod site;
mod text;
mod time;

#[cfg(test)]
mod tests;

use regain_domain::port::Message;
use regain_domain::{Code, CodeLength, Locale, Reference};

pub use catalogue::{Catalogues, WordsError};

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

impl Catalogues {
    /// Words a message as an email, in the first language of `locales` that there is, or the default.
    ///
    /// # Errors
    /// [`WordsError`] if a catalogue lacks a word; a test holds that none does.
    pub fn email(&self, locales: &[Locale], message: &Message) -> Result<Email, WordsError> {
        email::email(&self.choose(locales), message)
    }

    /// Words a message as a text message, in the first language of `locales` that there is, or the
    /// default.
    ///
    /// # Errors
    /// [`WordsError`] if a catalogue lacks a word; a test holds that none does.
    pub fn text_message(&self, locales: &[Locale], message: &Message) -> Result<String, WordsError> {
        text::text(&self.choose(locales), message)
    }

    /// How many segments a text message with a code of `length` takes, in the language where it takes the
    /// most. More than one costs more than once; the brand, the host or both are the reason.
    ///
    /// # Errors
    /// [`WordsError`] if a catalogue lacks a word; a test holds that none does.
    pub fn code_text_segments(&self, length: CodeLength) -> Result<usize, WordsError> {
        let Some(code) = Code::parse(&"0".repeat(length.digits()), length) else { return Ok(1) };
        let message = Message::Code { code, reference: Reference::from_text("K7F"), minutes: 10 };
        self.every().try_fold(1, |most, words| Ok(most.max(gsm::segments(&text::text(&words, &message)?))))
    }
}
