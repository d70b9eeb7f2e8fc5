//! Text messages.

use regain_domain::port::Message;
use regain_locales::{FluentValue, WordsError};

use crate::{Writer, gsm, time};

impl Writer<'_> {
    /// The text message for a message.
    pub(crate) fn text(&self, message: &Message) -> Result<String, WordsError> {
        let origin = ("origin", FluentValue::from(self.origin.as_str()));
        let support = ("support", FluentValue::from(self.brand.support.as_str()));
        match message {
            Message::Code { code, reference, minutes, .. } => {
                let code = code.reveal();
                let arguments = [
                    ("code", FluentValue::from(code)),
                    ("reference", FluentValue::from(reference.as_str())),
                    ("minutes", FluentValue::from(*minutes)),
                ];
                let line = self.words.get("code-text", &arguments)?;
                // Phones offer the code to this site alone (WICG, "Origin-bound one-time codes delivered via
                // SMS"): the last line has to be exactly this.
                Ok(format!("{line}\n\n@{host} #{code}", host = self.origin.host()))
            }
            Message::RecoveryLink { token, hours, .. } => {
                let link = FluentValue::from(self.recovery_url(token));
                self.words.get("link-text", &[("link", link), ("hours", FluentValue::from(*hours))])
            }
            Message::PasswordChanged { changed_at } => {
                let time = FluentValue::from(time::readable(*changed_at));
                self.words.get("changed-text", &[("time", time), origin, support])
            }
            Message::SignInFailures { are_spent: false, .. } => {
                self.words.get("failures-text-more", &[origin, support])
            }
            Message::SignInFailures { are_spent: true, .. } => {
                self.words.get("failures-text-spent", &[origin, support])
            }
        }
    }

    /// The segments that a code by text takes in this language, with a brand and a host that aren't long: two where
    /// the language itself is outside of GSM's alphabet.
    pub(crate) fn usual_segments(&self) -> Result<usize, WordsError> {
        let reference = self.words.get("code-email-reference", &[])?;
        Ok(if gsm::septets(&reference).is_some() { 1 } else { 2 })
    }
}
