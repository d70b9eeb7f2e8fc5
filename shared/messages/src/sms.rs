//! Text messages.

use regain_domain::port::Message;
use regain_locales::{Catalogue, FluentValue, WordsError};

use crate::site::Site;
use crate::time;

/// The text message for a message.
pub(crate) fn text(words: &Catalogue<'_>, site: &Site, message: &Message) -> Result<String, WordsError> {
    match message {
        Message::Code { code, reference, minutes } => {
            let code = code.reveal();
            let arguments = [
                ("code", FluentValue::from(code)),
                ("reference", FluentValue::from(reference.as_str())),
                ("minutes", FluentValue::from(*minutes)),
            ];
            let line = words.get("code-text", &arguments)?;
            // Phones offer the code to this site alone (WICG, "Origin-bound one-time codes delivered via
            // SMS"): the last line has to be exactly this.
            Ok(format!("{line}\n\n@{host} #{code}", host = site.host()))
        }
        Message::RecoveryLink { token, hours } => {
            let link = site.recovery_link(token);
            words.get("link-text", &[("link", FluentValue::from(link)), ("hours", FluentValue::from(*hours))])
        }
        Message::PasswordChanged { changed_at } => {
            let time = time::readable(*changed_at);
            let origin = FluentValue::from(site.origin());
            words.get("changed-text", &[("time", FluentValue::from(time)), ("origin", origin)])
        }
        Message::SignInFailures { are_spent, .. } => {
            let origin = [("origin", FluentValue::from(site.origin()))];
            if *are_spent {
                words.get("failures-text-spent", &origin)
            } else {
                words.get("failures-text-more", &origin)
            }
        }
    }
}
