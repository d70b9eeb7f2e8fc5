//! `/recover/link`: the page that a recovery link leads to. `set-password` has the form, and checks the link's token
//! without spending it. Opening the page changes nothing: the token is in the fragment, or typed.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::port::{Directory, PasswordChecks, PasswordStore};
use regain_domain::usecase::set_password::SetPassword;
use regain_domain::{LinkToken, RecoveryToken};
use regain_http_api::Code;
use regain_http_api::pages::{LINK_FORM, PASSWORD};
use regain_http_api::routes::set_password::problem;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::flow::Step;
use crate::form::Form;
use crate::frame::{FieldError, Frame};
use crate::state::Served;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    link_code: Zeroizing<String>,
}

#[derive(Template)]
#[template(path = "link.html")]
struct Page<'a> {
    frame: Frame<'a>,
}

/// The form's route.
pub fn form<S, D, C>(use_case: Served<SetPassword<S, D, C>>) -> Router
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
    C: PasswordChecks + 'static,
{
    LINK_FORM.to(handle::<S, D, C>, use_case)
}

pub(super) async fn page(visit: Visit) -> Result<Response, Trouble> {
    show(visit, StatusCode::OK, Vec::new())
}

fn show(visit: Visit, status: StatusCode, errors: Vec<FieldError>) -> Result<Response, Trouble> {
    let html = Page { frame: Frame::new(&visit, "link-title", errors)? }.render()?;
    Ok(visit.page(status, html))
}

async fn handle<S, D, C>(
    State(use_case): State<Arc<SetPassword<S, D, C>>>,
    Form { mut visit, fields, .. }: Form<Fields>,
) -> Result<Response, Trouble>
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
    C: PasswordChecks + 'static,
{
    let Some(token) = LinkToken::parse(&fields.link_code) else {
        let error = FieldError::new("link_code", visit.say("error-link", &[])?);
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, vec![error]);
    };
    let token = RecoveryToken::Link(token);
    let problem = match use_case.check(&token, visit.now).await {
        Ok(expires_at) => {
            // The link may be another person's than what was typed before.
            visit.flow.identifier = None;
            visit.flow.step = Step::password(token, expires_at, visit.now);
            return Ok(visit.lead(StatusCode::SEE_OTHER, PASSWORD.path));
        }
        Err(error) => problem(error),
    };
    let (field, key) = match problem.code() {
        Code::VerificationTokenInvalid => ("link_code", "error-link-invalid"),
        Code::ServiceUnavailable => ("", "error-unavailable"),
        _ => return Err(problem.into()),
    };
    let text = visit.say(key, &[("wait", visit.wait(&problem)?.into())])?;
    let response = show(visit, problem.code().status(), vec![FieldError::new(field, text)])?;
    Ok(Trouble::from(problem).note(response))
}
