//! Counters of a fixed window, each with a key that holds the window, so that they need no clean-up but the TTL's and
//! no scan.

use std::time::Duration;

use crate::{AccountId, IdentifierHash, Timestamp};

/// A window of counting: from its first second to the first second after it. Windows of a length follow each other
/// without a gap, from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: Timestamp,
    end: Timestamp,
}

impl Window {
    /// The hour of a time, in UTC.
    #[must_use]
    pub fn hour(now: Timestamp) -> Self {
        Self::of(Duration::from_hours(1), now)
    }

    /// The day of a time, in UTC.
    #[must_use]
    pub fn day(now: Timestamp) -> Self {
        Self::of(Duration::from_hours(24), now)
    }

    fn of(length: Duration, now: Timestamp) -> Self {
        let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX).max(1);
        let start = Timestamp::from_unix(now.as_unix() - now.as_unix().rem_euclid(seconds));
        Self { start, end: start.plus(length) }
    }

    /// Its first second.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first second after it.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }
}

macro_rules! scopes {
    ($($(#[doc = $doc:literal])* $scope:ident: $word:literal, $window:ident;)*) => {
        /// The scope of a counter: what is counted, and by the hour or by the day.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Scope {
            $($(#[doc = $doc])* $scope,)*
        }

        impl Scope {
            /// Every scope.
            pub const ALL: &[Self] = &[$(Self::$scope),*];

            /// The word for it in the table's keys.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$scope => $word,)*
                }
            }

            /// The window that a time falls into.
            #[must_use]
            pub fn window(self, now: Timestamp) -> Window {
                match self {
                    $(Self::$scope => Window::$window(now),)*
                }
            }
        }
    };
}

scopes! {
    /// Requests and resends from an address.
    RequestsByAddress: "request-address", hour;
    /// Requests for an identifier in an hour.
    RequestsPerHour: "request-hour", hour;
    /// Requests for an identifier in a day.
    RequestsPerDay: "request-day", day;
    /// Guesses from an address.
    GuessesByAddress: "verify-address", hour;
    /// Sign-ins tried from an address.
    SignInsByAddress: "sign-in-address", hour;
    /// Wrong passwords from an address. They are counted with their identifier's and have no item of their own.
    SignInFailures: "sign-in-failures", hour;
    /// Challenges armed for an account, or for nobody.
    Armed: "armed-day", day;
    /// Challenges armed for nobody, in the place of an account's since its last success.
    Decoys: "decoy", day;
    /// Recovery links to an address of an account.
    Links: "link", day;
    /// Tries of an SMS that is no code.
    SmsTries: "sms-tries", day;
    /// Notices by SMS to a number.
    SmsNotices: "sms-notice", day;
    /// Of these, notices that strangers can cause.
    SmsStrangersNotices: "sms-strangers-notice", day;
    /// Codes by SMS to a country in a day.
    SmsPerCountry: "sms-country", day;
    /// Codes by SMS to a range of numbers in a day.
    SmsPerRange: "sms-range", day;
    /// Codes by SMS to a number.
    SmsPerNumber: "sms-number", day;
    /// Codes by SMS to a country in an hour, and how many were verified.
    SmsConversionOfCountry: "sms-country-hour", hour;
    /// Codes by SMS to a range of numbers in an hour, and how many were verified.
    SmsConversionOfRange: "sms-range-hour", hour;
    /// Codes by SMS for a caller in an hour, and how many were verified.
    SmsConversionOfCaller: "sms-caller-hour", hour;
}

/// The one for whom something is counted: a keyed hash, or an id that names nobody. Absent from `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Subject([u8; 32]);

impl Subject {
    /// The bytes of the counter's key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A short subject, with zeros behind it. Subjects of one scope have one length.
    pub(crate) fn short(bytes: &[u8]) -> Self {
        let mut subject = [0; 32];
        for (place, byte) in subject.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Self(subject)
    }
}

impl From<[u8; 32]> for Subject {
    fn from(keyed_hash: [u8; 32]) -> Self {
        Self(keyed_hash)
    }
}

impl From<IdentifierHash> for Subject {
    fn from(hash: IdentifierHash) -> Self {
        Self(*hash.as_bytes())
    }
}

impl From<AccountId> for Subject {
    fn from(id: AccountId) -> Self {
        Self::short(id.as_bytes())
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(redacted)")
    }
}

/// One counter: what is counted, for whom, in which window, and how far it may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    scope: Scope,
    subject: Subject,
    window: Window,
    limit: u32,
}

impl Counter {
    /// The counter of the window that `now` falls into. `limit` is the largest count that is let through, 1 at least.
    #[must_use]
    pub fn new(scope: Scope, subject: impl Into<Subject>, limit: u32, now: Timestamp) -> Self {
        Self { scope, subject: subject.into(), window: scope.window(now), limit }
    }

    /// The counted matter; part of the key.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// For whom; part of the key.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// When; its start is part of the key, and from its end on the counter can be purged.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The largest count that is let through.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Whether a counter that has come so far lets nothing more through.
    #[must_use]
    pub const fn is_full(&self, count: u32) -> bool {
        count >= self.limit
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
pub struct Consumed {
    /// Those that counted it, to refund if the call turns out not to have happened.
    pub consumed: Vec<Counter>,
    /// The refusal that lasts longest.
    pub limited: Option<Limited>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_window_holds_its_time_and_the_next_begins_where_it_ends() {
        for now in [1_700_000_123, 0, -1].map(Timestamp::from_unix) {
            for (window, seconds) in [(Window::hour(now), 3_600), (Window::day(now), 86_400)] {
                assert!(window.start() <= now && now < window.end());
                assert_eq!(window.start().seconds_until(window.end()), seconds);
            }
            assert_eq!(Window::hour(Window::hour(now).end()).start(), Window::hour(now).end());
        }
    }

    #[test]
    fn no_two_scopes_share_a_counter() {
        let words: HashSet<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(words.len(), Scope::ALL.len());
    }

    #[test]
    fn a_subject_is_shown_to_nobody() {
        let counter = Counter::new(Scope::Links, [77; 32], 1, Timestamp::from_unix(0));
        assert!(!format!("{counter:?}").contains("77"));
    }
}
