//! Phone numbers.

use std::fmt;

use crate::characters::{is_invisible, trimmed};
use crate::phone_plan::{self, Plan};

/// The longest number in digits (ITU-T E.164, section 6.2.1).
const LONGEST: usize = 15;

/// A phone number in the form of E.164: `+`, then a country's calling code and a number that its plan can have, at
/// most 15 digits in all (ITU-T E.164, section 6.2.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number; `None` if it isn't E.164 with `+` and ASCII digits, or one that can't exist: under a calling
    /// code of no country, shorter than any number of its country, or with the digit in front that is dialled
    /// within a country only, such as the 0 in `+46 0701740605`. ASCII space around it is dropped, and invisible
    /// characters are wherever they are.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number: String = trimmed(text).chars().filter(|c| !is_invisible(*c)).collect();
        Self::of_form(&number).filter(|number| phone_plan::may_exist(number.digits()))
    }

    /// A number as an account has it, whose form alone is checked. Numbering plans change, and so do our tables of
    /// them, which must make nobody's account unreadable.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::of_form(text)
    }

    fn of_form(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let well_formed = (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The number with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The region (ISO 3166-1 alpha-2, and `XK`) of which this is a mobile number, or one that may be a mobile's or
    /// a landline's; `None` for landlines, toll-free and premium-rate numbers, and whatever else gets no texts.
    #[must_use]
    pub fn mobile_region(&self) -> Option<&'static str> {
        phone_plan::plans_of(self.digits())
            .find(|(plan, national)| plan.is_mobile(national))
            .map(|(plan, _)| plan.region)
    }

    /// The region of a number of any kind, if its first digits alone tell; else that of [`Self::mobile_region`].
    #[must_use]
    pub fn region(&self) -> Option<&'static str> {
        let mut plans = phone_plan::plans_of(self.digits()).map(|(Plan { region, .. }, _)| region);
        match (plans.next(), plans.next()) {
            (Some(only), None) => Some(only),
            _ => self.mobile_region(),
        }
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        PhoneNumber::parse(text).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_trunk_prefix_behind_the_calling_code_is_no_number() {
        for wrong in [
            "+460701740605",
            "+4407400123456",
            "+4901701234567",
            "+8109012345678",
            "+47040612345",
            "+47091234567",
            "+3606201234567",
            // The prefix of others than 0.
            "+112125550123",
            "+789161234567",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
        // Numbers that do begin so.
        for right in ["+390612345678", "+2250123456789", "+242061234567", "+78005553535", "+393331234567"] {
            assert_eq!(parsed(right).as_deref(), Some(right));
        }
    }

    #[test]
    fn a_calling_code_is_a_countrys() {
        for wrong in
            ["+2100000000", "+999123456789", "+80012345678", "+881612345678", "+88213123456", "+0701740605"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_as_short_as_their_country_has_them() {
        // Tokelau, Niue, Saint Helena.
        for right in ["+6907290", "+6834002", "+29051234", "+46701740605", "+123456789012345"] {
            assert_eq!(parsed(right).as_deref(), Some(right), "{right}");
        }
        for wrong in ["+", "+46", "+4670", "+690729", "+1234567890123456"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn invisible_characters_are_dropped_wherever_they_are() {
        for text in [
            "\u{202a}+46701740605\u{202c}",
            "\u{2066} +46701740605\u{2069} ",
            "+\u{200e}46\u{200b}70\u{2060}1740605\u{feff}",
            "+4670\u{ad}1740605\u{fe0f}",
        ] {
            assert_eq!(parsed(text).as_deref(), Some("+46701740605"), "{text:?}");
        }
        for wrong in
            ["+46\u{a0}701740605", "+46 701740605", "+46-701740605", "+46701740605\0", "\u{ff0b}46701740605"]
        {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_is_stored_is_read_whatever_the_plans_say_now() {
        for text in ["+460701740605", "+881612345678", "+46701740605"] {
            assert_eq!(PhoneNumber::from_stored(text).unwrap().as_str(), text);
        }
        assert_eq!(PhoneNumber::from_stored("+46 70"), None);
    }

    #[test]
    fn mobile_numbers_have_a_region() {
        let mobile = |number: &str| PhoneNumber::from_stored(number).unwrap().mobile_region();
        for (number, region) in [
            ("+46701740605", "SE"),
            ("+12125550123", "US"),
            ("+14165550123", "CA"),
            ("+18763050123", "JM"),
            ("+17873050123", "PR"),
            ("+447400123456", "GB"),
            ("+447797712345", "JE"),
            ("+447781123456", "GG"),
            ("+447624423456", "IM"),
            ("+79161234567", "RU"),
            ("+77011234567", "KZ"),
            ("+393331234567", "IT"),
            ("+4740612345", "NO"),
            ("+358401234567", "FI"),
            ("+262692123456", "RE"),
            ("+262639012345", "YT"),
            ("+59995181234", "CW"),
            ("+38344123456", "XK"),
            ("+6907290", "TK"),
            ("+2250712345678", "CI"),
            ("+242061234567", "CG"),
        ] {
            assert_eq!(mobile(number), Some(region), "{number}");
        }
        for number in [
            // Landlines, premium-rate, toll-free, personal and shared-cost numbers, too long and too short ones.
            "+4681234567",
            "+469001234567",
            "+46201234567",
            "+467012345678901",
            "+46701740",
            "+18005550123",
            "+19005550123",
            "+447012345678",
            "+449098790000",
            "+448457654321",
            "+3906698123456",
            "+78005553535",
            // Of no country.
            "+881612345678",
        ] {
            assert_eq!(mobile(number), None, "{number}");
        }
        let region = |number: &str| PhoneNumber::from_stored(number).unwrap().region();
        assert_eq!(
            (region("+4681234567"), region("+18005550123"), region("+2100000")),
            (Some("SE"), None, None)
        );
    }
}
