//! `/sign-in`: the password. `sessions` has the form.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::Password;
use regain_domain::device::DEVICE_LIFETIME;
use regain_domain::port::{Directory, SignInStore};
use regain_domain::usecase::sign_in::{ClaimedDevice, SignIn, SignInRequest};
use regain_http_api::pages::{ACCOUNT, SIGN_IN_FORM};
use regain_http_api::routes::sign_in::problem;
use regain_http_api::{Caller, Code};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cookies::Name;
use crate::flow::{Flow, Step};
use crate::form::Form;
use crate::frame::{FieldError, Frame};
use crate::state::Served;
use crate::trouble::Trouble;
use crate::typed;
use crate::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    identifier: String,
    password: Zeroizing<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    frame: Frame<'a>,
    identifier: &'a str,
    has_signed_out: bool,
}

/// The form's route.
pub fn form<S: SignInStore + 'static, D: Directory + 'static>(use_case: Served<SignIn<S, D>>) -> Router {
    SIGN_IN_FORM.to(handle::<S, D>, use_case)
}

pub(super) async fn page(visit: Visit) -> Result<Response, Trouble> {
    let identifier = visit.flow.identifier.clone().unwrap_or_default();
    show(visit, StatusCode::OK, &identifier, Vec::new())
}

fn show(
    visit: Visit,
    status: StatusCode,
    identifier: &str,
    errors: Vec<FieldError>,
) -> Result<Response, Trouble> {
    let has_signed_out = matches!(visit.flow.step, Step::SignedOut) && errors.is_empty();
    let frame = Frame::new(&visit, "sign-in-title", errors)?;
    let html = Page { frame, identifier, has_signed_out }.render()?;
    Ok(visit.page(status, html))
}

async fn handle<S: SignInStore + 'static, D: Directory + 'static>(
    State(use_case): State<Arc<SignIn<S, D>>>,
    caller: Caller,
    Form { mut visit, fields, .. }: Form<Fields>,
) -> Result<Response, Trouble> {
    let mut errors = Vec::new();
    let identifier = typed::identifier(&fields.identifier);
    if identifier.is_none() {
        errors.push(FieldError::new("identifier", visit.say("error-identifier", &[])?));
    }
    if fields.password.is_empty() {
        errors.push(FieldError::new("password", visit.say("error-sign-in-password", &[])?));
    }
    let Some(identifier) = identifier.filter(|_| errors.is_empty()) else {
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, &fields.identifier, errors);
    };
    let request = SignInRequest {
        identifier,
        password: Password::new(&fields.password),
        device: visit.cookie(Name::Device).map(|text| ClaimedDevice::of(&text)),
        source: caller.source,
    };
    let error = match use_case.run(request, visit.now).await {
        Ok(signed_in) => {
            let lifetime = Duration::from_secs(signed_in.expires_in);
            visit.set_cookie(Name::Session, &signed_in.token.reveal(), lifetime);
            visit.set_cookie(Name::Device, &signed_in.device.reveal(), DEVICE_LIFETIME);
            let return_to = visit.flow.return_to.take();
            // What was proven before is another person's, perhaps.
            visit.flow = Flow::new(&visit.site)?;
            return Ok(match return_to {
                Some(place) => visit.lead_away(StatusCode::SEE_OTHER, place.as_str()),
                None => visit.lead(StatusCode::SEE_OTHER, ACCOUNT.path),
            });
        }
        Err(error) => error,
    };
    let problem = problem(error, visit.now);
    let (field, key) = match problem.code() {
        Code::CredentialsInvalid => ("password", "error-sign-in-credentials"),
        Code::RecoveryRequired => ("", "error-sign-in-recovery"),
        Code::RateLimited => ("", "error-tries-limited"),
        Code::ServiceUnavailable => ("", "error-unavailable"),
        _ => return Err(problem.into()),
    };
    let text = visit.say(key, &[("wait", visit.wait(&problem)?.into())])?;
    let errors = vec![FieldError::new(field, text)];
    let response = show(visit, problem.code().status(), &fields.identifier, errors)?;
    Ok(Trouble::from(problem).note(response))
}
