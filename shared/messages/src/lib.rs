//! What Regain writes to people: catalogues of words in Fluent (`locales/`), laid out as text and HTML.
//!
//! To add a language: copy `locales/en.ftl`, translate it, add it to [`catalogue::LANGUAGES`]; a test
//! says what is missing. To add a message: its keys in every catalogue and a function in [`email`].

pub mod catalogue;
mod email;

use regain_domain::Locale;
use regain_domain::port::Message;

pub use catalogue::{Catalogues, WordsError};

/// An email, worded.
#[derive(Debug, PartialEq, Eq)]
pub struct Email {
    /// The subject: one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, without links, images and scripts.
    pub html: String,
}

impl Catalogues {
    /// Words a message as an email, in the first language of `locales` that there is, or the default.
    ///
    /// # Errors
    /// [`WordsError`] if a catalogue lacks a word; a test holds that none does.
    pub fn email(&self, locales: &[Locale], message: &Message) -> Result<Email, WordsError> {
        match message {
            Message::Code { code, reference, minutes } => {
                email::code(&self.choose(locales), code, reference, *minutes)
            }
        }
    }
}
