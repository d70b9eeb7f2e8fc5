//! `POST /v1/password`: set a password.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::HeaderMap;
use regain_domain::port::{PasswordChecks, PasswordHasher, PasswordStore};
use regain_domain::usecase::set_password::{NewPassword, SetPassword, SetPasswordError};
use regain_domain::{Password, VerificationToken, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::extract::{OptionalIdempotencyKey, StrictJson, bearer};
use crate::problem::{Code, Problem};
use crate::timestamp::Rfc3339Time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    password: Zeroizing<String>,
}

#[derive(Serialize)]
struct Answer {
    password_changed_at: Rfc3339Time,
    sessions_revoked: bool,
}

/// The operation's route.
pub fn router<S, H, C>(use_case: SetPassword<S, H, C>) -> Router
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
    C: PasswordChecks + 'static,
{
    Router::new().route("/v1/password", post(handle::<S, H, C>)).with_state(Arc::new(use_case))
}

async fn handle<S, H, C>(
    State(use_case): State<Arc<SetPassword<S, H, C>>>,
    headers: HeaderMap,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem>
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
    C: PasswordChecks + 'static,
{
    let token = bearer(&headers).and_then(VerificationToken::parse).ok_or_else(token_invalid)?;
    let request = NewPassword { token, password: Password::new(&body.password), idempotency_key };
    let set = use_case.run(&request).await.map_err(problem)?;
    // The transaction that set the password moved the session epoch on.
    Ok(Json(Answer { password_changed_at: Rfc3339Time(set.changed_at), sessions_revoked: true }))
}

fn token_invalid() -> Problem {
    let detail = "The verification is unknown, used or has expired. Ask for a new code.";
    Problem::new(Code::VerificationTokenInvalid, detail)
}

fn problem(error: SetPasswordError) -> Problem {
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

/// What is checked of a password, by the codes of violations.
#[must_use]
pub fn checks(with_breaches: bool) -> Vec<&'static str> {
    let all = [
        Violation::TooShort { minimum: 0 },
        Violation::TooLong { maximum: 0 },
        Violation::ForbiddenCharacters,
        Violation::TooCommon,
        Violation::Breached,
        Violation::ContainsPersonalData,
        Violation::SameAsCurrent,
    ];
    all.iter().filter(|v| with_breaches || **v != Violation::Breached).map(|v| code(v)).collect()
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
