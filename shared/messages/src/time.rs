//! Times as people read them.

use regain_domain::Timestamp;
use time::OffsetDateTime;

/// A time to the minute in UTC, such as `2026-11-23 22:52 UTC`: a person's time zone isn't known.
pub(crate) fn readable(at: Timestamp) -> String {
    // A time that no calendar holds can't come from a clock; its number still says when.
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at.as_unix()) else {
        return format!("@{}", at.as_unix());
    };
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    format!("{:04}-{:02}-{:02} {hour:02}:{minute:02} UTC", date.year(), u8::from(date.month()), date.day())
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
