//! Limits on SMS: budgets of the day, and a breaker where messages don't lead to verified codes.
//!
//! Whoever earns from the messages to a range of numbers ("SMS pumping") asks for many and types no code. A
//! blocked message looks as if it had been sent.
//!
//! A code is judged where the suspicion is: by its range of numbers and by the caller's network. A whole country is
//! stopped by what many callers do to many ranges, so that one caller stops nobody else. Countries stand alone.
//!
//! Every try is counted before it is made, and refunded only if the service clearly did not take the message.

use crate::{CallerHash, Counter, Fault, KeyUse, PhoneNumber, Prf, Scope, Subject, Timestamp};

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
    fn subject(self) -> Subject {
        Subject::short(&self.0)
    }
}

/// Where an SMS goes, as counters know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsDestination {
    /// The number's country.
    pub country: Country,
    /// A keyed hash of the number's range: the 10,000 numbers that differ in their last four digits alone.
    pub range: [u8; 32],
}

/// Digits at the end of a number that tell the numbers of a range apart.
const RANGE_DIGITS: usize = 4;

impl SmsDestination {
    /// Of a number in a country.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn of(number: &PhoneNumber, country: Country, prf: &dyn Prf) -> Result<Self, Fault> {
        let number = number.as_str();
        let range = &number[..number.len().saturating_sub(RANGE_DIGITS)];
        Ok(Self { country, range: hash(prf, &[b"number range", range.as_bytes()])? })
    }
}

/// A keyed hash as the subject of a counter.
fn hash(prf: &dyn Prf, parts: &[&[u8]]) -> Result<[u8; 32], Fault> {
    let key = prf.current(KeyUse::Identifier);
    Ok(*prf.evaluate(KeyUse::Identifier, key, parts)?)
}

/// How many SMS may be sent.
#[derive(Clone, Copy, Debug)]
pub struct SmsLimits {
    /// Codes to a country in a day.
    pub per_country_per_day: u32,
    /// Codes to a range of numbers in a day.
    pub per_range_per_day: u32,
    /// Codes to a number in a day, so that no number uses up its range's.
    pub per_number_per_day: u32,
    /// Codes to a range, from a caller or to a country in an hour, before the breaker asks how many of them were
    /// verified.
    pub before_breaker_per_hour: u32,
    /// Of a hundred codes of that hour, how many have to be; 0 asks for none.
    pub conversion_percent: u32,
}

/// Tries of a send: a second one only where nobody knows whether the service took the first.
pub const SMS_TRIES: u32 = 2;

/// Notices to a number in a day. Whoever can cause notices can't cause more of them.
const NOTICES_PER_NUMBER_PER_DAY: u32 = 3;

/// Of these, notices that strangers cause by knowing an identifier alone: they leave room for one that matters.
const STRANGERS_NOTICES_PER_NUMBER_PER_DAY: u32 = 2;

/// How many callers and how many ranges stand behind a country's messages before its breaker may open.
const BREADTH: usize = 20;

/// The purpose of an SMS: it decides the counters. In every case its country must be allowed.
#[derive(Clone, Copy, Debug)]
pub enum SmsUse<'a> {
    /// The code of a challenge, for a caller: the budgets by country, range and number, and the breaker. Its tries
    /// are counted in the challenge.
    Code(Option<CallerHash>),
    /// A notice of this id: three a day for a number, each tried twice.
    Notice(&'a [u8]),
    /// A notice of this id that strangers can cause: two of the three a day.
    StrangersNotice(&'a [u8]),
    /// The recovery link of this id: outside budgets and breaker, because there is one a day for an address and it
    /// must arrive when they are spent. It is tried twice.
    Link(&'a [u8]),
}

impl SmsLimits {
    /// The counters of a message.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn budget(
        &self,
        sms: SmsUse<'_>,
        number: &PhoneNumber,
        to: SmsDestination,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<SmsBudget, Fault> {
        let subject = hash(prf, &[b"number", number.as_str().as_bytes()])?;
        let tries = |id: &[u8]| {
            let subject = hash(prf, &[b"sms tries", id, number.as_str().as_bytes()])?;
            Ok::<_, Fault>(Counter::new(Scope::SmsTries, subject, SMS_TRIES, now))
        };
        let notices = Counter::new(Scope::SmsNotices, subject, NOTICES_PER_NUMBER_PER_DAY, now);
        let (per_day, per_hour) = match sms {
            SmsUse::Code(caller) => (
                vec![
                    Counter::new(Scope::SmsPerCountry, to.country.subject(), self.per_country_per_day, now),
                    Counter::new(Scope::SmsPerRange, to.range, self.per_range_per_day, now),
                    Counter::new(Scope::SmsPerNumber, subject, self.per_number_per_day, now),
                ],
                conversions(to, caller, now),
            ),
            SmsUse::Notice(id) => (vec![notices, tries(id)?], Vec::new()),
            SmsUse::StrangersNotice(id) => {
                let limit = STRANGERS_NOTICES_PER_NUMBER_PER_DAY;
                let strangers = Counter::new(Scope::SmsStrangersNotices, subject, limit, now);
                (vec![notices, strangers, tries(id)?], Vec::new())
            }
            SmsUse::Link(id) => (vec![tries(id)?], Vec::new()),
        };
        Ok(SmsBudget { per_day, per_hour })
    }

    /// Whether the breaker blocks a message that was counted in a counter of the hour.
    #[must_use]
    pub fn is_blocked(&self, counter: &ConversionCounter, count: &Conversion) -> bool {
        let wanted = u64::from(count.sent) * u64::from(self.conversion_percent);
        let is_low = count.sent > self.before_breaker_per_hour && u64::from(count.verified) * 100 < wanted;
        let is_broad = counter.breadth.is_none() || (count.callers >= BREADTH && count.ranges >= BREADTH);
        is_low && is_broad
    }
}

/// The counters of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsBudget {
    /// The budgets of the day: a message that finds one of them full is blocked.
    pub per_day: Vec<Counter>,
    /// The counters that the breaker judges.
    pub per_hour: Vec<ConversionCounter>,
}

/// A counter of an hour's codes by SMS and of those that were verified: of a range, of a caller, or of a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionCounter {
    /// Its key; it has no limit of its own.
    pub counter: Counter,
    /// Of a country: who and what stands behind this message, noted by the write that counts it.
    pub breadth: Option<Breadth>,
}

/// Short hashes of caller and range, for sets in which only their number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breadth {
    /// Of the caller, if it was noted.
    pub caller: Option<[u8; 2]>,
    /// Of the range.
    pub range: [u8; 2],
}

/// How far a [`ConversionCounter`] has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// Codes that were sent, or are about to be.
    pub sent: u32,
    /// Codes that were verified.
    pub verified: u32,
    /// Different callers behind them, of a country.
    pub callers: usize,
    /// Different ranges behind them, of a country.
    pub ranges: usize,
}

/// The first 12 bits of a hash. So a set of them is capped by itself, at 4,096 entries of two bytes, and the update
/// that adds one needs no condition. Two callers in 4,096 look like one, which only lets the country go on.
fn short(hash: [u8; 32]) -> [u8; 2] {
    [hash[0], hash[1] & 0xf0]
}

fn conversions(to: SmsDestination, caller: Option<CallerHash>, now: Timestamp) -> Vec<ConversionCounter> {
    let counter = |scope, subject: Subject, breadth| ConversionCounter {
        counter: Counter::new(scope, subject, u32::MAX, now),
        breadth,
    };
    let caller = caller.map(|caller| *caller.as_bytes());
    let breadth = Breadth { caller: caller.map(short), range: short(to.range) };
    let mut counters = vec![
        counter(Scope::SmsConversionOfCountry, to.country.subject(), Some(breadth)),
        counter(Scope::SmsConversionOfRange, to.range.into(), None),
    ];
    counters.extend(caller.map(|caller| counter(Scope::SmsConversionOfCaller, caller.into(), None)));
    counters
}

/// The counters of the hour in which a verified code counts, which was sent to a destination for a caller.
#[must_use]
pub fn verified(to: SmsDestination, caller: Option<CallerHash>, now: Timestamp) -> Vec<Counter> {
    conversions(to, caller, now).into_iter().map(|conversion| conversion.counter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceAddress;
    use crate::testing::TestPrf;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    const LIMITS: SmsLimits = SmsLimits {
        per_country_per_day: 1_000,
        per_range_per_day: 20,
        per_number_per_day: 10,
        before_breaker_per_hour: 20,
        conversion_percent: 10,
    };

    fn to(number: &str, country: &str) -> (PhoneNumber, SmsDestination) {
        let number = PhoneNumber::parse(number).unwrap();
        let to = SmsDestination::of(&number, Country::parse(country).unwrap(), &TestPrf).unwrap();
        (number, to)
    }

    fn code(address: &str) -> SmsUse<'static> {
        SmsUse::Code(Some(caller(address)))
    }

    fn caller(address: &str) -> CallerHash {
        SourceAddress::new(address.parse().unwrap()).site_hash(&TestPrf).unwrap()
    }

    fn budget(sms: SmsUse<'_>, number: &str, country: &str) -> SmsBudget {
        let (number, to) = to(number, country);
        LIMITS.budget(sms, &number, to, NOW, &TestPrf).unwrap()
    }

    #[test]
    fn a_country_is_two_capitals() {
        assert_eq!(Country::parse("SE").unwrap().as_str(), "SE");
        for wrong in ["", "S", "SWE", "se", "S1", "Å"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_counts_by_country_range_number_and_caller() {
        let of_one = code("192.0.2.1");
        let one = budget(of_one, "+46701740605", "SE");
        assert_eq!((one.per_day.len(), one.per_hour.len()), (3, 3));
        let same_range = budget(of_one, "+46701749999", "SE");
        assert_eq!((&one.per_day[..2], &one.per_hour), (&same_range.per_day[..2], &same_range.per_hour));
        assert_ne!(one.per_day[2], same_range.per_day[2], "another number");
        let next = budget(of_one, "+46701750605", "SE");
        assert_eq!(one.per_day[0], next.per_day[0]);
        assert_ne!(one.per_day[1], next.per_day[1], "another range");
        assert_ne!(one.per_day[0], budget(of_one, "+4740612345", "NO").per_day[0]);
        let other = budget(code("192.0.2.2"), "+46701740605", "SE");
        assert_eq!(one.per_day, other.per_day, "no budget of the day is the caller's");
        assert_ne!(one.per_hour, other.per_hour);
        let counters: Vec<_> = one.per_hour.into_iter().map(|conversion| conversion.counter).collect();
        let (_, to) = to("+46701740605", "SE");
        assert_eq!(
            counters,
            verified(to, Some(caller("192.0.2.1")), NOW),
            "codes are verified where they count"
        );
    }

    #[test]
    fn a_link_is_outside_budgets_and_breaker_and_a_notice_has_one_of_its_own() {
        let limits = |sms| {
            let SmsBudget { per_day, per_hour } = budget(sms, "+46701740605", "SE");
            assert!(per_hour.is_empty());
            per_day.iter().map(|counter| (counter.scope(), counter.limit())).collect::<Vec<_>>()
        };
        assert_eq!(limits(SmsUse::Link(b"1")), [(Scope::SmsTries, 2)]);
        assert_eq!(limits(SmsUse::Notice(b"1")), [(Scope::SmsNotices, 3), (Scope::SmsTries, 2)]);
        let strangers = [(Scope::SmsNotices, 3), (Scope::SmsStrangersNotices, 2), (Scope::SmsTries, 2)];
        assert_eq!(limits(SmsUse::StrangersNotice(b"1")), strangers);
        let tries = |id| budget(SmsUse::Link(id), "+46701740605", "SE").per_day;
        assert_ne!(tries(b"1"), tries(b"2"), "each has its own");
    }

    #[test]
    fn the_breaker_waits_for_enough_messages_and_asks_for_a_share() {
        let range = &budget(SmsUse::Code(None), "+46701740605", "SE").per_hour[1];
        let is_blocked = |sent, verified| {
            LIMITS.is_blocked(range, &Conversion { sent, verified, ..Conversion::default() })
        };
        assert!(!is_blocked(20, 0), "too few to tell");
        assert!(is_blocked(21, 0));
        assert!(is_blocked(100, 9));
        assert!(!is_blocked(100, 10));
        assert!(is_blocked(u32::MAX, 1));
        let off = SmsLimits { conversion_percent: 0, ..LIMITS };
        assert!(!off.is_blocked(range, &Conversion { sent: u32::MAX, ..Conversion::default() }));
    }

    #[test]
    fn a_country_is_blocked_by_many_callers_and_many_ranges_alone() {
        let country = &budget(SmsUse::Code(None), "+46701740605", "SE").per_hour[0];
        let is_blocked = |callers, ranges| {
            LIMITS.is_blocked(country, &Conversion { sent: 1_000, verified: 0, callers, ranges })
        };
        assert!(is_blocked(20, 20));
        assert!(!is_blocked(19, 1_000) && !is_blocked(1_000, 19));
    }
}
