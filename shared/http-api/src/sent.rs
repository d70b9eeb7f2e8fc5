//! The answer to a request and to a resend.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use regain_domain::Channel;
use regain_domain::usecase::sent::Sent;
use serde::Serialize;

use crate::problem::{Code, Problem};
use crate::timestamp::Rfc3339Time;

/// A challenge as its requester sees it.
#[derive(Serialize)]
pub(crate) struct SentAnswer {
    challenge_id: String,
    channel: &'static str,
    reference: String,
    code_length: usize,
    expires_at: Rfc3339Time,
    resend_available_at: Option<Rfc3339Time>,
    attempts_remaining: u32,
    resends_remaining: u32,
}

impl From<Sent> for SentAnswer {
    fn from(sent: Sent) -> Self {
        Self {
            challenge_id: sent.id.to_string(),
            channel: sent.channel.as_str(),
            reference: sent.reference.as_str().to_owned(),
            code_length: sent.code_length,
            expires_at: Rfc3339Time(sent.expires_at),
            resend_available_at: sent.resend_available_at.map(Rfc3339Time),
            attempts_remaining: sent.attempts_remaining,
            resends_remaining: sent.resends_remaining,
        }
    }
}

/// 202: the code is on its way, if there is anybody to send it to.
pub(crate) fn accepted(sent: Sent) -> Response {
    (StatusCode::ACCEPTED, Json(SentAnswer::from(sent))).into_response()
}

/// Reads a channel.
pub(crate) fn channel(word: &str) -> Result<Channel, Problem> {
    Channel::parse(word)
        .ok_or_else(|| Problem::new(Code::InvalidChannel, "The channel is either email or sms."))
}
