//! `/account`: the page of the person who is signed in. `sessions` has it, because it reads the session.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::port::SessionReader;
use regain_domain::usecase::sessions::{SessionError, Sessions};
use regain_http_api::pages::{ACCOUNT, SIGN_IN};

use crate::cookies::Name;
use crate::frame::Frame;
use crate::state::Served;
use crate::trouble::Trouble;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    frame: Frame<'a>,
}

/// The page's route.
pub fn page<S: SessionReader + 'static>(use_case: Served<Sessions<S>>) -> Router {
    ACCOUNT.to(handle::<S>, use_case)
}

/// To here, from addresses that have nothing of their own to show.
pub(super) async fn lead(visit: Visit) -> Response {
    visit.lead(StatusCode::SEE_OTHER, ACCOUNT.path)
}

async fn handle<S: SessionReader + 'static>(
    State(use_case): State<Arc<Sessions<S>>>,
    mut visit: Visit,
) -> Result<Response, Trouble> {
    let token = visit.session();
    let is_signed_in = match token {
        None => false,
        Some(token) => match use_case.check(&token, visit.now).await {
            Ok(_) => true,
            Err(SessionError::Invalid) => false,
            Err(SessionError::Fault(fault)) => return Err(fault.into()),
        },
    };
    if !is_signed_in {
        visit.remove_cookie(Name::Session);
        return Ok(visit.lead(StatusCode::SEE_OTHER, SIGN_IN.path));
    }
    let html = Page { frame: Frame::new(&visit, "account-title", Vec::new())? }.render()?;
    Ok(visit.page(StatusCode::OK, html))
}
