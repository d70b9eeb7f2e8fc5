//! Which country a number belongs to, and which countries are allowed.
//!
//! The answer comes from `countries.txt`, 6 kB: a line for each region of the world's numbering plans, as
//! Google's libphonenumber knows them, and where regions share a calling code, the first digits that tell
//! their landlines and mobiles apart. The library itself would add megabytes and tens of milliseconds of
//! start to the function; a test compares the table with it, and writes a new one.

use std::collections::BTreeSet;

use regain_domain::{Country, PhoneNumber};

/// Lines such as `46 SE`, or `7 RU 3 4 8 9`: calling code, region, first digits of national numbers.
const TABLE: &str = include_str!("countries.txt");

/// A line of the table.
struct Plan {
    calling_code: &'static str,
    region: &'static str,
    prefixes: std::str::SplitAsciiWhitespace<'static>,
}

fn plans() -> impl Iterator<Item = Plan> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        Some(Plan { calling_code: words.next()?, region: words.next()?, prefixes: words })
    })
}

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
            let plan = plans().find(|plan| plan.region == entry.trim());
            plan.map(|plan| plan.region).ok_or_else(|| CountriesError::Unknown(entry.trim().to_owned()))
        };
        list.split(',').map(region).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a number belongs to one of them. Where its first digits don't tell which of the regions
    /// that share its calling code it belongs to, all of these have to be allowed.
    #[must_use]
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        self.country_of(number).is_some()
    }

    /// The country that a message to a number counts for; `None` if it isn't allowed. Of several that share
    /// a number's first digits it is the one that the table has first.
    #[must_use]
    pub fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        let regions = regions_of(number);
        let all_allowed = regions.iter().all(|region| self.0.contains(region));
        regions.first().filter(|_| all_allowed).and_then(|region| Country::parse(region))
    }
}

/// The region of a number, for metrics: `unknown` if its first digits tell none or don't tell which.
#[must_use]
pub fn region(number: &PhoneNumber) -> &'static str {
    match regions_of(number)[..] {
        [region] => region,
        _ => "unknown",
    }
}

/// The region of a number; each that it may be if it doesn't tell; none if no country has its calling
/// code.
fn regions_of(number: &PhoneNumber) -> Vec<&'static str> {
    // No calling code is the beginning of another.
    let digits = number.as_str().trim_start_matches('+');
    let mut regions = Vec::new();
    let mut best = None;
    for plan in plans() {
        let Some(national) = digits.strip_prefix(plan.calling_code) else { continue };
        regions.push(plan.region);
        let matching = plan.prefixes.filter(|prefix| national.starts_with(prefix)).map(str::len).max();
        best = best.max(matching.map(|length| (length, plan.region)));
    }
    best.map_or(regions, |(_, region)| vec![region])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(list: &str) -> Countries {
        Countries::parse(list).unwrap()
    }

    fn regions(number: &str) -> Vec<&'static str> {
        regions_of(&PhoneNumber::parse(number).unwrap())
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
    fn first_digits_tell_the_region() {
        for (number, region) in [
            ("+46701740605", "SE"),
            // Too short for a Swedish number, but nobody else's.
            ("+46701740", "SE"),
            ("+12125550123", "US"),
            ("+14165550123", "CA"),
            ("+18765550123", "JM"),
            ("+447400123456", "GB"),
            ("+447797123456", "JE"),
            ("+447781123456", "GG"),
            ("+447624123456", "IM"),
            ("+79161234567", "RU"),
            ("+77011234567", "KZ"),
            ("+393331234567", "IT"),
            ("+3906698123456", "VA"),
            ("+4779123456", "SJ"),
            ("+4740612345", "NO"),
            ("+358401234567", "FI"),
            ("+3581812345678", "AX"),
            ("+262692123456", "RE"),
            ("+262639123456", "YT"),
            ("+59995181234", "CW"),
            ("+38344123456", "XK"),
        ] {
            assert_eq!(regions(number), [region], "{number}");
        }
        // Satellites and networks of no country.
        for number in ["+881612345678", "+88213123456", "+80012345678", "+2100000000"] {
            assert_eq!(regions(number), [""; 0], "{number}");
        }
    }

    #[test]
    fn a_number_that_does_not_tell_needs_every_region() {
        // 800 is for toll-free numbers, 70 for personal ones, which can cost the caller dearly.
        assert!(regions("+18005550123").len() > 20);
        assert_eq!(regions("+447012345678"), ["GB", "GG", "IM", "JE"]);
        let number = PhoneNumber::parse("+447012345678").unwrap();
        assert!(!countries("GB,GG,IM").allow(&number));
        assert!(countries("GB,GG,IM,JE").allow(&number));
        assert_eq!(region(&number), "unknown");
        assert_eq!(region(&PhoneNumber::parse("+46701740605").unwrap()), "SE");
    }

    #[test]
    fn only_listed_countries_are_allowed() {
        let allowed = countries("SE,US");
        for (number, expected) in [
            ("+46701740605", true),
            ("+12125550123", true),
            ("+18765550123", false),
            ("+4740612345", false),
            ("+881612345678", false),
        ] {
            assert_eq!(allowed.allow(&PhoneNumber::parse(number).unwrap()), expected, "{number}");
        }
    }
}
