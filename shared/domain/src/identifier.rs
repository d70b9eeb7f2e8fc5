//! An identifier, as a person types it: an email address or a mobile number.
//!
//! One identifier is one string: input is brought into one form or refused, never folded into
//! somebody else's (CVE-2019-19844).

use std::fmt;

use crate::characters::trimmed;
use crate::{EmailAddress, PhoneNumber};

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

/// An email address or a phone number that somebody typed. It says nothing about an account.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An email address.
    Email(EmailAddress),
    /// A mobile number.
    Phone(PhoneNumber),
}

impl Identifier {
    /// Reads an identifier without ASCII space and invisible characters around it; `None` if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = trimmed(text);
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

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(redacted)")
    }
}

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
    fn invisible_characters_around_are_dropped_and_none_within_an_email_address() {
        for text in [
            "\u{200e}alice@example.com",
            "alice@example.com\u{200b}",
            " \u{feff}alice@example.com\u{fe0f}\n",
            "\u{2068}alice@example.com\u{2069}",
        ] {
            assert_eq!(parsed(text).as_deref(), Some("alice@example.com"), "{text:?}");
        }
        assert_eq!(parsed("\u{202d}+46701740605\u{202c}").as_deref(), Some("+46701740605"));
        for wrong in [
            "al\u{200b}ice@example.com",
            "alice\u{200e}@example.com",
            "alice@\u{200d}example.com",
            "alice@exam\u{ad}ple.com",
            "alice@example\u{fe0f}.com",
            "\u{a0}alice@example.com",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
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
