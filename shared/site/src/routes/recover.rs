//! `/recover`: password assistance. `request-code` has the form.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::port::RequestStore;
use regain_domain::usecase::request_code::{PostalCodeCheck, Request, RequestCode};
use regain_domain::{Channel, PostalCode, Purpose};
use regain_http_api::pages::{CODE, RECOVER, RECOVER_FORM};
use regain_http_api::routes::request_code::problem;
use regain_http_api::{Caller, Code};
use serde::Deserialize;

use crate::flow::Sent;
use crate::form::Form;
use crate::frame::{FieldError, Frame};
use crate::settings::PageSettings;
use crate::state::Served;
use crate::trouble::Trouble;
use crate::typed;
use crate::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fields {
    identifier: String,
    channel: String,
    postal_code: String,
}

/// Ways for the code to go: id, value, and the key of the words.
const CHANNELS: [(&str, &str, &str); 3] = [
    ("channel", "", "recover-channel-same"),
    ("channel-email", Channel::Email.as_str(), "recover-channel-email"),
    ("channel-sms", Channel::Sms.as_str(), "recover-channel-sms"),
];

#[derive(Template)]
#[template(path = "recover.html")]
struct Page<'a> {
    frame: Frame<'a>,
    fields: &'a Fields,
    channels: [(&'static str, &'static str, &'static str); 3],
    asks_postal_code: bool,
}

/// The form's route.
pub fn form<S: RequestStore + 'static>(use_case: Served<RequestCode<S>>) -> Router {
    RECOVER_FORM.to(handle::<S>, use_case)
}

pub(super) async fn page(
    State(settings): State<Arc<PageSettings>>,
    visit: Visit,
) -> Result<Response, Trouble> {
    let identifier = visit.flow.identifier.clone().unwrap_or_default();
    let fields = Fields { identifier, ..Fields::default() };
    show(visit, StatusCode::OK, settings.postal_code_check, &fields, Vec::new())
}

/// To here, from addresses that have nothing of their own to show.
pub(super) async fn lead(visit: Visit) -> Response {
    visit.lead(StatusCode::SEE_OTHER, RECOVER.path)
}

fn show(
    visit: Visit,
    status: StatusCode,
    check: PostalCodeCheck,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response, Trouble> {
    let asks_postal_code = check == PostalCodeCheck::Required;
    let frame = Frame::new(&visit, "recover-title", errors)?;
    let html = Page { frame, fields, channels: CHANNELS, asks_postal_code }.render()?;
    Ok(visit.page(status, html))
}

async fn handle<S: RequestStore + 'static>(
    State(use_case): State<Arc<RequestCode<S>>>,
    caller: Caller,
    Form { mut visit, fields, idempotency_key }: Form<Fields>,
) -> Result<Response, Trouble> {
    let check = use_case.postal_code_check;
    let mut errors = Vec::new();
    let identifier = typed::identifier(&fields.identifier);
    if identifier.is_none() {
        errors.push(FieldError::new("identifier", visit.say("error-identifier", &[])?));
    }
    let channel = Channel::parse(&fields.channel);
    if channel.is_none() && !fields.channel.is_empty() {
        errors.push(FieldError::new("channel", visit.say("error-channel", &[])?));
    }
    if check == PostalCodeCheck::Required && fields.postal_code.trim().is_empty() {
        errors.push(FieldError::new("postal_code", visit.say("error-postal-code", &[])?));
    }
    let Some(identifier) = identifier.filter(|_| errors.is_empty()) else {
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, check, &fields, errors);
    };
    let typed = identifier.as_str().to_owned();
    let request = Request {
        identifier,
        channel,
        purpose: Purpose::PasswordReset,
        locale: visit.locale(),
        postal_code: PostalCode::parse(&fields.postal_code),
        source: caller.source,
        idempotency_key,
    };
    match use_case.run(request, visit.now).await {
        Ok(view) => {
            visit.flow.keep_identifier(&typed);
            visit.flow.note_sent(Sent::of(&view)?);
            Ok(visit.lead(StatusCode::SEE_OTHER, CODE.path))
        }
        Err(error) => {
            let problem = problem(error, visit.now);
            let (field, key) = match problem.code() {
                Code::PostalCodeRequired => ("postal_code", "error-postal-code"),
                Code::RateLimited => ("", "error-codes-limited"),
                Code::CallerRateLimited => ("", "error-caller-limited"),
                Code::ServiceUnavailable => ("", "error-unavailable"),
                _ => return Err(problem.into()),
            };
            let wait = visit.wait(&problem)?;
            let text = visit.say(key, &[("identifier", typed.as_str().into()), ("wait", wait.into())])?;
            let response =
                show(visit, problem.code().status(), check, &fields, vec![FieldError::new(field, text)])?;
            Ok(Trouble::from(problem).note(response))
        }
    }
}
