//! Languages that people prefer.

/// A language tag (BCP 47), such as `sv` or `en-GB`: 2 to 35 characters, letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(String);

impl Locale {
    /// Reads a tag; `None` if it is malformed. Whether there are messages in it is not asked here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut subtags = text.split('-');
        let language = subtags.next()?;
        let well_formed = text.len() <= 35
            && (2..=8).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The tag as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn tags_are_well_formed_or_refused() {
        for tag in ["sv", "en-GB", "zh-Hant-TW", "de-1996"] {
            assert_eq!(Locale::parse(tag).as_ref().map(Locale::as_str), Some(tag));
        }
        for wrong in ["", "s", "sv_SE", "sv-", "-sv", "12", "en-\u{e5}", "en/../../etc", "sv\r\n"] {
            assert_eq!(Locale::parse(wrong), None, "{wrong:?}");
        }
    }
}
