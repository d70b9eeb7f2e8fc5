//! Limits on how often things may be asked for: counters of a fixed window, each with a key that holds
//! the window, so that they need no clean-up but the TTL's and no scan.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::account::Contact;
use crate::port::{ArmingBudget, Beside};
use crate::prf::Output;
use crate::{
    Armed, Challenge, Fault, IdentifierHash, KeyUse, Prf, SecretHash, SignInLimits, SmsLimits, Timestamp,
};

/// How often things may be asked for. All values are counts in the window that the name says.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Codes requested for one identifier in an hour.
    pub requests_per_identifier_per_hour: u32,
    /// Codes requested for one identifier in a day.
    pub requests_per_identifier_per_day: u32,
    /// Codes requested from one address in an hour.
    pub requests_per_address_per_hour: u32,
    /// Codes checked for one address in an hour.
    pub verifies_per_address_per_hour: u32,
    /// Passwords tried.
    pub sign_in: SignInLimits,
    /// Challenges armed for one account in a day.
    pub armed_per_account_per_day: u32,
    /// Challenges armed for one account since its last success.
    pub armed_per_account_since_success: u32,
    /// SMS.
    pub sms: SmsLimits,
}

impl Limits {
    /// The counter of requests and resends from an address.
    pub fn requests_per_address(
        &self,
        source: SourceAddress,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<Counter, Fault> {
        let limit = self.requests_per_address_per_hour;
        Counter::of_address("request-address", source, HOUR, limit, now, prf)
    }

    /// The counters of requests for an identifier in the hour and in the day of `now`. Where a postal code is
    /// asked for, it is part of what is counted: who doesn't know it gets no message out, and must not use up what
    /// its owner may ask for.
    #[must_use]
    pub fn requests(
        &self,
        identifier: &IdentifierHash,
        postal_code: Option<&SecretHash>,
        now: Timestamp,
    ) -> PerHourAndDay {
        let mut subject = *identifier.as_bytes();
        if let Some(postal_code) = postal_code {
            postal_code.mix_into(&mut subject);
        }
        PerHourAndDay {
            hour: Counter::new("request-hour", subject, HOUR, self.requests_per_identifier_per_hour, now),
            day: Counter::new("request-day", subject, DAY, self.requests_per_identifier_per_day, now),
        }
    }
}

impl Limits {
    /// What arming a challenge counts. An account's budget is one, whatever the identifier, channel or caller (NIST
    /// SP 800-63B-4, section 3.2.2); nobody's challenge counts where nothing is ever refused.
    #[must_use]
    pub fn arming(&self, challenge: &Challenge, armed: Armed, now: Timestamp) -> ArmingBudget {
        let mut subject = [0; 32];
        subject[..16].copy_from_slice(armed.account.as_bytes());
        let is_decoy = armed == Armed::decoy(&challenge.identifier);
        let is_counted = challenge.armed == Some(armed);
        let limited = |limit| if is_decoy || is_counted { u32::MAX } else { limit };
        let per_day = limited(self.armed_per_account_per_day);
        ArmingBudget {
            per_day: Counter::new("armed-day", subject, DAY, per_day, now),
            beside: if is_decoy {
                Beside::Decoy(Counter::new("decoy", *challenge.identifier.as_bytes(), DAY, u32::MAX, now))
            } else {
                Beside::Account { limit: limited(self.armed_per_account_since_success) }
            },
            count: u32::from(!is_counted),
        }
    }
}

/// The counter of a day's links to an address of an account that has had so many passwords. It is named under the
/// oldest version of the key that is known, so that a promotion brings no second link.
///
/// # Errors
/// [`Fault`] if there is no key.
pub fn links_of_day(
    armed: Armed,
    address: &Contact,
    now: Timestamp,
    prf: &dyn Prf,
) -> Result<Counter, Fault> {
    let oldest = prf.versions(KeyUse::Identifier).into_iter().min();
    let oldest = oldest.ok_or_else(|| Fault::internal("no key for identifiers"))?;
    let (identifier, version) = (address.identifier(), armed.credential_version.0.to_be_bytes());
    let parts = [
        b"links of a day".as_slice(),
        armed.account.as_bytes(),
        &version,
        identifier.channel().as_str().as_bytes(),
        identifier.as_str().as_bytes(),
    ];
    Ok(Counter::new("link", *prf.evaluate(KeyUse::Identifier, oldest, &parts)?, DAY, 1, now))
}

/// Two counters of the same.
#[derive(Clone, Debug)]
pub struct PerHourAndDay {
    /// Of the hour.
    pub hour: Counter,
    /// Of the day.
    pub day: Counter,
}

/// The address of a caller as the gateway vouches for it. IPv6 callers count by /64, since that is what
/// one subscriber has; IPv4-mapped IPv6 counts as IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceAddress(IpAddr);

impl SourceAddress {
    /// From an address.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => Self(IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)))),
        }
    }

    /// The key for callers without a known address: all of them together.
    #[must_use]
    pub const fn unknown() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// What suspicion falls on together: IPv6 callers by /48, which is the most that one site is given (RFC 6177), so
    /// that nobody looks like many by having many networks of 64 bits.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn site_hash(&self, prf: &dyn Prf) -> Result<CallerHash, Fault> {
        const SITE: u128 = !(u128::MAX >> 48);
        let site = match self.0 {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & SITE)),
        };
        Ok(CallerHash(*hash_of(site, b"site", prf)?))
    }
}

fn hash_of(address: IpAddr, kind: &[u8], prf: &dyn Prf) -> Result<Output, Fault> {
    let text = address.to_string();
    let key = prf.current(KeyUse::Identifier);
    prf.evaluate(KeyUse::Identifier, key, &[kind, text.as_bytes()])
}

/// A keyed hash of a caller's site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CallerHash([u8; 32]);

impl CallerHash {
    /// From the bytes that were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for CallerHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallerHash(redacted)")
    }
}

impl std::fmt::Debug for SourceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceAddress(redacted)")
    }
}

/// An hour and a day as windows.
pub const HOUR: Duration = Duration::from_hours(1);
/// See [`HOUR`].
pub const DAY: Duration = Duration::from_hours(24);

/// The first second of the window that `now` falls into.
#[must_use]
pub fn window_start(window: Duration, now: Timestamp) -> Timestamp {
    let length = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
    Timestamp::from_unix(now.as_unix() - now.as_unix().rem_euclid(length))
}

/// One counter: what is counted, for whom, in which window, and how far it may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is counted; part of the key.
    pub scope: &'static str,
    /// A keyed hash of the one for whom it is counted; part of the key.
    pub subject: [u8; 32],
    /// The first second of the window; part of the key.
    pub window_start: Timestamp,
    /// The first second after it: the counter can be purged from then on.
    pub window_end: Timestamp,
    /// The largest count that is let through.
    pub limit: u32,
}

impl Counter {
    /// The counter whose window `now` falls into.
    #[must_use]
    pub fn new(scope: &'static str, subject: [u8; 32], window: Duration, limit: u32, now: Timestamp) -> Self {
        let window_start = window_start(window, now);
        Self { scope, subject, window_start, window_end: window_start.plus(window), limit }
    }

    /// A counter for the address of a caller.
    pub fn of_address(
        scope: &'static str,
        address: SourceAddress,
        window: Duration,
        limit: u32,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<Self, Fault> {
        Ok(Self::new(scope, *hash_of(address.0, b"address", prf)?, window, limit, now))
    }
}

/// A limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit is reached until {until:?}")]
pub struct Limited {
    /// When the window that is full ends.
    pub until: Timestamp,
}

/// Which counters let a call through and which, if any, refused it.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Those that counted it, to give back if the call turns out not to have happened.
    pub counted: Vec<Counter>,
    /// The refusal that lasts longest.
    pub limited: Option<Limited>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn a_window_holds_its_time() {
        let now = Timestamp::from_unix(1_700_000_123);
        let counter = Counter::new("request", [0; 32], HOUR, 5, now);
        assert!(counter.window_start <= now && now < counter.window_end);
        assert_eq!(counter.window_start.seconds_until(counter.window_end), 3_600);
        let next = Counter::new("request", [0; 32], HOUR, 5, counter.window_end);
        assert_eq!(next.window_start, counter.window_end);
    }

    #[test]
    fn a_site_is_one_caller_however_many_networks_it_has() {
        let site =
            |text: &str| *SourceAddress::new(text.parse().unwrap()).site_hash(&TestPrf).unwrap().as_bytes();
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:ffff::1"));
        assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
        assert_ne!(site("192.0.2.1"), site("192.0.2.2"));
    }

    #[test]
    fn addresses_count_by_subscriber() {
        let subject = |text: &str| {
            let address = SourceAddress::new(text.parse().unwrap());
            let now = Timestamp::from_unix(0);
            Counter::of_address("request", address, HOUR, 5, now, &TestPrf).unwrap().subject
        };
        assert_eq!(subject("2001:db8:1:2:3::4"), subject("2001:db8:1:2:ffff::"));
        assert_ne!(subject("2001:db8:1:2::"), subject("2001:db8:1:3::"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
