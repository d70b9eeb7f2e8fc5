//! Which countries text messages go to, and which numbers there can get any.

use std::collections::BTreeSet;

use regain_domain::{Country, PhoneNumber, phone_plan};

/// The countries that messages are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countries(BTreeSet<&'static str>);

/// Why a list of countries is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountriesError {
    /// It is empty.
    #[error("must name one country at least")]
    Empty,
    /// It has an entry that isn't a country's code.
    #[error("must be a list of countries such as SE,NO (ISO 3166-1 alpha-2); \"{0}\" is none")]
    Unknown(String),
}

impl Countries {
    /// Reads a list such as `SE,NO`: the codes of ISO 3166-1 alpha-2, in capitals, with commas between and
    /// space around them if need be.
    ///
    /// # Errors
    /// [`CountriesError`] if it is empty or an entry isn't a region with phone numbers of its own.
    pub fn parse(list: &str) -> Result<Self, CountriesError> {
        if list.trim().is_empty() {
            return Err(CountriesError::Empty);
        }
        let region = |entry: &str| {
            phone_plan::region(entry.trim()).ok_or_else(|| CountriesError::Unknown(entry.trim().to_owned()))
        };
        list.split(',').map(region).collect::<Result<_, _>>().map(Self)
    }

    /// Whether messages go to a number: a mobile's, or one that may be, of one of the countries.
    #[must_use]
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        self.country_of(number).is_some()
    }

    /// The country that a message to a number counts for; `None` if it isn't allowed.
    #[must_use]
    pub fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        number.mobile_region().filter(|region| self.0.contains(region)).and_then(Country::parse)
    }
}

/// The region of a number, for metrics: `unknown` if its first digits tell none or don't tell which.
#[must_use]
pub fn region(number: &PhoneNumber) -> &'static str {
    number.region().unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(list: &str) -> Countries {
        Countries::parse(list).unwrap()
    }

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::from_stored(text).unwrap()
    }

    #[test]
    fn lists_name_countries() {
        assert_eq!(countries("SE"), countries(" SE , SE"));
        assert_ne!(countries("SE,NO"), countries("SE"));
        assert_eq!(Countries::parse(" "), Err(CountriesError::Empty));
        for wrong in ["SE,", ",", "se", "SWE", "UK", "XX", "+46", "46", "SE NO", "SE;NO", "001"] {
            assert!(matches!(Countries::parse(wrong), Err(CountriesError::Unknown(_))), "{wrong}");
        }
    }

    #[test]
    fn only_listed_countries_are_allowed() {
        let allowed = countries("SE,US");
        for (text, expected) in [
            ("+46701740605", true),
            ("+12125550123", true),
            // A part of the United States, a neighbour, another calling code, none of a country.
            ("+17873050123", false),
            ("+14165550123", false),
            ("+4740612345", false),
            ("+881612345678", false),
        ] {
            assert_eq!(allowed.allow(&number(text)), expected, "{text}");
        }
    }

    #[test]
    fn numbers_of_an_allowed_country_that_are_no_mobiles_are_not() {
        let allowed = countries("SE,GB,US");
        for text in [
            "+4681234567",
            "+469001234567",
            "+46201234567",
            "+448001234567",
            "+449098790000",
            "+447012345678",
            "+18005550123",
            "+19005550123",
        ] {
            assert_eq!(allowed.country_of(&number(text)), None, "{text}");
        }
        assert_eq!((region(&number("+4681234567")), region(&number("+18005550123"))), ("SE", "unknown"));
    }
}
