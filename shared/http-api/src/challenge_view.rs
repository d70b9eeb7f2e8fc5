//! The answer to a request and to a resend.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use regain_domain::Channel;
use regain_domain::usecase::challenge_view::ChallengeView;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::problem::{Code, Problem};
use crate::schema::{example, one_of};
use crate::timestamp::Rfc3339Time;

/// A challenge as its requester sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(crate) struct ChallengeAnswer {
    /// Names the challenge. Whoever has it may guess.
    #[schema(pattern = "^[A-Za-z0-9_-]{22}$")]
    challenge_id: String,
    /// How the code travels.
    #[schema(schema_with = channel_schema)]
    channel: &'static str,
    /// Stands in the message too, and changes with each send. Not a secret.
    #[schema(pattern = "^[0-9A-Z]{3}$")]
    reference: String,
    /// How many digits the code has.
    #[schema(minimum = 6, maximum = 10)]
    code_length: usize,
    /// When the code stops working.
    expires_at: Rfc3339Time,
    /// How many seconds from now the code works, for clients whose clock may be wrong.
    #[schema(minimum = 0)]
    expires_in: u64,
    /// When another code can be asked for; `null` when no resends are left.
    #[schema(required)]
    resend_available_at: Option<Rfc3339Time>,
    /// How many seconds from now another code can be asked for, rounded up; `null` when no resends are left.
    #[schema(required, minimum = 0)]
    resend_available_in: Option<u64>,
    /// How many guesses are left.
    #[schema(minimum = 0)]
    attempts_remaining: u32,
    /// How many resends are left.
    #[schema(minimum = 0)]
    resends_remaining: u32,
}

/// An example for the document.
pub(crate) fn example() -> Value {
    json!({
        "challenge_id": example::CHALLENGE_ID, "channel": "sms", "reference": "3CF", "code_length": 6,
        "expires_at": example::TIME, "expires_in": 600,
        "resend_available_at": "2026-11-24T00:15:27Z", "resend_available_in": 60,
        "attempts_remaining": 5, "resends_remaining": 3,
    })
}

/// The schema of a channel.
pub(crate) fn channel_schema() -> Object {
    let names = [Channel::Email, Channel::Sms].map(Channel::as_str);
    one_of(names)
}

impl From<ChallengeView> for ChallengeAnswer {
    fn from(view: ChallengeView) -> Self {
        Self {
            challenge_id: view.id.to_string(),
            channel: view.channel.as_str(),
            reference: view.reference.as_str().to_owned(),
            code_length: view.code_length,
            expires_at: Rfc3339Time(view.expires_at),
            expires_in: view.expires_in,
            resend_available_at: view.resend_available_at.map(Rfc3339Time),
            resend_available_in: view.resend_available_in,
            attempts_remaining: view.attempts_remaining,
            resends_remaining: view.resends_remaining,
        }
    }
}

/// 202: the code is on its way, if there is anybody to send it to.
pub(crate) fn accepted(view: ChallengeView) -> Response {
    (StatusCode::ACCEPTED, Json(ChallengeAnswer::from(view))).into_response()
}

/// Reads a channel.
pub(crate) fn channel(word: &str) -> Result<Channel, Problem> {
    Channel::parse(word)
        .ok_or_else(|| Problem::new(Code::InvalidChannel, "The channel is either email or sms."))
}
