//! `POST /v1/challenges`: request a code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use regain_domain::port::RequestStore;
use regain_domain::usecase::request_code::{Request, RequestCode, RequestError, Requested};
use regain_domain::{Channel, Identifier, Locale, Purpose, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::Caller;
use crate::extract::{StrictJson, present};
use crate::problem::{Code, Problem};
use crate::timestamp::Rfc3339Time;

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
    /// Accepted and ignored where configuration does not ask for it.
    #[serde(default, deserialize_with = "present")]
    #[expect(dead_code, reason = "read and dropped: the contract accepts it")]
    postal_code: Option<String>,
}

/// A challenge as its requester sees it.
#[derive(Serialize)]
struct Answer {
    challenge_id: String,
    channel: &'static str,
    reference: String,
    code_length: usize,
    expires_at: Rfc3339Time,
    resend_available_at: Option<Rfc3339Time>,
    attempts_remaining: u32,
    resends_remaining: u32,
}

impl From<Requested> for Answer {
    fn from(requested: Requested) -> Self {
        Self {
            challenge_id: requested.id.to_string(),
            channel: requested.channel.as_str(),
            reference: requested.reference.as_str().to_owned(),
            code_length: requested.code_length,
            expires_at: Rfc3339Time(requested.expires_at),
            resend_available_at: requested.resend_available_at.map(Rfc3339Time),
            attempts_remaining: requested.attempts_remaining,
            resends_remaining: requested.resends_remaining,
        }
    }
}

/// The operation's route.
pub fn router<S: RequestStore + 'static>(use_case: RequestCode<S>) -> Router {
    Router::new().route("/v1/challenges", post(handle::<S>)).with_state(Arc::new(use_case))
}

async fn handle<S: RequestStore + 'static>(
    State(use_case): State<Arc<RequestCode<S>>>,
    caller: Caller,
    StrictJson(body): StrictJson<Body>,
) -> Result<Response, Problem> {
    let request = parse(&body, &caller)?;
    let now = use_case.environment.clock.now();
    let requested = use_case.run(request).await.map_err(|error| problem(error, now))?;
    Ok((StatusCode::ACCEPTED, Json(Answer::from(requested))).into_response())
}

fn parse(body: &Body, caller: &Caller) -> Result<Request, Problem> {
    let purpose = body.purpose.as_deref().map_or(Some(Purpose::PasswordReset), Purpose::parse);
    let purpose = purpose.ok_or_else(|| Problem::invalid_request("There is no such purpose."))?;
    let locale = body.locale.as_deref().map(|tag| {
        Locale::parse(tag).ok_or_else(|| Problem::invalid_request("The locale is not a language tag."))
    });
    let identifier = Identifier::parse(&body.identifier).ok_or_else(|| {
        let detail = "Enter an email address, or a mobile number with + and the country code.";
        Problem::new(Code::InvalidIdentifier, detail)
    })?;
    let channel = body.channel.as_deref().map(|word| {
        Channel::parse(word)
            .ok_or_else(|| Problem::new(Code::InvalidChannel, "The channel is either email or sms."))
    });
    Ok(Request {
        identifier,
        channel: channel.transpose()?,
        purpose,
        locale: locale.transpose()?,
        source: caller.source,
    })
}

fn problem(error: RequestError, now: Timestamp) -> Problem {
    match error {
        RequestError::Limited(limited) => Problem::rate_limited(limited, now),
        RequestError::Fault(fault) => fault.into(),
    }
}
