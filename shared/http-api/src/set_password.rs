//! `POST /v1/password`: set a password.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::HeaderMap;
use regain_domain::port::{PasswordChecks, PasswordHasher, PasswordStore};
use regain_domain::usecase::set_password::{NewPassword, SetPassword, SetPasswordError};
use regain_domain::{Clock, Password, RecoveryToken, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::Object;
use zeroize::Zeroizing;

use crate::extract::{OptionalIdempotencyKey, StrictJson, bearer};
use crate::openapi::{example, one_of, refusals, tag};
use crate::problem::{Code, Problem};
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;

/// The new password.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewPassword)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// It counts in NFC. What is asked of it, `GET /v1/password-policy` says.
    #[schema(value_type = String, format = Password)]
    password: Zeroizing<String>,
}

/// The password is changed.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordChange)]
pub(crate) struct Answer {
    /// When.
    password_changed_at: Rfc3339Time,
    /// Whether every session of the account has ended.
    sessions_revoked: bool,
    /// Makes the device a known one. Send it along with the next sign-in from it.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{64}$")]
    device_token: Zeroizing<String>,
}

refusals!(
    InvalidRequest,
    VerificationTokenInvalid,
    BodyTooLarge,
    UnsupportedMediaType,
    PasswordRejected,
    IdempotencyKeyReused,
    InternalError,
    ServiceUnavailable,
);

/// The operation's route.
pub fn router<S, H, C>(use_case: SetPassword<S, H, C>, clock: Arc<dyn Clock>) -> Router
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
    C: PasswordChecks + 'static,
{
    Router::new().route("/v1/password", post(handle::<S, H, C>)).with_state(Timed::new(use_case, clock))
}

/// Set a password.
///
/// The password works at once. Every session of the account ends, and so do its other challenges and tokens;
/// every address of the account is told. A rejected password does not spend the token; the tenth does.
#[utoipa::path(
    post,
    path = "/v1/password",
    operation_id = "setPassword",
    tag = tag::RECOVERY,
    security(("verification_token" = [])),
    params(OptionalIdempotencyKey),
    request_body(content = Body, content_type = "application/json", example = json!(
        {"password": example::PASSWORD}
    )),
    responses(
        (
            status = 200,
            description = "The password is changed.",
            content_type = "application/json",
            body = Answer,
            example = json!({
                "password_changed_at": example::TIME, "sessions_revoked": true,
                "device_token": example::DEVICE_TOKEN,
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle<S, H, C>(
    State(use_case): State<Arc<SetPassword<S, H, C>>>,
    Now(now): Now,
    headers: HeaderMap,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem>
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
    C: PasswordChecks + 'static,
{
    let token = bearer(&headers).and_then(RecoveryToken::parse).ok_or_else(token_invalid)?;
    let request = NewPassword { token, password: Password::new(&body.password), idempotency_key };
    let set = use_case.run(&request, now).await.map_err(problem)?;
    // The transaction that set the password moved the session epoch on.
    Ok(Json(Answer {
        password_changed_at: Rfc3339Time(set.changed_at),
        sessions_revoked: true,
        device_token: set.device.reveal(),
    }))
}

fn token_invalid() -> Problem {
    let detail = "The verification is unknown, used or has expired. Ask for a new code.";
    Problem::new(Code::VerificationTokenInvalid, detail)
}

pub(crate) fn problem(error: SetPasswordError) -> Problem {
    match error {
        SetPasswordError::TokenInvalid => token_invalid(),
        SetPasswordError::Rejected(violations) => password_rejected(&violations),
        SetPasswordError::KeyReused(reused) => reused.into(),
        SetPasswordError::Fault(fault) => fault.into(),
    }
}

/// The problem that lists everything that is wrong with a password.
pub(crate) fn password_rejected(violations: &[Violation]) -> Problem {
    let violations: Vec<Value> = violations.iter().map(violation).collect();
    Problem::new(Code::PasswordRejected, "Choose another password.").with("violations", violations)
}

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

/// What is checked of a password, by the codes of violations.
#[must_use]
pub fn checks(with_breaches: bool) -> Vec<&'static str> {
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
    /// What to do, for the person.
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

fn violation(violation: &Violation) -> Value {
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
