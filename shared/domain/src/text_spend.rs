//! What text messages may cost: budgets by country and by block of numbers, and a breaker where messages
//! to a country don't lead to verified codes.
//!
//! Whoever earns from the messages to a range of numbers ("SMS pumping") asks for many and types no code.
//! A message that is held back looks as if it had been sent. Countries stand alone: what is held back in one
//! goes on in the others.

use crate::limit::{Counter, DAY, HOUR};
use crate::{Fault, KeyUse, PhoneNumber, Prf, Timestamp};

/// A country, ISO 3166-1 alpha-2, such as `SE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a code; `None` if it isn't two capital ASCII letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Two ASCII letters, by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// As the subject of a counter. It names nobody, so it needs no hash.
    fn subject(self) -> [u8; 32] {
        let mut subject = [0; 32];
        subject[..2].copy_from_slice(&self.0);
        subject
    }
}

/// How many text messages may be sent.
#[derive(Clone, Copy, Debug)]
pub struct TextLimits {
    /// To a country in a day.
    pub per_country_per_day: u32,
    /// To a block of 10,000 numbers, those that differ in their last four digits alone, in a day.
    pub per_block_per_day: u32,
    /// To a country in an hour before it is asked how many of them led to a verified code.
    pub before_breaker_per_hour: u32,
    /// Of a hundred messages of that hour, how many have to; 0 asks for none.
    pub conversion_percent: u32,
}

/// Digits at the end of a number that tell the numbers of a block apart.
const BLOCK_DIGITS: usize = 4;

impl TextLimits {
    /// What a message to a number counts against.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn budget(
        &self,
        number: &PhoneNumber,
        country: Country,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<TextBudget, Fault> {
        let number = number.as_str();
        let block = &number[..number.len().saturating_sub(BLOCK_DIGITS)];
        let key = prf.current(KeyUse::Identifier);
        let block = prf.evaluate(KeyUse::Identifier, key, &[b"number block", block.as_bytes()])?;
        let country = country.subject();
        Ok(TextBudget {
            per_country: Counter::new("texts-country-day", country, DAY, self.per_country_per_day, now),
            per_block: Counter::new("texts-block-day", *block, DAY, self.per_block_per_day, now),
            sent: Counter::new("texts-country-hour", country, HOUR, u32::MAX, now),
            verified: converted(country, now),
        })
    }

    /// Whether a country's messages of an hour lead to too few verified codes.
    #[must_use]
    pub fn is_conversion_low(&self, sent: u32, verified: u32) -> bool {
        let wanted = u64::from(sent) * u64::from(self.conversion_percent);
        sent > self.before_breaker_per_hour && u64::from(verified) * 100 < wanted
    }
}

/// The counter of codes of a country's messages that were verified.
fn converted(country: [u8; 32], now: Timestamp) -> Counter {
    Counter::new("texts-verified-hour", country, HOUR, u32::MAX, now)
}

/// The counter that a verified code of a message to a country counts in.
#[must_use]
pub fn conversion(country: Country, now: Timestamp) -> Counter {
    converted(country.subject(), now)
}

/// What one message counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBudget {
    /// The day's messages to its country.
    pub per_country: Counter,
    /// The day's messages to its block of numbers.
    pub per_block: Counter,
    /// The hour's messages to its country.
    pub sent: Counter,
    /// The hour's verified codes of its country.
    pub verified: Counter,
}

impl TextBudget {
    /// The counters that a message adds one to.
    #[must_use]
    pub fn counters(&self) -> Vec<Counter> {
        vec![self.per_country.clone(), self.per_block.clone(), self.sent.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    const LIMITS: TextLimits = TextLimits {
        per_country_per_day: 1_000,
        per_block_per_day: 20,
        before_breaker_per_hour: 50,
        conversion_percent: 10,
    };

    #[test]
    fn a_country_is_two_capitals() {
        assert_eq!(Country::parse("SE").unwrap().as_str(), "SE");
        for wrong in ["", "S", "SWE", "se", "S1", "Å"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_of_a_block_share_its_budget() {
        let budget = |number: &str, country: &str| {
            let number = PhoneNumber::parse(number).unwrap();
            let country = Country::parse(country).unwrap();
            LIMITS.budget(&number, country, Timestamp::from_unix(1_800_000_000), &TestPrf).unwrap()
        };
        let one = budget("+46701740605", "SE");
        assert_eq!(one, budget("+46701749999", "SE"));
        let next = budget("+46701750605", "SE");
        assert_ne!(one.per_block, next.per_block);
        assert_eq!((&one.per_country, &one.sent), (&next.per_country, &next.sent));
        assert_ne!(one.per_country, budget("+4740612345", "NO").per_country);
        assert_eq!(one.counters().len(), 3);
        let verified = conversion(Country::parse("SE").unwrap(), Timestamp::from_unix(1_800_000_000));
        assert_eq!(one.verified, verified);
    }

    #[test]
    fn the_breaker_waits_for_enough_messages_and_asks_for_a_share() {
        assert!(!LIMITS.is_conversion_low(50, 0), "too few to tell");
        assert!(LIMITS.is_conversion_low(51, 0));
        assert!(LIMITS.is_conversion_low(100, 9));
        assert!(!LIMITS.is_conversion_low(100, 10));
        assert!(LIMITS.is_conversion_low(u32::MAX, 1));
        let off = TextLimits { conversion_percent: 0, ..LIMITS };
        assert!(!off.is_conversion_low(u32::MAX, 0));
    }
}
