//! `POST /v1/challenges`: request a code.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use regain_domain::port::RequestStore;
use regain_domain::usecase::request_code::{Request, RequestCode, RequestError};
use regain_domain::{IdempotencyKey, Locale, PostalCode, Purpose, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::challenge_view::{self, ChallengeAnswer, accepted, channel, channel_schema};
use crate::extract::{Caller, OptionalIdempotencyKey, StrictJson, identifier, present};
use crate::problem::{Code, Problem};
use crate::route::Route;
use crate::schema::{example, one_of, refusals, tag};
use crate::state::{Now, Timed};

pub(crate) const ROUTE: Route = Route::post("/v1/challenges", "request-code", "requestCode");

/// The operation's route.
pub fn router<S: RequestStore + 'static>(use_case: Timed<RequestCode<S>>) -> Router {
    ROUTE.to(handle::<S>, use_case)
}

/// The person who asks, and the channel.
#[derive(Deserialize, ToSchema)]
#[schema(as = CodeRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// An email address, or a mobile number with `+` and country code. ASCII space and invisible characters around
    /// it are dropped.
    #[schema(min_length = 5)]
    identifier: String,
    /// By default the identifier's own kind. The code goes to the account's stored address of that channel,
    /// or to its other one if messages don't arrive there.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = channel_schema)]
    channel: Option<String>,
    /// The purpose of the code.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = purpose_schema)]
    purpose: Option<String>,
    /// A language tag (BCP 47) such as `sv` or `en-GB`, or a system's name for one such as `en_GB.UTF-8`, for a
    /// person whose account names no language. One that can't be read is ignored.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    locale: Option<String>,
    /// The account's postal code, where the configuration requires it of everyone; ignored elsewhere.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    postal_code: Option<String>,
}

fn purpose_schema() -> Object {
    let names = [Purpose::PasswordReset.as_str()];
    one_of(names)
}

refusals!(
    InvalidRequest,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidIdentifier,
    InvalidChannel,
    PostalCodeRequired,
    ChallengeExpired,
    IdempotencyKeyReused,
    RateLimited,
    CallerRateLimited,
    InternalError,
    ServiceUnavailable,
);

/// Request a code.
///
/// The code goes to the account's stored, verified address of the channel, or to its other one if messages don't
/// arrive there; never to what was typed. The answer is the same whether there is such an account or not.
#[utoipa::path(
    post,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::RECOVERY,
    params(OptionalIdempotencyKey),
    request_body(content = Body, content_type = "application/json", example = json!(
        {"identifier": example::IDENTIFIER, "channel": "sms", "locale": "sv"}
    )),
    responses(
        (
            status = 202,
            description = "The code is on its way, if there is anybody to send it to.",
            content_type = "application/json",
            body = ChallengeAnswer,
            example = json!(challenge_view::example()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle<S: RequestStore + 'static>(
    State(use_case): State<Arc<RequestCode<S>>>,
    Now(now): Now,
    caller: Caller,
    OptionalIdempotencyKey(key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let request = parse(&body, &caller, key)?;
    let sent = use_case.run(request, now).await.map_err(|error| problem(error, now))?;
    Ok(accepted(sent))
}

fn parse(body: &Body, caller: &Caller, key: Option<IdempotencyKey>) -> Result<Request, Problem> {
    let purpose = body.purpose.as_deref().map_or(Some(Purpose::PasswordReset), Purpose::parse);
    let purpose = purpose.ok_or_else(|| Problem::invalid_request("There is no such purpose."))?;
    Ok(Request {
        identifier: identifier(&body.identifier)?,
        channel: body.channel.as_deref().map(channel).transpose()?,
        purpose,
        // Only for the look of the message: nobody is kept out by it.
        locale: body.locale.as_deref().and_then(Locale::parse),
        // What can't be a postal code is like none: nobody has it, and where none is asked for it is ignored.
        postal_code: body.postal_code.as_deref().and_then(PostalCode::parse),
        source: caller.source,
        idempotency_key: key,
    })
}

/// The problem that an error is.
#[must_use]
pub fn problem(error: RequestError, now: Timestamp) -> Problem {
    match error {
        RequestError::PostalCodeRequired => {
            Problem::new(Code::PostalCodeRequired, "Enter the postal code of the account.")
        }
        RequestError::KeyReused(reused) => reused.into(),
        RequestError::Refused(refusal) => Problem::refused(refusal, now),
        RequestError::Limited(limited) => {
            let detail = "Too many codes were asked for. If this address is known, a link that sets a new password is on \
                          its way. Follow it, or wait before you ask for another code.";
            Problem::limited(Code::RateLimited, detail, limited, now)
        }
        RequestError::CallerLimited(limited) => {
            let detail = "Too many codes were asked for from your network. Wait before you try again.";
            Problem::limited(Code::CallerRateLimited, detail, limited, now)
        }
        RequestError::Fault(fault) => fault.into(),
    }
}
