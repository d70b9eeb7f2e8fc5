//! `/`: the local stack's page that leads to everything; elsewhere the way to the account.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_http_api::pages::ACCOUNT;

use crate::frame::Frame;
use crate::settings::PageSettings;
use crate::trouble::Trouble;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    frame: Frame<'a>,
    inbox: &'a str,
}

pub(super) async fn page(
    State(settings): State<Arc<PageSettings>>,
    visit: Visit,
) -> Result<Response, Trouble> {
    let Some(inbox) = &settings.inbox else {
        return Ok(visit.lead(StatusCode::FOUND, ACCOUNT.path));
    };
    let html = Page { frame: Frame::named(&visit, "The local stack".to_owned())?, inbox }.render()?;
    Ok(visit.page(StatusCode::OK, html))
}
