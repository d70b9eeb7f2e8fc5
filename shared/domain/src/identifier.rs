//! What a person types to say who they are: an email address or a mobile number.
//!
//! One identifier is one string: input is brought into one form or refused, never folded into
//! somebody else's (CVE-2019-19844).

use std::fmt;

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// By email.
    Email,
    /// By text message.
    Sms,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The word for it in the contract and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "email" => Some(Self::Email),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }

    /// The one that is left if this one doesn't reach the person.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Email => Self::Sms,
            Self::Sms => Self::Email,
        }
    }
}

/// An email address in its one form: ASCII local part in lower case (RFC 5321's dot-string), domain in
/// its ASCII IDNA form (UTS 46). At most 64 and 254 octets (RFC 5321, section 4.5.3.1, and RFC 3696's
/// erratum 1690).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address; `None` if it isn't one in the sense of this type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        if local.is_empty() || local.len() > 64 || !local.split('.').all(is_atom) {
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
}

fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
}

fn maps_to_ascii(c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    let (mapped, _) = idna::domain_to_unicode(text);
    // The ideographic full stops become dots, everything else that maps becomes its ASCII letter.
    mapped.is_ascii()
}

/// A phone number in the form of E.164: `+`, then 8 to 15 digits, the first of them not 0
/// (ITU-T E.164, section 6.2.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number; `None` if it isn't E.164 with `+` and ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let well_formed = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The number with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An email address or a phone number that somebody typed. It says nothing about an account.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An email address.
    Email(EmailAddress),
    /// A mobile number.
    Phone(PhoneNumber),
}

impl Identifier {
    /// Reads an identifier after trimming surrounding ASCII space; `None` if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.starts_with('+') && !text.contains('@') {
            PhoneNumber::parse(text).map(Self::Phone)
        } else {
            EmailAddress::parse(text).map(Self::Email)
        }
    }

    /// The channel that reaches an identifier of this kind.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }

    /// The identifier in its one form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }
}

macro_rules! redact {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )*};
}
redact!(EmailAddress, PhoneNumber, Identifier);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Option<String> {
        Identifier::parse(text).map(|i| i.as_str().to_owned())
    }

    #[test]
    fn email_addresses_have_one_form() {
        assert_eq!(parsed("  Alice@Example.COM\n").as_deref(), Some("alice@example.com"));
        assert_eq!(parsed("a@bücher.example").as_deref(), Some("a@xn--bcher-kva.example"));
        assert_eq!(parsed("a@XN--BCHER-KVA.example").as_deref(), Some("a@xn--bcher-kva.example"));
        assert_eq!(parsed("a.b+c@example.com").as_deref(), Some("a.b+c@example.com"));
    }

    #[test]
    fn phone_numbers_are_e164() {
        assert_eq!(parsed(" +46701740605 ").as_deref(), Some("+46701740605"));
        for wrong in
            ["+4670", "0701740605", "+0701740605", "+46 70 174 06 05", "+1234567890123456", "46701740605"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn look_alikes_and_tricks_are_refused_or_stay_different() {
        for wrong in [
            "",
            "alice",
            "alice@",
            "@example.com",
            "alice@example",
            "alice@@example.com",
            "a..b@example.com",
            ".a@example.com",
            "a@example..com",
            "a@-example.com",
            "a@1.2.3.4",
            "\"a b\"@example.com",
            "alice@example.com,mallory@example.com",
            "alice@example.com\r\nBcc: mallory@example.com",
            "alice@example.com\0",
            "alice@example.com mallory@example.com",
            "\u{ff41}lice@example.com",
            "al\u{131}ce@example.com",
            "alice@\u{ff45}xample.com",
            "alice@example\u{3002}com",
            "\u{ff0b}46701740605",
            "+\u{ff14}6701740605",
            "+٤٦٧٠١٧٤٠٦٠٥",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
        }
        assert_ne!(parsed("alice@ex\u{e0}mple.com"), parsed("alice@example.com"));
        // The Kelvin sign folds to k in Unicode; here it is refused.
        assert_eq!(parsed("a@\u{212a}.example"), None);
    }

    #[test]
    fn lengths_are_bounded() {
        let local = "a".repeat(64);
        assert!(parsed(&format!("{local}@example.com")).is_some());
        assert!(parsed(&format!("{local}a@example.com")).is_none());
        let label = "b".repeat(60);
        assert!(parsed(&format!("a@{label}.{label}.{label}.{label}.com")).is_some());
        assert!(parsed(&format!("{local}@{label}.{label}.{label}.{label}.com")).is_none());
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?}", Identifier::parse("alice@example.com"));
        assert!(!shown.contains("alice"), "{shown}");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(text in "\\PC{0,80}") {
            if let Some(once) = parsed(&text) {
                prop_assert!(once.is_ascii());
                prop_assert_eq!(parsed(&once), Some(once));
            }
        }

        #[test]
        fn what_is_accepted_differs_from_the_input_in_case_space_and_idna_only(
            local in "[a-zA-Z0-9]{1,10}", domain in "[a-zA-Z]{1,10}\\.[a-z]{2,5}"
        ) {
            let text = format!("{local}@{domain}");
            prop_assert_eq!(parsed(&text), Some(text.to_ascii_lowercase()));
        }
    }
}
