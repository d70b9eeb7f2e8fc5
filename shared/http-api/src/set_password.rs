//! `POST /v1/password`: set a password.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::HeaderMap;
use regain_domain::port::{PasswordHasher, PasswordStore};
use regain_domain::usecase::set_password::{SetPassword, SetPasswordError};
use regain_domain::{Password, VerificationToken, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::extract::{StrictJson, bearer};
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
pub fn router<S, H>(use_case: SetPassword<S, H>) -> Router
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
{
    Router::new().route("/v1/password", post(handle::<S, H>)).with_state(Arc::new(use_case))
}

async fn handle<S, H>(
    State(use_case): State<Arc<SetPassword<S, H>>>,
    headers: HeaderMap,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem>
where
    S: PasswordStore + 'static,
    H: PasswordHasher + 'static,
{
    let token = bearer(&headers).and_then(VerificationToken::parse).ok_or_else(token_invalid)?;
    let set = use_case.run(&token, &Password::new(&body.password)).await.map_err(problem)?;
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
        SetPasswordError::Fault(fault) => fault.into(),
    }
}

/// The problem that lists everything that is wrong with a password.
pub(crate) fn password_rejected(violations: &[Violation]) -> Problem {
    let violations: Vec<Value> = violations.iter().map(violation).collect();
    Problem::new(Code::PasswordRejected, "Choose another password.").with("violations", violations)
}

fn violation(violation: &Violation) -> Value {
    match violation {
        Violation::TooShort { minimum } => json!({
            "code": "too_short",
            "message": format!("Use at least {minimum} characters."),
            "minimum": minimum,
        }),
        Violation::TooLong { maximum } => json!({
            "code": "too_long",
            "message": format!("Use at most {maximum} characters."),
            "maximum": maximum,
        }),
        Violation::ForbiddenCharacters => json!({
            "code": "forbidden_characters",
            "message": "Leave out control characters.",
        }),
    }
}
