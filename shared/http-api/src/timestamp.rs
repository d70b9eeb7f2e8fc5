//! Times as clients see them: RFC 3339 in UTC with whole seconds.

use regain_domain::Timestamp;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time that serialises as RFC 3339.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rfc3339Time(pub(crate) Timestamp);

impl Serialize for Rfc3339Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time =
            OffsetDateTime::from_unix_timestamp(self.0.as_unix()).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&time.format(&Rfc3339).map_err(serde::ser::Error::custom)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_whole_seconds() {
        let text = serde_json::to_string(&Rfc3339Time(Timestamp::from_unix(1_800_000_000))).unwrap();
        assert_eq!(text, r#""2027-01-15T08:00:00Z""#);
    }
}
