//! `/v1/sessions`: sign in, look at the session, sign out here or everywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use regain_domain::port::{PasswordHasher, SessionStore};
use regain_domain::usecase::sessions::{SessionError, Sessions};
use regain_domain::usecase::sign_in::{ClaimedDevice, SignIn, SignInError};
use regain_domain::{Clock, Password, SessionToken, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::app::Caller;
use crate::extract::{StrictJson, bearer};
use crate::openapi::{example, refusals, tag};
use crate::problem::{Code, Problem};
use crate::request_code::identifier;
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignIn)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// An email address, or a mobile number with `+` and country code. ASCII space and invisible characters around
    /// it are dropped.
    #[schema(min_length = 5)]
    identifier: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: Zeroizing<String>,
    /// The device token of an earlier sign-in or new password. One that isn't known changes nothing.
    #[schema(value_type = Option<String>)]
    device_token: Option<Zeroizing<String>>,
}

/// A session begins.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedIn {
    /// The bearer token for the account's calls.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{64}$")]
    session_token: Zeroizing<String>,
    /// When the session ends by itself.
    expires_at: Rfc3339Time,
    /// How many seconds from now that is, for clients whose clock may be wrong.
    #[schema(minimum = 0)]
    expires_in: u64,
    /// Makes the device a known one. Send it along with the next sign-in from it.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{64}$")]
    device_token: Zeroizing<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct Current {
    /// Names the account.
    #[schema(pattern = "^[A-Za-z0-9_-]{22}$")]
    account_id: String,
    /// When the person signed in.
    created_at: Rfc3339Time,
    /// When the session ends by itself.
    expires_at: Rfc3339Time,
    /// How many seconds from now that is, for clients whose clock may be wrong.
    #[schema(minimum = 0)]
    expires_in: u64,
}

refusals!(
    SignInRefusals:
    InvalidRequest,
    CredentialsInvalid,
    RecoveryRequired,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidIdentifier,
    RateLimited,
    InternalError,
    ServiceUnavailable,
);
refusals!(Refusals: SessionInvalid, InternalError, ServiceUnavailable);

/// The operations' routes.
pub fn router<S, H>(use_case: Sessions<S, H>, clock: Arc<dyn Clock>) -> Router
where
    S: SessionStore + 'static,
    H: PasswordHasher + 'static,
{
    Router::new()
        .route("/v1/sessions", post(sign_in::<S, H>).delete(sign_out_everywhere::<S, H>))
        .route("/v1/sessions/current", get(current::<S, H>).delete(sign_out::<S, H>))
        .with_state(Timed::new(use_case, clock))
}

pub(crate) type UseCase<S, H> = State<Arc<Sessions<S, H>>>;

/// Sign in.
///
/// The answer to an unknown identifier is that to a wrong password, and takes as long. Too many wrong passwords of one
/// caller are `rate_limited`; too many for the identifier are `recovery_required`: then a new password leads in, or the
/// token of a known device, for which wrong passwords count apart.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    operation_id = "signIn",
    tag = tag::SESSIONS,
    request_body(content = Body, content_type = "application/json", example = json!(
        {"identifier": example::IDENTIFIER, "password": example::PASSWORD}
    )),
    responses(
        (
            status = 201,
            description = "A session begins.",
            content_type = "application/json",
            body = SignedIn,
            example = json!({
                "session_token": example::TOKEN, "expires_at": example::TIME, "expires_in": 86_400,
                "device_token": example::DEVICE_TOKEN,
            }),
        ),
        SignInRefusals,
    ),
)]
pub(crate) async fn sign_in<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    Now(now): Now,
    caller: Caller,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let identifier = identifier(&body.identifier)?;
    let request = SignIn {
        identifier,
        password: Password::new(&body.password),
        device: body.device_token.as_deref().map(|text| ClaimedDevice::of(text)),
        source: caller.source,
    };
    let signed_in = use_case.sign_in(request, now).await.map_err(|error| sign_in_problem(error, now))?;
    let answer = SignedIn {
        session_token: signed_in.token.reveal(),
        expires_at: Rfc3339Time(signed_in.expires_at),
        expires_in: signed_in.expires_in,
        device_token: signed_in.device.reveal(),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Look at the session.
#[utoipa::path(
    get,
    path = "/v1/sessions/current",
    operation_id = "currentSession",
    tag = tag::SESSIONS,
    security(("session_token" = [])),
    responses(
        (
            status = 200,
            description = "The session that the token is for.",
            content_type = "application/json",
            body = Current,
            example = json!({
                "account_id": example::ACCOUNT_ID, "created_at": example::EARLIER, "expires_at": example::TIME,
                "expires_in": 600,
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn current<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    Now(now): Now,
    headers: HeaderMap,
) -> Result<Json<Current>, Problem> {
    let session = use_case.check(&token(&headers)?, now).await.map_err(session_problem)?;
    Ok(Json(Current {
        account_id: session.account.to_string(),
        created_at: Rfc3339Time(session.created_at),
        expires_at: Rfc3339Time(session.expires_at),
        expires_in: now.seconds_until(session.expires_at),
    }))
}

/// Sign out.
#[utoipa::path(
    delete,
    path = "/v1/sessions/current",
    operation_id = "signOut",
    tag = tag::SESSIONS,
    security(("session_token" = [])),
    responses((status = 204, description = "The session has ended."), Refusals),
)]
pub(crate) async fn sign_out<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    Now(now): Now,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    use_case.sign_out(&token(&headers)?, now).await.map_err(session_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere.
#[utoipa::path(
    delete,
    path = "/v1/sessions",
    operation_id = "signOutEverywhere",
    tag = tag::SESSIONS,
    security(("session_token" = [])),
    responses((status = 204, description = "Every session of the account has ended."), Refusals),
)]
pub(crate) async fn sign_out_everywhere<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    Now(now): Now,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    use_case.sign_out_everywhere(&token(&headers)?, now).await.map_err(session_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

fn token(headers: &HeaderMap) -> Result<SessionToken, Problem> {
    bearer(headers).and_then(SessionToken::parse).ok_or_else(session_invalid)
}

pub(crate) fn session_invalid() -> Problem {
    Problem::new(Code::SessionInvalid, "You are not signed in, or no longer. Sign in again.")
}

fn session_problem(error: SessionError) -> Problem {
    match error {
        SessionError::Invalid => session_invalid(),
        SessionError::Fault(fault) => fault.into(),
    }
}

pub(crate) fn sign_in_problem(error: SignInError, now: Timestamp) -> Problem {
    match error {
        SignInError::CredentialsInvalid => {
            Problem::new(Code::CredentialsInvalid, "The identifier or the password is not right.")
        }
        SignInError::RecoveryRequired => Problem::new(
            Code::RecoveryRequired,
            "There were too many wrong passwords. Reset the password, or sign in where you have signed in before.",
        ),
        SignInError::Limited(limited) => Problem::rate_limited(limited, now),
        SignInError::Fault(fault) => fault.into(),
    }
}
