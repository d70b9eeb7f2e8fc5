//! `POST /v1/password`: set a password.

use std::sync::Arc;

use axum::extract::State;
use axum::{Json, Router};
use http::HeaderMap;
use regain_domain::port::{Directory, PasswordChecks, PasswordStore};
use regain_domain::usecase::set_password::{NewPassword, SetPassword, SetPasswordError};
use regain_domain::{Password, RecoveryToken, Violation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::{OptionalIdempotencyKey, StrictJson, bearer};
use crate::problem::{Code, Problem};
use crate::route::Route;
use crate::schema::{example, refusals, tag};
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;
use crate::violation::violation;

pub(crate) const ROUTE: Route = Route::post("/v1/password", "set-password", "setPassword");

/// The operation's route.
pub fn router<S, D, C>(use_case: Timed<SetPassword<S, D, C>>) -> Router
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
    C: PasswordChecks + 'static,
{
    ROUTE.to(handle::<S, D, C>, use_case)
}

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

/// Set a password.
///
/// The password works at once. Every session of the account ends, and so do its other challenges and tokens;
/// every address of the account is told. A rejected password does not spend the token; the tenth does.
#[utoipa::path(
    post,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
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
pub(crate) async fn handle<S, D, C>(
    State(use_case): State<Arc<SetPassword<S, D, C>>>,
    Now(now): Now,
    headers: HeaderMap,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem>
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
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

/// The problem that an error is.
#[must_use]
pub fn problem(error: SetPasswordError) -> Problem {
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
