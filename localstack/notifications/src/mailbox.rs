//! Mailboxes as they stand in the headers of a mail: `anna@example.com` or `"Anna" <anna@example.com>`.
//!
//! SES takes them as RFC 5322 has them, in ASCII: a name with other characters must be in encoded-words (RFC 2047), and
//! one with any of `()<>[]:;@\,."` in quotation marks ([`SendEmail`], and what SES says to others).
//!
//! [`SendEmail`]: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html

use mail_parser::MessageParser;

/// How long an address may be, in bytes: SES's limit.
const ADDRESS_LIMIT: usize = 320;

/// The bare address of a mailbox.
///
/// # Errors
/// SES's words for a mailbox that it doesn't take.
pub(crate) fn address(mailbox: &str) -> Result<&str, &'static str> {
    let mailbox = mailbox.trim();
    if !mailbox.is_ascii() || mailbox.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("Illegal address");
    }
    let address = match after_phrase(mailbox) {
        Some("") => mailbox,
        Some(rest) => {
            let inner = rest.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
            inner.ok_or("Illegal address")?
        }
        None => return Err("Illegal address"),
    };
    let (local, domain) = address.rsplit_once('@').ok_or("Missing final '@domain'")?;
    if local.is_empty() {
        return Err("User name is missing: '@domain'");
    }
    if domain.is_empty() {
        return Err("Missing final '@domain'");
    }
    if local.bytes().any(|byte| byte == b' ') {
        return Err("Local address contains control or whitespace");
    }
    if !domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return Err("Domain contains illegal character");
    }
    if domain.starts_with('.') {
        return Err("Domain starts with dot");
    }
    if domain.ends_with('.') {
        return Err("Domain ends with dot");
    }
    if domain.contains("..") {
        return Err("Domain contains dot-dot");
    }
    let is_quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    if !is_quoted && local.starts_with('.') {
        return Err("Local address starts with dot");
    }
    if !is_quoted && local.ends_with('.') {
        return Err("Local address ends with dot");
    }
    if !is_quoted && local.contains("..") {
        return Err("Local address contains dot-dot");
    }
    if address.len() > ADDRESS_LIMIT || !(is_quoted || local.bytes().all(|b| b == b'.' || is_atext(b))) {
        return Err("Illegal address");
    }
    Ok(address)
}

/// An address as people write it: without quotation marks that only dots need, such as those of `"an..na"@example.com`.
pub(crate) fn unquoted(address: &str) -> String {
    let parts = address.strip_prefix('"').and_then(|rest| rest.rsplit_once("\"@"));
    match parts.filter(|(local, _)| local.bytes().all(|byte| byte == b'.' || is_atext(byte))) {
        Some((local, domain)) => format!("{local}@{domain}"),
        None => address.to_owned(),
    }
}

/// The rest of a mailbox after its name, from the `<` on; empty if there is neither. `None` if the name is no
/// phrase.
fn after_phrase(mailbox: &str) -> Option<&str> {
    let mut rest = mailbox;
    loop {
        rest = rest.trim_start();
        match rest.bytes().next() {
            None => return Some(""),
            Some(b'<') => return Some(rest),
            Some(b'"') => rest = after_quoted(rest)?,
            // The address itself, which has no name before it.
            Some(_) if !mailbox.contains('<') => return Some(""),
            Some(byte) if is_atext(byte) => rest = rest.trim_start_matches(|c: char| is_atext_char(c)),
            Some(_) => return None,
        }
    }
}

/// The rest after a quoted string.
fn after_quoted(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return text.get(index + 1..),
            _ => {}
        }
    }
    None
}

fn is_atext_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_atext)
}

/// RFC 5322, section 3.2.3.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// A mailbox as a mail client shows it, with the name decoded.
pub(crate) fn shown(mailbox: &str) -> String {
    let header = format!("From: {mailbox}\r\n\r\n");
    let message = MessageParser::new().parse(header.as_bytes());
    let from = message.as_ref().and_then(|message| message.from()?.first());
    match from.map(|from| (from.name(), from.address())) {
        Some((Some(name), Some(address))) if !name.is_empty() => format!("{name} <{address}>"),
        Some((_, Some(address))) => address.to_owned(),
        _ => mailbox.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_name() {
        for (mailbox, expected) in [
            ("anna@example.com", "anna@example.com"),
            (" anna@example.com ", "anna@example.com"),
            ("Anna <anna@example.com>", "anna@example.com"),
            ("\"A, B\" <anna+x@example.com>", "anna+x@example.com"),
            ("\"<a> \\\" b\" c <anna@example.com>", "anna@example.com"),
            ("=?UTF-8?B?w4Q=?= =?utf-8?q?_b?= <anna@example.com>", "anna@example.com"),
            ("<anna@example.com>", "anna@example.com"),
            ("\"an..na\"@example.com", "\"an..na\"@example.com"),
        ] {
            assert_eq!(address(mailbox), Ok(expected), "{mailbox}");
        }
    }

    #[test]
    fn what_ses_refuses_is_refused_in_its_words() {
        for (mailbox, said) in [
            ("", "Missing final '@domain'"),
            ("@", "User name is missing: '@domain'"),
            ("anna", "Missing final '@domain'"),
            ("@example.com", "User name is missing: '@domain'"),
            ("anna@", "Missing final '@domain'"),
            ("an na@example.com", "Local address contains control or whitespace"),
            ("a@example.com,b@example.com", "Illegal address"),
            ("a\n@b.c", "Illegal address"),
            ("Anna <anna@example.com", "Illegal address"),
            ("Anna anna@example.com>", "Local address contains control or whitespace"),
            ("Anna <anna@example.com> B", "Illegal address"),
            ("A, B <anna@example.com>", "Illegal address"),
            ("A. B <anna@example.com>", "Illegal address"),
            ("A (B) <anna@example.com>", "Illegal address"),
            ("\"A <anna@example.com>", "Illegal address"),
            ("Änna <anna@example.com>", "Illegal address"),
            ("anna@exämple.com", "Illegal address"),
            (".anna@example.com", "Local address starts with dot"),
            ("anna.@example.com", "Local address ends with dot"),
            ("Anna <an..na@example.com>", "Local address contains dot-dot"),
            ("anna@.example.com", "Domain starts with dot"),
            ("anna@example.com.", "Domain ends with dot"),
            ("anna@example..com", "Domain contains dot-dot"),
            ("anna@example!.com", "Domain contains illegal character"),
        ] {
            assert_eq!(address(mailbox), Err(said), "{mailbox}");
        }
        assert!(address(&format!("{}@example.com", "a".repeat(320))).is_err());
    }

    #[test]
    fn only_quotation_marks_for_dots_are_left_out() {
        for (address, expected) in [
            ("anna@example.com", "anna@example.com"),
            ("\"an..na.\"@example.com", "an..na.@example.com"),
            ("\"an na\"@example.com", "\"an na\"@example.com"),
            ("\"an\\\"na\"@example.com", "\"an\\\"na\"@example.com"),
        ] {
            assert_eq!(unquoted(address), expected);
        }
    }

    #[test]
    fn names_are_shown_as_a_mail_client_shows_them() {
        for (mailbox, expected) in [
            ("Acme <a@example.com>", "Acme <a@example.com>"),
            ("\"Acme, \\\"Inc.\\\"\" <a@example.com>", "Acme, \"Inc.\" <a@example.com>"),
            ("=?UTF-8?B?TcO8?= =?utf-8?q?ller?= <a@example.com>", "Müller <a@example.com>"),
            ("a@example.com", "a@example.com"),
        ] {
            assert_eq!(shown(mailbox), expected);
        }
    }
}
