//! The machine's time, which logs, metrics and traces carry whatever clock the rules go by.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "what is observed happens in the machine's time")]
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A time as RFC 3339 in UTC.
pub(crate) fn rfc3339(time: Duration) -> String {
    // Milliseconds are what CloudWatch orders lines by.
    let time = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(milliseconds(time));
    time.format(&Rfc3339).unwrap_or_default()
}

/// A time in whole milliseconds.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a measurement of the machine")]
    /// Starts measuring.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since then, to the microsecond.
    #[must_use]
    pub fn milliseconds(self) -> f64 {
        let microseconds = u32::try_from(self.0.elapsed().as_micros()).unwrap_or(u32::MAX);
        f64::from(microseconds) / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_milliseconds() {
        let time = Duration::new(1_800_000_000, 251_999_999);
        assert_eq!(rfc3339(time), "2027-01-15T08:00:00.251Z");
        assert!(now() > Duration::from_secs(1_790_000_000));
    }
}
