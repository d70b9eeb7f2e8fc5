//! Email addresses.

use std::borrow::Cow;
use std::fmt;

use crate::characters::trimmed;

/// An email address in its one form: ASCII local part in lower case, domain in its ASCII IDNA form (UTS 46). At
/// most 64 and 254 octets (RFC 5321, section 4.5.3.1, and RFC 3696's erratum 1690).
///
/// The local part is RFC 5321's dot-string, and may besides have dots in a row or before the `@`: Japanese
/// operators have given out such addresses.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address; `None` if it isn't one in the sense of this type. ASCII space and invisible characters
    /// around it are dropped, nothing within it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = trimmed(text).split_once('@')?;
        if local.is_empty() || local.len() > 64 || local.starts_with('.') || !local.bytes().all(is_local) {
            return None;
        }
        // Full-width letters and ideographic stops map to ASCII under UTS 46: one look-alike must not
        // become another person's domain, so what isn't ASCII must already be in its mapped form.
        if domain.chars().any(|c| !c.is_ascii() && maps_to_ascii(c)) {
            return None;
        }
        let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3).ok()?;
        let labels: Vec<&str> = domain.split('.').collect();
        let well_formed = labels.len() >= 2
            && labels.iter().all(|l| {
                !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-')
            })
            // A top-level domain of digits only would be an IPv4 address (RFC 3696, section 2).
            && labels.last().is_some_and(|tld| !tld.bytes().all(|b| b.is_ascii_digit()));
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        (well_formed && address.len() <= 254).then_some(Self(address))
    }

    /// The address in its one form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// The address as mail servers and headers take it (RFC 5321, section 4.1.2): the local part quoted if it
    /// isn't a dot-string.
    #[must_use]
    pub fn to_mailbox(&self) -> Cow<'_, str> {
        match self.0.split_once('@') {
            Some((local, domain)) if local.ends_with('.') || local.contains("..") => {
                // No character of a local part has to be escaped in quotes.
                Cow::Owned(format!("\"{local}\"@{domain}"))
            }
            _ => Cow::Borrowed(&self.0),
        }
    }

    /// Reads what [`Self::to_mailbox`] writes, as mail services name the address when they tell of it.
    #[must_use]
    pub fn from_mailbox(text: &str) -> Option<Self> {
        match text.strip_prefix('"').and_then(|rest| rest.rsplit_once("\"@")) {
            Some((local, domain)) => Self::parse(&format!("{local}@{domain}")),
            None => Self::parse(text),
        }
    }
}

fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-./=?^_`{|}~".contains(&b)
}

fn maps_to_ascii(c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    let (mapped, _) = idna::domain_to_unicode(text);
    // The ideographic full stops become dots, everything else that maps becomes its ASCII letter.
    mapped.is_ascii()
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        EmailAddress::parse(text).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn dots_stand_where_operators_have_put_them() {
        for text in ["a..b@docomo.example", "a.@docomo.example", "a...@docomo.example", "a.b.c@example.com"] {
            assert_eq!(parsed(text).as_deref(), Some(text));
        }
        for wrong in [".a@example.com", "..@example.com", ".@example.com", "a@.example.com", "a@example..com"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_local_part_that_is_no_dot_string_is_quoted_for_mail_servers() {
        for (text, mailbox) in [
            ("a.b+c@example.com", "a.b+c@example.com"),
            ("A..b@docomo.example", "\"a..b\"@docomo.example"),
            ("a.@docomo.example", "\"a.\"@docomo.example"),
        ] {
            let address = EmailAddress::parse(text).unwrap();
            assert_eq!(address.to_mailbox(), mailbox);
            assert_eq!(EmailAddress::from_mailbox(mailbox), Some(address));
        }
        // People don't write so.
        assert_eq!(parsed("\"a..b\"@docomo.example"), None);
        assert_eq!(EmailAddress::from_mailbox("\"a b\"@example.com"), None);
    }
}
