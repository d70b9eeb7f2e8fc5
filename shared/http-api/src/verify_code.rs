//! `POST /v1/challenges/{challenge_id}/verify`: verify a code.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use regain_domain::port::VerifyStore;
use regain_domain::usecase::verify_code::{Guess, VerifyCode, VerifyError};
use regain_domain::{Code as OneTimeCode, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::app::Caller;
use crate::extract::{ChallengePath, OptionalIdempotencyKey, StrictJson};
use crate::problem::{Code, Problem};
use crate::timestamp::Rfc3339Time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    code: Zeroizing<String>,
}

#[derive(Serialize)]
struct Answer {
    verification_token: Zeroizing<String>,
    expires_at: Rfc3339Time,
}

/// The operation's route.
pub fn router<S: VerifyStore + 'static>(use_case: VerifyCode<S>) -> Router {
    Router::new()
        .route("/v1/challenges/{challenge_id}/verify", post(handle::<S>))
        .with_state(Arc::new(use_case))
}

async fn handle<S: VerifyStore + 'static>(
    State(use_case): State<Arc<VerifyCode<S>>>,
    caller: Caller,
    ChallengePath(challenge): ChallengePath,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem> {
    let length = use_case.policy.code_length;
    let code = OneTimeCode::parse(&body.code, length)
        .ok_or_else(|| Problem::invalid_request(format!("A code has {} digits.", length.digits())))?;
    let now = use_case.environment.clock.now();
    let verified = use_case
        .run(Guess { challenge, code, source: caller.source, idempotency_key })
        .await
        .map_err(|error| problem(error, now))?;
    Ok(Json(Answer {
        verification_token: verified.token.reveal(),
        expires_at: Rfc3339Time(verified.expires_at),
    }))
}

fn problem(error: VerifyError, now: Timestamp) -> Problem {
    match error {
        VerifyError::Refused(refusal) => Problem::refused(refusal, now),
        VerifyError::KeyReused(reused) => reused.into(),
        VerifyError::Incorrect { attempts_remaining } => {
            let detail = "Check the code and its reference, and try again.";
            Problem::new(Code::CodeIncorrect, detail).with("attempts_remaining", attempts_remaining)
        }
        VerifyError::Limited(limited) => Problem::rate_limited(limited, now),
        VerifyError::Fault(fault) => fault.into(),
    }
}
