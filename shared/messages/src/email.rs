//! Emails: a subject and blocks, which one layout makes text and another HTML of.

use askama::Template;
use regain_domain::brand::{Rgb, Support};
use regain_domain::port::Message;
use regain_domain::{Code, LinkToken, Reference, Timestamp};
use regain_locales::{FluentValue, WordsError};

use crate::{Email, MessageError, Writer, time};

/// The content of an email.
struct Content {
    subject: String,
    /// The preview that mail programs show beside the subject: without a secret.
    preheader: String,
    heading: String,
    blocks: Vec<Block>,
}

/// A part of an email's body.
enum Block {
    /// Words.
    Paragraph(String),
    /// Words that come after what is to be done.
    Note(String),
    /// The code, for the eye to find at once and the hand to select, and the reference below it.
    Code { code: Labelled, reference: Labelled },
    /// The one thing to do.
    Button { label: String, address: String },
    /// An address of the site, shown as it is, so that a person sees where it leads.
    Site(String),
    /// The token of a recovery link in groups, to be typed or copied.
    LinkCode(Labelled),
}

/// A value below its label.
struct Labelled {
    label: String,
    value: String,
    /// Both in one line.
    line: String,
}

#[derive(Template)]
#[template(path = "email.html")]
struct Page<'a> {
    language: &'a str,
    direction: &'a str,
    /// The side on which lines start.
    start: &'a str,
    content: &'a Content,
    help: &'a str,
    support: &'a Support,
    brand: &'a str,
    color: String,
    color_on_dark: String,
    dark: Rgb,
}

impl Writer<'_> {
    /// The email for a message.
    pub(crate) fn email(&self, message: &Message) -> Result<Email, MessageError> {
        self.lay_out(&match message {
            Message::Code { code, reference, minutes, requested_at } => {
                self.code(code, reference, *minutes, *requested_at)?
            }
            Message::RecoveryLink { token, hours, requested_at } => {
                self.recovery_link(token, *hours, *requested_at)?
            }
            Message::PasswordChanged { changed_at } => self.password_changed(*changed_at)?,
            Message::SignInFailures { at, are_spent } => self.sign_in_failures(*at, *are_spent)?,
        })
    }

    fn code(
        &self,
        code: &Code,
        reference: &Reference,
        minutes: u64,
        requested_at: Timestamp,
    ) -> Result<Content, WordsError> {
        let words = &self.words;
        let named = [("reference", FluentValue::from(reference.as_str()))];
        let (code_label, reference_label) =
            (words.get("code-email-code", &[])?, words.get("code-email-reference", &[])?);
        Ok(Content {
            subject: words.get("code-email-subject", &named)?,
            preheader: self.words.prose("code-email-preheader", &named)?,
            heading: words.get("code-email-heading", &[])?,
            blocks: vec![
                Block::Paragraph(self.words.prose("code-email-intro", &[self.time(requested_at)?])?),
                Block::Code {
                    code: self.labelled(code_label, code.reveal())?,
                    reference: self.labelled(reference_label, reference.as_str())?,
                },
                Block::Paragraph(self.words.prose("code-email-use", &[("minutes", minutes.into())])?),
                Block::Note(self.words.prose("code-email-warning", &[])?),
                Block::Note(self.words.prose("code-email-not-you", &[])?),
            ],
        })
    }

    fn recovery_link(
        &self,
        token: &LinkToken,
        hours: u64,
        requested_at: Timestamp,
    ) -> Result<Content, WordsError> {
        let words = &self.words;
        Ok(Content {
            subject: words.get("link-email-subject", &[])?,
            preheader: self.words.prose("link-email-preheader", &[])?,
            heading: words.get("link-email-heading", &[])?,
            blocks: vec![
                Block::Paragraph(self.words.prose("link-email-intro", &[self.time(requested_at)?])?),
                Block::Paragraph(self.words.prose("link-email-action", &[])?),
                Block::Button {
                    label: words.get("link-email-button", &[])?,
                    address: self.recovery_url(token),
                },
                Block::Paragraph(self.words.prose("link-email-typed", &[])?),
                Block::Site(self.link_page()),
                Block::LinkCode(
                    self.labelled(words.get("link-email-code", &[])?, &token.reveal_in_groups())?,
                ),
                Block::Paragraph(self.words.prose("link-email-limits", &[("hours", hours.into())])?),
                Block::Note(self.words.prose("link-email-warning", &[])?),
                Block::Note(self.words.prose("link-email-not-you", &[])?),
            ],
        })
    }

    fn password_changed(&self, at: Timestamp) -> Result<Content, WordsError> {
        let words = &self.words;
        Ok(Content {
            subject: words.get("changed-email-subject", &[])?,
            preheader: self.words.prose("changed-email-preheader", &[])?,
            heading: words.get("changed-email-heading", &[])?,
            blocks: vec![
                Block::Paragraph(self.words.prose("changed-email-intro", &[self.time(at)?])?),
                Block::Paragraph(self.words.prose("changed-email-you", &[])?),
                Block::Paragraph(self.words.prose("changed-email-not-you", &[])?),
                Block::Site(self.origin.as_str().to_owned()),
                Block::Paragraph(self.words.prose("changed-email-support", &[])?),
                Block::Note(self.words.prose("changed-email-warning", &[])?),
            ],
        })
    }

    fn sign_in_failures(&self, at: Timestamp, are_spent: bool) -> Result<Content, WordsError> {
        let words = &self.words;
        let what_now = if are_spent { "failures-email-spent" } else { "failures-email-more" };
        Ok(Content {
            subject: words.get("failures-email-subject", &[])?,
            preheader: self.words.prose("failures-email-preheader", &[])?,
            heading: words.get("failures-email-heading", &[])?,
            blocks: vec![
                Block::Paragraph(self.words.prose("failures-email-intro", &[self.time(at)?])?),
                Block::Paragraph(self.words.prose(what_now, &[])?),
                Block::Paragraph(self.words.prose("failures-email-forgotten", &[])?),
                Block::Site(self.origin.as_str().to_owned()),
                Block::Note(self.words.prose("failures-email-not-you", &[])?),
                Block::Note(self.words.prose("failures-email-warning", &[])?),
            ],
        })
    }

    /// The argument for a time. A person's time zone isn't known: it is UTC.
    fn time(&self, at: Timestamp) -> Result<(&'static str, FluentValue<'static>), WordsError> {
        let Some(at) = time::Parts::of(at) else { return Ok(("time", time::readable(at).into())) };
        let (day, month, year) =
            (("day", at.day.into()), ("month", at.month.into()), ("year", at.year.into()));
        let clock = ("clock", self.words.isolated(at.clock()).into());
        Ok(("time", self.words.get("email-time", &[day, month, year, clock])?.into()))
    }

    fn labelled(&self, label: String, value: &str) -> Result<Labelled, WordsError> {
        let arguments = [("label", FluentValue::from(label.as_str())), ("value", FluentValue::from(value))];
        let line = self.words.get("email-labelled", &arguments)?;
        Ok(Labelled { label, value: value.to_owned(), line })
    }

    fn lay_out(&self, content: &Content) -> Result<Email, MessageError> {
        let (help, support) = (self.words.get("email-help", &[])?, &self.brand.support);
        let (direction, start) =
            if self.words.is_right_to_left() { ("rtl", "right") } else { ("ltr", "left") };
        let page = Page {
            language: self.words.language(),
            direction,
            start,
            content,
            help: &help,
            support,
            brand: &self.brand.name,
            color: self.brand.color.to_string(),
            color_on_dark: self.brand.color.on_dark().to_string(),
            dark: Rgb::DARK,
        };
        let html = page.render().map_err(|_| MessageError::Layout)?;
        let foot = format!("{help}\n{}\n", support.as_str());
        let paragraphs = content.blocks.iter().map(|block| match block {
            Block::Paragraph(words) | Block::Note(words) => words.clone(),
            Block::Code { code, reference } => format!("{}\n{}", code.line, reference.line),
            Block::Button { address, .. } | Block::Site(address) => address.clone(),
            Block::LinkCode(code) => code.line.clone(),
        });
        let text = paragraphs.chain([foot]).collect::<Vec<_>>().join("\n\n");
        Ok(Email { subject: content.subject.clone(), text, html })
    }
}
