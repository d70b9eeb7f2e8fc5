//! `/recover/code`: the code. `verify-code` has the form.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::port::VerifyStore;
use regain_domain::usecase::verify_code::{Guess, VerifyCode, VerifyError};
use regain_domain::{Channel, RecoveryToken};
use regain_http_api::pages::{CODE, CODE_FORM, PASSWORD, RECOVER};
use regain_http_api::routes::verify_code::{count_outcome, problem};
use regain_http_api::{Caller, Code};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::flow::{ReferenceText, Sent, Step};
use crate::form::Form;
use crate::frame::{FieldError, Frame};
use crate::state::Served;
use crate::trouble::Trouble;
use crate::typed;
use crate::visit::Visit;
use crate::wait::wait;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    code: Zeroizing<String>,
    reference: String,
}

#[derive(Template)]
#[template(path = "code.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sent: Sent,
    sent_words: String,
    digits_words: String,
    expires_words: String,
    wait_words: String,
    clock_words: String,
    wait_seconds: u64,
    other_label: &'static str,
}

/// The form's route.
pub fn form<S: VerifyStore + 'static>(use_case: Served<VerifyCode<S>>) -> Router {
    CODE_FORM.to(handle::<S>, use_case)
}

pub(super) async fn page(visit: Visit) -> Result<Response, Trouble> {
    match visit.flow.step {
        Step::Code(sent) if visit.now >= sent.expires_at => {
            Err(Trouble::Problem(Code::ChallengeExpired, None))
        }
        Step::Code(sent) => show(visit, StatusCode::OK, sent, Vec::new()),
        Step::Password(..) => Ok(visit.lead(StatusCode::SEE_OTHER, PASSWORD.path)),
        _ => Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path)),
    }
}

/// To here, from addresses that have nothing of their own to show.
pub(super) async fn lead(visit: Visit) -> Response {
    visit.lead(StatusCode::SEE_OTHER, CODE.path)
}

/// The page for a code that was sent.
pub(super) fn show(
    visit: Visit,
    status: StatusCode,
    sent: Sent,
    errors: Vec<FieldError>,
) -> Result<Response, Trouble> {
    let frame = Frame::new(&visit, "code-title", errors)?;
    let words = visit.words();
    let sent_words = match (&visit.flow.identifier, sent.channel) {
        (None, _) => frame.text("code-sent")?,
        (Some(typed), Channel::Email) => {
            frame.say("code-sent-email", &[("identifier", typed.as_str().into())])?
        }
        (Some(typed), Channel::Sms) => {
            frame.say("code-sent-sms", &[("identifier", typed.as_str().into())])?
        }
    };
    let other_label = match sent.channel.other() {
        Channel::Email => "code-resend-email",
        Channel::Sms => "code-resend-sms",
    };
    let expires = wait(&words, visit.now.seconds_until(sent.expires_at))?;
    let wait_seconds = sent.resend_at.map_or(0, |at| visit.now.seconds_until(at));
    let html = Page {
        digits_words: frame.say("code-hint", &[("digits", sent.length.digits().into())])?,
        expires_words: frame.say("code-expires", &[("wait", expires.into())])?,
        wait_words: frame.say("code-resend-wait", &[("wait", wait(&words, wait_seconds)?.into())])?,
        // The script puts the time left in the place of the sign.
        clock_words: frame.say("code-resend-clock", &[("clock", "#".into())])?,
        frame,
        sent,
        sent_words,
        wait_seconds,
        other_label,
    };
    let html = html.render()?;
    Ok(visit.page(status, html))
}

async fn handle<S: VerifyStore + 'static>(
    State(use_case): State<Arc<VerifyCode<S>>>,
    caller: Caller,
    Form { mut visit, fields, idempotency_key }: Form<Fields>,
) -> Result<Response, Trouble> {
    let sent = match visit.flow.step {
        Step::Code(sent) => sent,
        // The same form again, whose answer was not awaited.
        Step::Password(..) => return Ok(visit.lead(StatusCode::SEE_OTHER, PASSWORD.path)),
        _ => return Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path)),
    };
    let again = |visit: Visit, text: String| {
        show(visit, StatusCode::UNPROCESSABLE_ENTITY, sent, vec![FieldError::new("code", text)])
    };
    // Of another tab, for a message that came before: it isn't charged.
    if ReferenceText::parse(&fields.reference) != Some(sent.reference) {
        let text = visit.say("error-code-stale", &[("reference", sent.reference.as_str().into())])?;
        return again(visit, text);
    }
    let Some(code) = typed::code(&fields.code, sent.length) else {
        let text = if fields.code.trim().is_empty() {
            visit.say("error-code-missing", &[])?
        } else {
            visit.say("error-code-digits", &[("digits", sent.length.digits().into())])?
        };
        return again(visit, text);
    };
    let guess = Guess { challenge: sent.challenge, code, source: caller.source, idempotency_key };
    let outcome = use_case.run(guess, visit.now).await;
    count_outcome(&outcome);
    let error = match outcome {
        Ok(verified) => {
            let token = RecoveryToken::Verification(verified.token);
            visit.flow.step = Step::password(token, verified.expires_at, visit.now);
            return Ok(visit.lead(StatusCode::SEE_OTHER, PASSWORD.path));
        }
        Err(error) => error,
    };
    let attempts = match &error {
        VerifyError::Incorrect { attempts_remaining } => *attempts_remaining,
        _ => 0,
    };
    let problem = problem(error, visit.now);
    let (field, key) = match problem.code() {
        Code::CodeIncorrect => ("code", "error-code-incorrect"),
        Code::RateLimited => ("", "error-tries-limited"),
        Code::ServiceUnavailable => ("", "error-unavailable"),
        _ => return Err(problem.into()),
    };
    let wait = visit.wait(&problem)?;
    let reference = sent.reference;
    let values =
        [("attempts", attempts.into()), ("reference", reference.as_str().into()), ("wait", wait.into())];
    let text = visit.say(key, &values)?;
    let response = show(visit, problem.code().status(), sent, vec![FieldError::new(field, text)])?;
    Ok(Trouble::from(problem).note(response))
}
