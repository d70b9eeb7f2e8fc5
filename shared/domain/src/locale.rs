//! Languages that people prefer.

/// A language tag (BCP 47), such as `sv` or `en-GB`: 2 to 35 characters, letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(String);

impl Locale {
    /// Reads a tag, or a system's name of a locale (POSIX, section 8.2), such as `sv_SE.UTF-8` or `sr_RS@latin`:
    /// its language and country make the tag. `None` if it is malformed. Whether there are messages in it is not
    /// asked here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, _codeset_and_modifier) = text.split_once(['.', '@']).unwrap_or((text, ""));
        let tag = name.replace('_', "-");
        let mut subtags = tag.split('-');
        let language = subtags.next()?;
        let well_formed = tag.len() <= 35
            && (2..=8).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
        well_formed.then_some(Self(tag))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    fn parsed(text: &str) -> Option<String> {
        Locale::parse(text).map(|locale| locale.as_str().to_owned())
    }

    #[test]
    fn tags_are_well_formed_or_refused() {
        for tag in ["sv", "en-GB", "zh-Hant-TW", "de-1996"] {
            assert_eq!(parsed(tag).as_deref(), Some(tag));
        }
        let long = format!("en{}", "-x".repeat(17));
        for wrong in [
            "",
            " ",
            "s",
            "sv-",
            "sv_",
            "_SE",
            "-sv",
            "12",
            "en-\u{e5}",
            "en/../../etc",
            "sv\0",
            ".UTF-8",
            &long,
        ] {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn names_of_systems_locales_become_tags() {
        for (name, tag) in [
            ("sv_SE", "sv-SE"),
            ("sv_SE.UTF-8", "sv-SE"),
            ("sr_RS@latin", "sr-RS"),
            ("de_DE.ISO-8859-15@euro", "de-DE"),
            ("zh_Hant_TW", "zh-Hant-TW"),
            (" sv\r\n", "sv"),
        ] {
            assert_eq!(parsed(name).as_deref(), Some(tag), "{name:?}");
        }
    }
}
