//! Characters that people don't see, and those that they see as the same: what keyboards, copying and phones make of
//! what somebody means. The properties are Unicode's.

use icu_properties::props::{Dash, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization as _;

/// Whether nothing is seen of a character: direction marks, zero-width characters, variation selectors, the soft
/// hyphen (Unicode's `Default_Ignorable_Code_Point`). White space is not among them.
pub(crate) fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The text without ASCII white space and invisible characters around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || is_invisible(c))
}

/// Whether a character parts groups of digits and means nothing: white space and dashes of every kind, and what
/// nobody sees.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || CodePointSetData::new::<Dash>().contains(c) || is_invisible(c)
}

/// A decimal digit of some script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digit {
    /// The zero of the same digits. Those that are ASCII's in another shape, such as full-width ones, have ASCII's.
    pub(crate) zero: char,
    /// Its value, 0 to 9.
    pub(crate) value: u8,
}

impl Digit {
    /// The digit that a character is; `None` if it is none.
    pub(crate) fn of(c: char) -> Option<Self> {
        if c.is_ascii_digit() {
            return Some(Self { zero: '0', value: u8::try_from(c.to_digit(10)?).ok()? });
        }
        let mut digits =
            CodePointMapData::<GeneralCategory>::new().iter_ranges_for_value(GeneralCategory::DecimalNumber);
        let digits = digits.find(|range| range.contains(&u32::from(c)))?;
        if let Some(ascii) = std::iter::once(c).nfkc().next().filter(char::is_ascii_digit) {
            return Self::of(ascii);
        }
        // Each script has its ten in a row, from zero on (Unicode Standard, section 4.6).
        let value = (u32::from(c) - digits.start()) % 10;
        Some(Self { zero: char::from_u32(u32::from(c) - value)?, value: u8::try_from(value).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_those_without_any_other_meaning() {
        for c in "\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{61c}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{fe0f}\u{ad}".chars()
        {
            assert!(is_invisible(c), "{c:?}");
        }
        for c in "a0 \0\n\u{a0}\u{202f}\u{3000}\u{301}-\u{2010}@+".chars() {
            assert!(!is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn spaces_and_dashes_of_every_kind_part_digits() {
        for c in " \t\n\u{a0}\u{2009}\u{202f}\u{3000}-\u{ad}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}\u{fe63}\u{ff0d}".chars()
        {
            assert!(is_separator(c), "{c:?}");
        }
        for c in "a0\0.,_/()+\u{301}".chars() {
            assert!(!is_separator(c), "{c:?}");
        }
    }

    #[test]
    fn digits_of_every_script_have_a_value() {
        for (zero, its_zero) in [
            ('0', '0'),
            ('\u{660}', '\u{660}'),
            ('\u{6f0}', '\u{6f0}'),
            ('\u{966}', '\u{966}'),
            ('\u{e50}', '\u{e50}'),
            ('\u{ff10}', '0'),
            ('\u{1d7ce}', '0'),
            ('\u{1d7f6}', '0'),
            ('\u{116da}', '\u{116da}'),
            ('\u{1fbf0}', '0'),
        ] {
            for value in 0..10 {
                let c = char::from_u32(u32::from(zero) + u32::from(value)).unwrap();
                assert_eq!(Digit::of(c), Some(Digit { zero: its_zero, value }), "{c:?}");
            }
        }
        for c in ['a', '\u{bd}', '\u{2167}', '\u{4e00}', '\u{20e3}', '\0'] {
            assert_eq!(Digit::of(c), None, "{c:?}");
        }
    }
}
