//! `/recover/resend`: the code again, or another way. `resend-code` has the form, and it is on the page for the code.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::Channel;
use regain_domain::port::ResendStore;
use regain_domain::usecase::resend_code::{ResendCode, ResendRequest};
use regain_http_api::pages::{CODE, RECOVER, RESEND_FORM};
use regain_http_api::routes::resend_code::problem;
use regain_http_api::{Caller, Code};
use serde::Deserialize;

use super::code;
use crate::flow::{Sent, Step};
use crate::form::Form;
use crate::frame::FieldError;
use crate::state::Served;
use crate::trouble::Trouble;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    channel: String,
}

/// The form's route.
pub fn form<S: ResendStore + 'static>(use_case: Served<ResendCode<S>>) -> Router {
    RESEND_FORM.to(handle::<S>, use_case)
}

async fn handle<S: ResendStore + 'static>(
    State(use_case): State<Arc<ResendCode<S>>>,
    caller: Caller,
    Form { mut visit, fields, idempotency_key }: Form<Fields>,
) -> Result<Response, Trouble> {
    let Step::Code(sent) = visit.flow.step else {
        return Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path));
    };
    let channel = Channel::parse(&fields.channel);
    if channel.is_none() && !fields.channel.is_empty() {
        return Err(Trouble::MALFORMED);
    }
    let request =
        ResendRequest { challenge: sent.challenge, channel, source: caller.source, idempotency_key };
    match use_case.run(request, visit.now).await {
        Ok(view) => {
            visit.flow.note_sent(Sent::of(&view)?);
            Ok(visit.lead(StatusCode::SEE_OTHER, CODE.path))
        }
        Err(error) => {
            let problem = problem(error, visit.now);
            let key = match problem.code() {
                Code::ResendTooSoon => "error-resend-too-soon",
                Code::ResendLimitReached => "code-resend-none",
                Code::RateLimited => "error-tries-limited",
                Code::ServiceUnavailable => "error-unavailable",
                _ => return Err(problem.into()),
            };
            let text = visit.say(key, &[("wait", visit.wait(&problem)?.into())])?;
            let response = code::show(visit, problem.code().status(), sent, vec![FieldError::new("", text)])?;
            Ok(Trouble::from(problem).note(response))
        }
    }
}
