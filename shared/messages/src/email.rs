//! Emails: a subject and blocks, which one layout makes text and another HTML of.

use askama::Template;
use regain_domain::port::Message;
use regain_domain::{Code, LinkToken, Reference};
use regain_locales::{Catalogue, FluentValue};

use crate::site::Site;
use crate::{Email, MessageError, time};

/// A part of an email's body.
enum Block {
    /// Words.
    Paragraph(String),
    /// The code, for the eye to find at once, and the reference below it.
    Code { code: String, reference: String },
    /// An address of the site, shown as it is, so that a person sees where it leads.
    Link(String),
}

#[derive(Template)]
#[template(path = "email.html")]
struct Page<'a> {
    language: &'a str,
    subject: &'a str,
    blocks: &'a [Block],
}

/// The email for a message.
pub(crate) fn email(words: &Catalogue<'_>, site: &Site, message: &Message) -> Result<Email, MessageError> {
    match message {
        Message::Code { code, reference, minutes } => self::code(words, code, reference, *minutes),
        Message::RecoveryLink { token, hours } => recovery_link(words, site, token, *hours),
        Message::PasswordChanged { changed_at } => {
            password_changed(words, site, &time::readable(*changed_at))
        }
        Message::SignInFailures { at, are_spent } => {
            sign_in_failures(words, site, &time::readable(*at), *are_spent)
        }
    }
}

fn code(
    words: &Catalogue<'_>,
    code: &Code,
    reference: &Reference,
    minutes: u64,
) -> Result<Email, MessageError> {
    let reference = ("reference", FluentValue::from(reference.as_str()));
    let blocks = [
        Block::Paragraph(words.get("code-email-intro", &[])?),
        Block::Code {
            code: words.get("code-email-code", &[("code", FluentValue::from(code.reveal()))])?,
            reference: words.get("code-email-reference", std::slice::from_ref(&reference))?,
        },
        Block::Paragraph(words.get("code-email-use", &[("minutes", FluentValue::from(minutes))])?),
        Block::Paragraph(words.get("code-email-warning", &[])?),
        Block::Paragraph(words.get("code-email-not-you", &[])?),
    ];
    lay_out(words, words.get("code-email-subject", &[reference])?, &blocks)
}

fn recovery_link(
    words: &Catalogue<'_>,
    site: &Site,
    token: &LinkToken,
    hours: u64,
) -> Result<Email, MessageError> {
    let blocks = [
        Block::Paragraph(words.get("link-email-intro", &[])?),
        Block::Paragraph(words.get("link-email-action", &[])?),
        Block::Link(site.recovery_link(token)),
        Block::Paragraph(words.get("link-email-limits", &[("hours", FluentValue::from(hours))])?),
        Block::Paragraph(words.get("link-email-warning", &[])?),
        Block::Paragraph(words.get("link-email-not-you", &[])?),
    ];
    lay_out(words, words.get("link-email-subject", &[])?, &blocks)
}

fn password_changed(words: &Catalogue<'_>, site: &Site, time: &str) -> Result<Email, MessageError> {
    let blocks = [
        Block::Paragraph(words.get("changed-email-intro", &[("time", FluentValue::from(time))])?),
        Block::Paragraph(words.get("changed-email-signed-out", &[])?),
        Block::Paragraph(words.get("changed-email-you", &[])?),
        Block::Paragraph(words.get("changed-email-not-you", &[])?),
        Block::Link(site.origin().to_owned()),
        Block::Paragraph(words.get("changed-email-support", &[])?),
        Block::Paragraph(words.get("changed-email-warning", &[])?),
    ];
    lay_out(words, words.get("changed-email-subject", &[])?, &blocks)
}

fn sign_in_failures(
    words: &Catalogue<'_>,
    site: &Site,
    time: &str,
    are_spent: bool,
) -> Result<Email, MessageError> {
    let what_now = if are_spent {
        words.get("failures-email-spent", &[])?
    } else {
        words.get("failures-email-more", &[])?
    };
    let blocks = [
        Block::Paragraph(words.get("failures-email-intro", &[("time", FluentValue::from(time))])?),
        Block::Paragraph(what_now),
        Block::Paragraph(words.get("failures-email-forgotten", &[])?),
        Block::Link(site.origin().to_owned()),
        Block::Paragraph(words.get("failures-email-not-you", &[])?),
        Block::Paragraph(words.get("failures-email-warning", &[])?),
    ];
    lay_out(words, words.get("failures-email-subject", &[])?, &blocks)
}

fn lay_out(words: &Catalogue<'_>, subject: String, blocks: &[Block]) -> Result<Email, MessageError> {
    let page = Page { language: words.language(), subject: &subject, blocks };
    let html = page.render().map_err(|_| MessageError::Layout)?;
    let paragraphs: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(text) | Block::Link(text) => text.clone(),
            Block::Code { code, reference } => format!("{code}\n{reference}"),
        })
        .collect();
    Ok(Email { subject, text: paragraphs.join("\n\n") + "\n", html })
}
