//! `POST /v1/challenges/{challenge_id}/verify`: verify a code.

use std::sync::Arc;

use axum::extract::State;
use axum::{Json, Router};
use regain_domain::port::VerifyStore;
use regain_domain::usecase::verify_code::{Guess, Verified, VerifyCode, VerifyError};
use regain_domain::{Code as OneTimeCode, Refusal, Timestamp};
use regain_telemetry::{Metric, Telemetry, count, noted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::{Caller, ChallengePath, OptionalIdempotencyKey, StrictJson};
use crate::problem::{Code, Problem};
use crate::route::Route;
use crate::schema::{example, refusals, tag};
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;

pub(crate) const ROUTE: Route =
    Route::post("/v1/challenges/{challenge_id}/verify", "verify-code", "verifyCode");

/// The operation's route.
pub fn router<S: VerifyStore + 'static>(use_case: Timed<VerifyCode<S>>) -> Router {
    ROUTE.to(handle::<S>, use_case)
}

const VERIFIED: Metric = Metric::count("Verified", &[&[], &["Channel"]], "Right codes.");
const FAILED: Metric = Metric::count("Failed", &[&[], &["Channel"]], "Wrong codes.");
const EXPIRED: Metric = Metric::count("Expired", &[&[]], "Codes that came too late.");

/// The metrics of the operation in the line of its request.
pub const TELEMETRY: Telemetry = Telemetry { metrics: &[VERIFIED, FAILED, EXPIRED], lines: &[] };

/// A guess.
#[derive(Deserialize, ToSchema)]
#[schema(as = Guess)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// The code: as many decimal digits as `code_length` says, of any one script. White space, dashes and invisible
    /// characters of every kind are ignored.
    #[schema(value_type = String, min_length = 6)]
    code: Zeroizing<String>,
}

/// The permission to set one new password.
#[derive(Serialize, ToSchema)]
#[schema(as = Verification)]
pub(crate) struct Answer {
    /// The bearer token for `POST /v1/password`.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{64}$")]
    verification_token: Zeroizing<String>,
    /// When the token stops working.
    expires_at: Rfc3339Time,
    /// How many seconds from now it works, for clients whose clock may be wrong.
    #[schema(minimum = 0)]
    expires_in: u64,
}

refusals!(
    InvalidRequest,
    ChallengeNotFound,
    ChallengeUsed,
    ChallengeExpired,
    AttemptsExhausted,
    BodyTooLarge,
    UnsupportedMediaType,
    CodeIncorrect,
    IdempotencyKeyReused,
    RateLimited,
    InternalError,
    ServiceUnavailable,
);

/// Verify a code.
///
/// A wrong guess costs an attempt; what can't be a code costs none.
#[utoipa::path(
    post,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::RECOVERY,
    params(ChallengePath, OptionalIdempotencyKey),
    request_body(content = Body, content_type = "application/json", example = json!({"code": "318 866"})),
    responses(
        (
            status = 200,
            description = "The code is right.",
            content_type = "application/json",
            body = Answer,
            example = json!({
                "verification_token": example::TOKEN, "expires_at": example::TIME, "expires_in": 600,
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle<S: VerifyStore + 'static>(
    State(use_case): State<Arc<VerifyCode<S>>>,
    Now(now): Now,
    caller: Caller,
    ChallengePath(challenge): ChallengePath,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Json<Answer>, Problem> {
    let length = use_case.policy.code_length;
    let code = OneTimeCode::parse(&body.code, length)
        .ok_or_else(|| Problem::invalid_request(format!("A code has {} digits.", length.digits())))?;
    let guess = Guess { challenge, code, source: caller.source, idempotency_key };
    let outcome = use_case.run(guess, now).await;
    count_outcome(&outcome);
    let verified = outcome.map_err(|error| problem(error, now))?;
    Ok(Json(Answer {
        verification_token: verified.token.reveal(),
        expires_at: Rfc3339Time(verified.expires_at),
        expires_in: verified.expires_in,
    }))
}

/// Counts a guess by what became of it.
pub fn count_outcome(outcome: &Result<Verified, VerifyError>) {
    match outcome {
        Ok(_) => count(VERIFIED),
        Err(_) if noted("guess").is_some() => count(FAILED),
        Err(VerifyError::Refused(Refusal::Expired)) => count(EXPIRED),
        Err(_) => {}
    }
}

/// The problem that an error is.
#[must_use]
pub fn problem(error: VerifyError, now: Timestamp) -> Problem {
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
