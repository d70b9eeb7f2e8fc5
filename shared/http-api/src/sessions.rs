//! `/v1/sessions`: sign in, look at the session, sign out here or everywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use regain_domain::port::{PasswordHasher, SessionStore};
use regain_domain::usecase::sessions::{SessionError, Sessions, SignIn, SignInError};
use regain_domain::{Password, SessionToken, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::app::Caller;
use crate::extract::{StrictJson, bearer};
use crate::problem::{Code, Problem};
use crate::request_code::identifier;
use crate::timestamp::Rfc3339Time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    identifier: String,
    password: Zeroizing<String>,
}

#[derive(Serialize)]
struct SignedIn {
    session_token: Zeroizing<String>,
    expires_at: Rfc3339Time,
}

#[derive(Serialize)]
struct Current {
    account_id: String,
    created_at: Rfc3339Time,
    expires_at: Rfc3339Time,
}

/// The operations' routes.
pub fn router<S, H>(use_case: Sessions<S, H>) -> Router
where
    S: SessionStore + 'static,
    H: PasswordHasher + 'static,
{
    Router::new()
        .route("/v1/sessions", post(sign_in::<S, H>).delete(sign_out_everywhere::<S, H>))
        .route("/v1/sessions/current", get(current::<S, H>).delete(sign_out::<S, H>))
        .with_state(Arc::new(use_case))
}

type UseCase<S, H> = State<Arc<Sessions<S, H>>>;

async fn sign_in<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    caller: Caller,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let identifier = identifier(&body.identifier)?;
    let request = SignIn { identifier, password: Password::new(&body.password), source: caller.source };
    let now = use_case.environment.clock.now();
    let signed_in = use_case.sign_in(request).await.map_err(|error| sign_in_problem(error, now))?;
    let answer =
        SignedIn { session_token: signed_in.token.reveal(), expires_at: Rfc3339Time(signed_in.expires_at) };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn current<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    headers: HeaderMap,
) -> Result<Json<Current>, Problem> {
    let session = use_case.check(&token(&headers)?).await.map_err(session_problem)?;
    Ok(Json(Current {
        account_id: session.account.to_string(),
        created_at: Rfc3339Time(session.created_at),
        expires_at: Rfc3339Time(session.expires_at),
    }))
}

async fn sign_out<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    use_case.sign_out(&token(&headers)?).await.map_err(session_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sign_out_everywhere<S: SessionStore + 'static, H: PasswordHasher + 'static>(
    State(use_case): UseCase<S, H>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    use_case.sign_out_everywhere(&token(&headers)?).await.map_err(session_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

fn token(headers: &HeaderMap) -> Result<SessionToken, Problem> {
    bearer(headers).and_then(SessionToken::parse).ok_or_else(session_invalid)
}

fn session_invalid() -> Problem {
    Problem::new(Code::SessionInvalid, "You are not signed in, or no longer. Sign in again.")
}

fn session_problem(error: SessionError) -> Problem {
    match error {
        SessionError::Invalid => session_invalid(),
        SessionError::Fault(fault) => fault.into(),
    }
}

fn sign_in_problem(error: SignInError, now: Timestamp) -> Problem {
    match error {
        SignInError::CredentialsInvalid => {
            Problem::new(Code::CredentialsInvalid, "The identifier or the password is not right.")
        }
        SignInError::Limited(limited) => Problem::rate_limited(limited, now),
        SignInError::Fault(fault) => fault.into(),
    }
}
