//! Emails, each laid out as text and as HTML from the same words.

use askama::Template;
use fluent_bundle::FluentValue;
use regain_domain::{Code, Reference};

use crate::Email;
use crate::catalogue::{Words, WordsError};

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    language: &'a str,
    subject: &'a str,
    intro: &'a str,
    code: &'a str,
    reference: &'a str,
    usage: &'a str,
    warning: &'a str,
    not_you: &'a str,
}

/// The message with a code.
pub(crate) fn code(
    words: &Words<'_>,
    code: &Code,
    reference: &Reference,
    minutes: u64,
) -> Result<Email, WordsError> {
    let reference = ("reference", FluentValue::from(reference.as_str()));
    let subject = words.get("code-email-subject", std::slice::from_ref(&reference))?;
    let intro = words.get("code-email-intro", &[])?;
    let code = words.get("code-email-code", &[("code", FluentValue::from(code.reveal()))])?;
    let reference = words.get("code-email-reference", &[reference])?;
    let usage = words.get("code-email-use", &[("minutes", FluentValue::from(minutes))])?;
    let warning = words.get("code-email-warning", &[])?;
    let not_you = words.get("code-email-not-you", &[])?;
    let page = CodePage {
        language: words.language(),
        subject: &subject,
        intro: &intro,
        code: &code,
        reference: &reference,
        usage: &usage,
        warning: &warning,
        not_you: &not_you,
    };
    let html = page.render().map_err(|_| WordsError::Layout)?;
    let text = format!("{intro}\n\n{code}\n{reference}\n\n{usage}\n\n{warning}\n\n{not_you}\n");
    Ok(Email { subject, text, html })
}

#[cfg(test)]
mod tests {
    use regain_domain::port::Message;
    use regain_domain::{CodeLength, Locale};

    use super::*;
    use crate::catalogue::{Catalogues, LANGUAGES};

    fn message(minutes: u64) -> Message {
        let code = Code::parse("012345", CodeLength::new(6).unwrap()).unwrap();
        Message::Code { code, reference: Reference::from_text("K7F"), minutes }
    }

    fn locale(tag: &str) -> Locale {
        Locale::parse(tag).unwrap()
    }

    #[test]
    fn the_code_stands_in_text_and_html_but_not_in_the_subject() {
        let catalogues = Catalogues::new("Acme & Sons", &locale("en")).unwrap();
        let email = catalogues.email(&[], &message(10)).unwrap();
        assert_eq!(email.subject, "Reset your Acme & Sons password (reference K7F)");
        assert!(email.text.contains("Your code: 012345\nReference: K7F\n"), "{}", email.text);
        assert!(email.text.contains("10 minutes"));
        assert!(
            email.html.contains("Your code: 012345") && email.html.contains("Acme &#38; Sons"),
            "{}",
            email.html
        );
        assert!(!email.subject.contains("012345") && !email.html.contains("http"));
        assert!(catalogues.email(&[], &message(1)).unwrap().text.contains("one minute"));
    }

    #[test]
    fn every_language_words_every_message() {
        for (tag, _) in LANGUAGES {
            let catalogues = Catalogues::new("Acme", &locale(tag)).unwrap();
            let email = catalogues.email(&[], &message(10)).unwrap();
            assert!(email.html.contains(&format!("<html lang=\"{tag}\">")));
            assert!(!email.text.contains('\u{2068}'));
        }
    }

    #[test]
    fn an_unknown_language_gets_the_default() {
        let catalogues = Catalogues::new("Acme", &locale("en-GB")).unwrap();
        let default = catalogues.email(&[], &message(10)).unwrap();
        assert_eq!(catalogues.email(&[locale("tlh")], &message(10)).unwrap(), default);
        assert!(Catalogues::new("Acme", &locale("tlh")).is_err());
    }
}
