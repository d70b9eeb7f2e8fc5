//! `POST /v1/challenges/{challenge_id}/resend`: send the code again, or by the other channel.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use regain_domain::Timestamp;
use regain_domain::port::ResendStore;
use regain_domain::usecase::resend_code::{ResendCode, ResendError, ResendRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::challenge_view::{self, ChallengeAnswer, accepted, channel, channel_schema};
use crate::extract::{Caller, ChallengePath, OptionalIdempotencyKey, StrictJson, present};
use crate::problem::Problem;
use crate::route::Route;
use crate::schema::{refusals, tag};
use crate::state::{Now, Timed};

pub(crate) const ROUTE: Route =
    Route::post("/v1/challenges/{challenge_id}/resend", "resend-code", "resendCode");

/// The operation's route.
pub fn router<S: ResendStore + 'static>(use_case: Timed<ResendCode<S>>) -> Router {
    ROUTE.to(handle::<S>, use_case)
}

/// How the code travels this time.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResendRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// By default the channel as it was.
    #[schema(schema_with = channel_schema)]
    #[serde(default, deserialize_with = "present")]
    channel: Option<String>,
}

refusals!(
    InvalidRequest,
    ChallengeNotFound,
    ChallengeUsed,
    ChallengeExpired,
    AttemptsExhausted,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidChannel,
    IdempotencyKeyReused,
    RateLimited,
    ResendLimitReached,
    ResendTooSoon,
    InternalError,
    ServiceUnavailable,
);

/// Send the code again, or by the other channel.
///
/// The new message has a new code and a new reference; the code before it stops working. Spent guesses stay
/// spent.
#[utoipa::path(
    post,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::RECOVERY,
    params(ChallengePath, OptionalIdempotencyKey),
    request_body(content = Body, content_type = "application/json", example = json!({"channel": "sms"})),
    responses(
        (
            status = 202,
            description = "A new code is on its way, if there is anybody to send it to.",
            content_type = "application/json",
            body = ChallengeAnswer,
            example = json!(challenge_view::example()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle<S: ResendStore + 'static>(
    State(use_case): State<Arc<ResendCode<S>>>,
    Now(now): Now,
    caller: Caller,
    ChallengePath(challenge): ChallengePath,
    OptionalIdempotencyKey(idempotency_key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let channel = body.channel.as_deref().map(channel).transpose()?;
    let request = ResendRequest { challenge, channel, source: caller.source, idempotency_key };
    let sent = use_case.run(request, now).await.map_err(|error| problem(error, now))?;
    Ok(accepted(sent))
}

/// The problem that an error is.
#[must_use]
pub fn problem(error: ResendError, now: Timestamp) -> Problem {
    match error {
        ResendError::Refused(refusal) => Problem::refused(refusal, now),
        ResendError::KeyReused(reused) => reused.into(),
        ResendError::Limited(limited) => Problem::rate_limited(limited, now),
        ResendError::Fault(fault) => fault.into(),
    }
}
