//! `/sign-out`: ends the session. `sessions` has the form, and it is on the page of the account.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::port::SessionStore;
use regain_domain::usecase::sessions::{SessionError, Sessions};
use regain_http_api::pages::{SIGN_IN, SIGN_OUT_FORM};
use serde::Deserialize;

use crate::cookies::Name;
use crate::flow::{Flow, Step};
use crate::form::Form;
use crate::state::Served;
use crate::trouble::Trouble;

/// The form has no field of its own.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {}

/// The form's route.
pub fn form<S: SessionStore + 'static>(use_case: Served<Sessions<S>>) -> Router {
    SIGN_OUT_FORM.to(handle::<S>, use_case)
}

async fn handle<S: SessionStore + 'static>(
    State(use_case): State<Arc<Sessions<S>>>,
    Form { mut visit, .. }: Form<Fields>,
) -> Result<Response, Trouble> {
    let token = visit.session();
    if let Some(token) = token {
        match use_case.sign_out(&token, visit.now).await {
            // One that doesn't count any more has ended too.
            Ok(()) | Err(SessionError::Invalid) => {}
            Err(SessionError::Fault(fault)) => return Err(fault.into()),
        }
    }
    visit.remove_cookie(Name::Session);
    visit.flow = Flow::new(&visit.site)?;
    visit.flow.step = Step::SignedOut;
    Ok(visit.lead(StatusCode::SEE_OTHER, SIGN_IN.path))
}
