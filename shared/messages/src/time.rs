//! Times as people read them. A person's time zone isn't known: they are in UTC.

use regain_domain::Timestamp;
use time::OffsetDateTime;

/// The parts of a time, for words to be put around them.
pub(crate) struct Parts {
    pub(crate) year: i32,
    /// From 1 to 12.
    pub(crate) month: u8,
    /// From 1.
    pub(crate) day: u8,
    hour: u8,
    minute: u8,
}

impl Parts {
    /// `None` for a time that no calendar holds, which can't come from a clock.
    pub(crate) fn of(at: Timestamp) -> Option<Self> {
        let at = OffsetDateTime::from_unix_timestamp(at.as_unix()).ok()?;
        let (date, month) = (at.date(), u8::from(at.month()));
        Some(Self { year: date.year(), month, day: date.day(), hour: at.hour(), minute: at.minute() })
    }

    /// The time of day, to the minute: `22:52`.
    pub(crate) fn clock(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }
}

/// A time to the minute, as short as it gets: `2026-11-23 22:52 UTC`.
pub(crate) fn readable(at: Timestamp) -> String {
    match Parts::of(at) {
        Some(parts) => {
            let Parts { year, month, day, .. } = parts;
            format!("{year:04}-{month:02}-{day:02} {} UTC", parts.clock())
        }
        // Its number still says when.
        None => format!("@{}", at.as_unix()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_minute() {
        assert_eq!(readable(Timestamp::from_unix(1_795_474_379)), "2026-11-23 22:52 UTC");
        assert_eq!(readable(Timestamp::from_unix(0)), "1970-01-01 00:00 UTC");
        assert_eq!(readable(Timestamp::from_unix(i64::MAX)), "@9223372036854775807");
    }
}
