//! The sender of emails, and how it stands in the header `From`.

use std::fmt;

use data_encoding::BASE64;
use regain_domain::EmailAddress;
use thiserror::Error;

/// The longest line of a message without its end (RFC 5322, section 2.1.1), less `From: `: whether SES folds a longer
/// one is not documented.
const LENGTH_LIMIT: usize = 998 - "From: ".len();

/// The bytes that an encoded-word may stand for: it has 75 characters at the most (RFC 2047, section 2), 12 of them
/// around the Base64.
const ENCODED_BYTES: usize = (75 - 12) / 4 * 3;

/// Why a text is no sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SenderError {
    /// There is no email address where one must be.
    #[error("must be an email address, or a name and an email address as in Acme <no-reply@example.com>")]
    Address,
    /// The name has characters that no header can have.
    #[error("must have a name in one line, without control characters")]
    Name,
    /// The name is too long.
    #[error("must have a shorter name")]
    Length,
}

/// The sender of emails: an address, with a name that people read or without one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(String);

impl Sender {
    /// Reads `no-reply@example.com` or `Acme <no-reply@example.com>`. The name is written as people shall read it, with
    /// any characters, in quotation marks or not; encoded-words (RFC 2047) are left as they are.
    ///
    /// # Errors
    /// [`SenderError`].
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(SenderError::Name);
        }
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').ok_or(SenderError::Address)?,
            None => ("", text),
        };
        let address = address_form(address).ok_or(SenderError::Address)?;
        let name = unquoted(name.trim());
        let header = if name.is_empty() { address } else { format!("{} <{address}>", phrase(&name)) };
        if header.len() > LENGTH_LIMIT {
            return Err(SenderError::Length);
        }
        Ok(Self(header))
    }

    /// The sender as the header has it, in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An address as SES takes it: the domain in its ASCII form, the local part with its capitals, because SES verifies
/// addresses with theirs.
fn address_form(text: &str) -> Option<String> {
    let address = EmailAddress::parse(text)?;
    let (local, _) = text.split_once('@')?;
    let (known_local, domain) = address.as_str().split_once('@')?;
    // A dot-atom (RFC 5322, section 3.2.3), whatever recipients may have.
    let is_sent = local.eq_ignore_ascii_case(known_local) && local.split('.').all(|atom| !atom.is_empty());
    is_sent.then(|| format!("{local}@{domain}"))
}

/// A name without the quotation marks around it. Marks within it are part of the name.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => return name.to_owned(),
            '\\' => match characters.next() {
                Some(escaped) => plain.push(escaped),
                None => return name.to_owned(),
            },
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

/// A name as a phrase of RFC 5322, section 3.2.5: plain words, a quoted string, or encoded-words.
fn phrase(name: &str) -> String {
    let is_atom = |word: &str| !word.is_empty() && word.bytes().all(is_atext);
    if name.split(' ').all(is_encoded_word) || (name.split(' ').all(is_atom) && !name.contains("=?")) {
        return name.to_owned();
    }
    if name.is_ascii() && !name.contains("=?") {
        return format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    }
    encoded(name)
}

/// RFC 5322, section 3.2.3.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Whether a word is `=?charset?encoding?text?=`.
fn is_encoded_word(word: &str) -> bool {
    let parts = word.strip_prefix("=?").and_then(|rest| rest.strip_suffix("?="));
    let parts: Vec<&str> = parts.unwrap_or_default().split('?').collect();
    let [charset, encoding, text] = parts.as_slice() else { return false };
    let is_known = matches!(*encoding, "B" | "b" | "Q" | "q");
    is_known && word.len() <= 75 && !charset.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A name in encoded-words of whole characters (RFC 2047, section 5). The space between two is no part of it, and no
/// line ends there: SES makes the lines.
fn encoded(name: &str) -> String {
    let mut words = vec![String::new()];
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= ENCODED_BYTES => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let words = words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64.encode(word.as_bytes())));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;

    fn header(text: &str) -> String {
        Sender::parse(text).unwrap().as_str().to_owned()
    }

    /// The sender as a mail client reads it.
    fn read(header: &str) -> (Option<String>, Option<String>) {
        assert!(header.is_ascii() && header.len() <= LENGTH_LIMIT, "{header}");
        let message = format!("From: {header}\r\n\r\n");
        let message = MessageParser::new().parse(message.as_bytes()).unwrap();
        let from = message.from().unwrap();
        assert_eq!(from.iter().count(), 1, "{header}");
        let from = from.first().unwrap();
        (from.name().map(str::to_owned), from.address().map(str::to_owned))
    }

    /// Each name and its phrase, from which `parseaddr` and `decode_header` of Python's `email` read the name back.
    const NAMES: &[(&str, &str)] = &[
        ("Acme", "Acme"),
        ("Acme Inc", "Acme Inc"),
        ("Acme, Inc.", "\"Acme, Inc.\""),
        ("Acme.com", "\"Acme.com\""),
        ("Acme (Sweden) AB", "\"Acme (Sweden) AB\""),
        ("Bob's [Shop]: 24/7; @home", "\"Bob's [Shop]: 24/7; @home\""),
        ("The \"Best\" Shop", "\"The \\\"Best\\\" Shop\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("Acme <Test>", "\"Acme <Test>\""),
        ("Bäckerei Müller", "=?UTF-8?B?QsOkY2tlcmVpIE3DvGxsZXI=?="),
        ("Акме", "=?UTF-8?B?0JDQutC80LU=?="),
        ("Pizza 🍕", "=?UTF-8?B?UGl6emEg8J+NlQ==?="),
        ("a =?b?= c", "=?UTF-8?B?YSA9P2I/PSBj?="),
        (
            "Общество с ограниченной ответственностью «Ромашка»",
            "=?UTF-8?B?0J7QsdGJ0LXRgdGC0LLQviDRgSDQvtCz0YDQsNC90LjRh9C10L3QvdC+0Lkg?= \
             =?UTF-8?B?0L7RgtCy0LXRgtGB0YLQstC10L3QvdC+0YHRgtGM0Y4gwqvQoNC+0LzQsNGI?= =?UTF-8?B?0LrQsMK7?=",
        ),
    ];

    #[test]
    fn names_of_any_characters_arrive_as_they_were_written() {
        for (name, phrase) in NAMES {
            let header = header(&format!("{name} <no-reply@example.com>"));
            assert_eq!(header, format!("{phrase} <no-reply@example.com>"));
            assert_eq!(read(&header), (Some((*name).to_owned()), Some("no-reply@example.com".to_owned())));
        }
    }

    proptest! {
        #[test]
        fn a_mail_client_reads_every_name(name in "[^\\p{Cc}\"<>]{0,60}") {
            let header = header(&format!("{name} <no-reply@example.com>"));
            let name = name.trim();
            prop_assume!(!name.is_empty() && !name.contains("=?"));
            let (read, address) = read(&header);
            prop_assert_eq!(read.as_deref(), Some(name), "{}", header);
            prop_assert_eq!(address.as_deref(), Some("no-reply@example.com"));
            for word in header.split(' ').filter(|word| word.starts_with("=?")) {
                prop_assert!(is_encoded_word(word), "{}", word);
            }
        }
    }

    #[test]
    fn quotation_marks_around_a_name_are_not_part_of_it_and_marks_within_are() {
        for (text, phrase) in [
            ("\"Acme\"", "Acme"),
            ("\"Acme, Inc.\"", "\"Acme, Inc.\""),
            ("\"a \\\"b\\\" c\"", "\"a \\\"b\\\" c\""),
            ("\"Müller\"", "=?UTF-8?B?TcO8bGxlcg==?="),
            ("\"A\" and \"B\"", "\"\\\"A\\\" and \\\"B\\\"\""),
            ("\"", "\"\\\"\""),
            ("=?utf-8?q?M=C3=BCller?= =?utf-8?q?_GmbH?=", "=?utf-8?q?M=C3=BCller?= =?utf-8?q?_GmbH?="),
        ] {
            assert_eq!(header(&format!("{text} <a@example.com>")), format!("{phrase} <a@example.com>"));
        }
    }

    #[test]
    fn an_address_may_stand_alone_and_keeps_its_capitals() {
        for (text, expected) in [
            ("no-reply@example.com", "no-reply@example.com"),
            (" <no-reply@example.com> ", "no-reply@example.com"),
            ("\"\" <no-reply@example.com>", "no-reply@example.com"),
            ("No-Reply@Example.com", "No-Reply@example.com"),
            ("Acme<a@bücher.example>", "Acme <a@xn--bcher-kva.example>"),
        ] {
            assert_eq!(header(text), expected);
        }
    }

    #[test]
    fn what_is_no_sender_is_told() {
        for text in [
            "",
            "@",
            "nobody",
            "@example.com",
            "nobody@",
            "Acme <no-reply@example.com",
            "Acme no-reply@example.com>",
            "Acme no-reply@example.com",
            "Acme <>",
            "Acme <no-reply@example.com> Inc",
            "Acme <no-reply@example>",
            "Acme <nö-reply@example.com>",
            "Acme <a..b@example.com>",
            "Acme <.a@example.com>",
            "a@example.com, b@example.com",
            "Acme <a@example.com, b@example.com>",
            "Acme <a@b@example.com>",
            "Acme <a b@example.com>",
        ] {
            assert_eq!(Sender::parse(text), Err(SenderError::Address), "{text}");
        }
        for text in
            ["Ac\r\nBcc: b@example.com\r\nme <a@example.com>", "A\u{0}cme <a@example.com>", "A\u{85} <a@b.c>"]
        {
            assert_eq!(Sender::parse(text), Err(SenderError::Name), "{text:?}");
        }
        let long = format!("{} <a@example.com>", "ö".repeat(400));
        assert_eq!(Sender::parse(&long), Err(SenderError::Length));
    }
}
