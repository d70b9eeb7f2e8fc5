//! `POST /v1/challenges`: request a code.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use regain_domain::port::RequestStore;
use regain_domain::usecase::request_code::{Request, RequestCode, RequestError};
use regain_domain::{IdempotencyKey, Identifier, Locale, PostalCode, Purpose, Timestamp};
use serde::Deserialize;

use crate::app::Caller;
use crate::extract::{OptionalIdempotencyKey, StrictJson, present};
use crate::problem::{Code, Problem};
use crate::sent::{accepted, channel};

/// The body of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    identifier: String,
    #[serde(default, deserialize_with = "present")]
    channel: Option<String>,
    #[serde(default, deserialize_with = "present")]
    purpose: Option<String>,
    #[serde(default, deserialize_with = "present")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "present")]
    postal_code: Option<String>,
}

/// The operation's route.
pub fn router<S: RequestStore + 'static>(use_case: RequestCode<S>) -> Router {
    Router::new().route("/v1/challenges", post(handle::<S>)).with_state(Arc::new(use_case))
}

async fn handle<S: RequestStore + 'static>(
    State(use_case): State<Arc<RequestCode<S>>>,
    caller: Caller,
    OptionalIdempotencyKey(key): OptionalIdempotencyKey,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let request = parse(&body, &caller, key)?;
    let now = use_case.environment.clock.now();
    let sent = use_case.run(request).await.map_err(|error| problem(error, now))?;
    Ok(accepted(sent))
}

fn parse(body: &Body, caller: &Caller, key: Option<IdempotencyKey>) -> Result<Request, Problem> {
    let purpose = body.purpose.as_deref().map_or(Some(Purpose::PasswordReset), Purpose::parse);
    let purpose = purpose.ok_or_else(|| Problem::invalid_request("There is no such purpose."))?;
    let locale = body.locale.as_deref().map(|tag| {
        Locale::parse(tag).ok_or_else(|| Problem::invalid_request("The locale is not a language tag."))
    });
    Ok(Request {
        identifier: identifier(&body.identifier)?,
        channel: body.channel.as_deref().map(channel).transpose()?,
        purpose,
        locale: locale.transpose()?,
        // What can't be a postal code is like none: nobody has it, and where none is asked for it is ignored.
        postal_code: body.postal_code.as_deref().and_then(PostalCode::parse),
        source: caller.source,
        idempotency_key: key,
    })
}

/// Reads an identifier.
pub(crate) fn identifier(text: &str) -> Result<Identifier, Problem> {
    Identifier::parse(text).ok_or_else(|| {
        let detail = "Enter an email address, or a mobile number with + and the country code.";
        Problem::new(Code::InvalidIdentifier, detail)
    })
}

fn problem(error: RequestError, now: Timestamp) -> Problem {
    match error {
        RequestError::PostalCodeRequired => {
            Problem::new(Code::PostalCodeRequired, "Enter the postal code of the account.")
        }
        RequestError::KeyReused(reused) => reused.into(),
        RequestError::Limited(limited) => Problem::rate_limited(limited, now),
        RequestError::Fault(fault) => fault.into(),
    }
}
