//! Times as clients see them: RFC 3339 in UTC with whole seconds.

use std::borrow::Cow;

use regain_domain::Timestamp;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

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

impl PartialSchema for Rfc3339Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
            .description(Some("A time by RFC 3339, in UTC with whole seconds."))
            .into()
    }
}

impl ToSchema for Rfc3339Time {
    fn name() -> Cow<'static, str> {
        "Time".into()
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
