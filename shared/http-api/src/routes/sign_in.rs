//! `POST /v1/sessions`: sign in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::StatusCode;
use regain_domain::port::{Directory, SignInStore};
use regain_domain::usecase::sign_in::{ClaimedDevice, SignIn, SignInError, SignInRequest};
use regain_domain::{Password, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::{Caller, StrictJson, identifier};
use crate::problem::{Code, Problem};
use crate::route::Route;
use crate::schema::{example, refusals, tag};
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;

pub(crate) const ROUTE: Route = Route::post("/v1/sessions", "sessions", "signIn");

/// The operation's route.
pub fn router<S: SignInStore + 'static, D: Directory + 'static>(use_case: Timed<SignIn<S, D>>) -> Router {
    ROUTE.to(handle::<S, D>, use_case)
}

/// The person who signs in.
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

refusals!(
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
/// Sign in.
///
/// The answer to an unknown identifier is that to a wrong password, and takes as long. Too many wrong passwords of one
/// caller are `rate_limited`; too many for the identifier are `recovery_required`: then a new password leads in, or the
/// token of a known device, for which wrong passwords count apart.
#[utoipa::path(
    post,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
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
        Refusals,
    ),
)]
pub(crate) async fn handle<S: SignInStore + 'static, D: Directory + 'static>(
    State(use_case): State<Arc<SignIn<S, D>>>,
    Now(now): Now,
    caller: Caller,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let identifier = identifier(&body.identifier)?;
    let request = SignInRequest {
        identifier,
        password: Password::new(&body.password),
        device: body.device_token.as_deref().map(|text| ClaimedDevice::of(text)),
        source: caller.source,
    };
    let signed_in = use_case.run(request, now).await.map_err(|error| problem(error, now))?;
    let answer = SignedIn {
        session_token: signed_in.token.reveal(),
        expires_at: Rfc3339Time(signed_in.expires_at),
        expires_in: signed_in.expires_in,
        device_token: signed_in.device.reveal(),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The problem that an error is.
#[must_use]
pub fn problem(error: SignInError, now: Timestamp) -> Problem {
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
