//! Violations: what can be wrong with a password, as clients see it.

use regain_domain::Violation;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::schema::one_of;

/// Every violation; the numbers are none.
const ALL: [Violation; 7] = [
    Violation::TooShort { minimum: 0 },
    Violation::TooLong { maximum: 0 },
    Violation::ForbiddenCharacters,
    Violation::TooCommon,
    Violation::Breached,
    Violation::ContainsPersonalData,
    Violation::SameAsCurrent,
];

/// The checks of a password, by the codes of violations.
pub(crate) fn checks(with_breaches: bool) -> Vec<&'static str> {
    ALL.iter().filter(|v| with_breaches || **v != Violation::Breached).map(|v| code(v)).collect()
}

/// The stable code of a violation.
const fn code(violation: &Violation) -> &'static str {
    match violation {
        Violation::TooShort { .. } => "too_short",
        Violation::TooLong { .. } => "too_long",
        Violation::ForbiddenCharacters => "forbidden_characters",
        Violation::TooCommon => "too_common",
        Violation::Breached => "breached",
        Violation::ContainsPersonalData => "contains_personal_data",
        Violation::SameAsCurrent => "same_as_current",
    }
}

/// Something that is wrong with a password, for the document.
#[derive(ToSchema)]
#[schema(as = Violation)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ViolationSchema {
    /// Which of the checks.
    #[schema(schema_with = check_schema)]
    code: String,
    /// The advice for the person.
    message: String,
    /// With `too_short`: the least length in code points.
    #[schema(nullable = false)]
    minimum: Option<usize>,
    /// With `too_long`: the largest length in code points.
    #[schema(nullable = false)]
    maximum: Option<usize>,
}

/// The schema of a check's code.
pub(crate) fn check_schema() -> Object {
    one_of(checks(true))
}

/// A violation as clients see it.
pub(crate) fn violation(violation: &Violation) -> Value {
    let message = match violation {
        Violation::TooShort { minimum } => format!("Use at least {minimum} characters."),
        Violation::TooLong { maximum } => format!("Use at most {maximum} characters."),
        Violation::ForbiddenCharacters => "Leave out control characters.".to_owned(),
        Violation::TooCommon => {
            "Many people use this password, or one like it: it is guessed first.".to_owned()
        }
        Violation::Breached => "This password is known from a data breach. Don't use it anywhere.".to_owned(),
        Violation::ContainsPersonalData => {
            "Leave out your name, your addresses and the name of this service.".to_owned()
        }
        Violation::SameAsCurrent => "This is the current password. Choose a new one.".to_owned(),
    };
    let mut value = json!({"code": code(violation), "message": message});
    match violation {
        Violation::TooShort { minimum } => value["minimum"] = (*minimum).into(),
        Violation::TooLong { maximum } => value["maximum"] = (*maximum).into(),
        _ => {}
    }
    value
}
