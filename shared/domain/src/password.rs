//! Passwords and what is asked of them.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in Unicode's NFC form (NIST SP 800-63B-4, section 3.1.1.2), so that it is the same one
/// whichever keyboard typed it. Where it was sent in another form, that is kept for the hashes of programs
/// that didn't normalise. Cleared when dropped, absent from `Debug`.
#[derive(Clone)]
pub struct Password {
    normalised: Zeroizing<String>,
    as_sent: Option<Zeroizing<String>>,
}

impl Password {
    /// Takes any text; whether it is good enough is for [`PasswordPolicy`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        // NFC grows a string by at most three times (Unicode Standard Annex 15), so this never
        // reallocates and leaves no copy behind.
        let mut normalised = Zeroizing::new(String::with_capacity(text.len() * 3));
        normalised.extend(text.nfc());
        let as_sent = (normalised.as_str() != text).then(|| Zeroizing::new(text.to_owned()));
        Self { normalised, as_sent }
    }

    /// Its length in code points of the NFC form, which is how lengths of passwords count.
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.normalised.chars().count()
    }

    /// The bytes to hash: the NFC form.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.normalised.as_bytes()
    }

    /// The bytes as they were sent, if those are not NFC. A hash that another program made may be of these;
    /// no new hash is.
    #[must_use]
    pub fn reveal_as_sent(&self) -> Option<&[u8]> {
        self.as_sent.as_ref().map(|text| text.as_bytes())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Fewer code points than this.
    TooShort {
        /// The least number of code points.
        minimum: usize,
    },
    /// More code points than this.
    TooLong {
        /// The largest number of code points.
        maximum: usize,
    },
    /// Control characters, which no keyboard types reliably.
    ForbiddenCharacters,
    /// One that many people use.
    TooCommon,
    /// Known from a breach.
    Breached,
    /// Made of what is known of the account.
    ContainsPersonalData,
    /// The one that is being replaced.
    SameAsCurrent,
}

/// The requirements on a password: length, and nothing about its composition.
#[derive(Clone, Copy, Debug)]
pub struct PasswordPolicy {
    /// The least number of code points: 15, or 8 where there is a second factor.
    pub min_length: usize,
    /// The largest number of code points; at least 64.
    pub max_length: usize,
}

impl PasswordPolicy {
    /// Everything that is wrong with the form of a password; nothing if it is fine. What else may be wrong
    /// takes looking up, which the use cases do.
    #[must_use]
    pub fn violations(&self, password: &Password) -> Vec<Violation> {
        let mut violations = Vec::new();
        let length = password.code_points();
        if length < self.min_length {
            violations.push(Violation::TooShort { minimum: self.min_length });
        }
        if length > self.max_length {
            violations.push(Violation::TooLong { maximum: self.max_length });
        }
        if password.normalised.chars().any(char::is_control) {
            violations.push(Violation::ForbiddenCharacters);
        }
        violations
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy { min_length: 15, max_length: 256 };

    fn violations(text: &str) -> Vec<Violation> {
        POLICY.violations(&Password::new(text))
    }

    #[test]
    fn length_counts_code_points_after_nfc() {
        assert_eq!(violations(&"a".repeat(14)), [Violation::TooShort { minimum: 15 }]);
        assert_eq!(violations(&"a".repeat(15)), []);
        assert_eq!(violations(&"🦀".repeat(256)), []);
        assert_eq!(violations(&"🦀".repeat(257)), [Violation::TooLong { maximum: 256 }]);
        // 15 letters as 30 code points in NFD are 15 in NFC.
        assert_eq!(Password::new(&"e\u{301}".repeat(15)).code_points(), 15);
        assert_eq!(Password::new("e\u{301}").reveal(), Password::new("\u{e9}").reveal());
    }

    #[test]
    fn another_form_than_nfc_is_kept_as_it_was_sent() {
        assert_eq!(Password::new("e\u{301}").reveal_as_sent(), Some("e\u{301}".as_bytes()));
        assert_eq!(Password::new("\u{212b}").reveal_as_sent(), Some("\u{212b}".as_bytes()));
        for normalised in ["", "\u{e9}", "correct horse battery staple", "🦀"] {
            assert_eq!(Password::new(normalised).reveal_as_sent(), None, "{normalised}");
        }
    }

    #[test]
    fn any_character_but_controls_is_fine() {
        assert_eq!(violations("correct horse battery staple"), []);
        assert_eq!(violations("                "), []);
        assert_eq!(violations("正しい馬の電池のホチキスでございます"), []);
        assert_eq!(violations("a nul is here: \0."), [Violation::ForbiddenCharacters]);
        assert_eq!(violations("\0"), [Violation::TooShort { minimum: 15 }, Violation::ForbiddenCharacters]);
    }

    proptest! {
        #[test]
        fn nothing_is_truncated_or_shown(text in "\\PC{0,300}") {
            let password = Password::new(&text);
            prop_assert_eq!(password.code_points(), text.nfc().count());
            prop_assert_eq!(format!("{password:?}"), "Password(redacted)");
            let sent = password.reveal_as_sent().unwrap_or(password.reveal());
            prop_assert_eq!(sent, text.as_bytes());
        }
    }
}
