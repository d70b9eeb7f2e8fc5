//! `/recover/done`: the end of a recovery.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use regain_http_api::pages::RECOVER;

use crate::flow::Step;
use crate::frame::Frame;
use crate::trouble::Trouble;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "done.html")]
struct Page<'a> {
    frame: Frame<'a>,
}

pub(super) async fn page(visit: Visit) -> Result<Response, Trouble> {
    if !matches!(visit.flow.step, Step::Done) {
        return Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path));
    }
    let html = Page { frame: Frame::new(&visit, "done-title", Vec::new())? }.render()?;
    Ok(visit.page(StatusCode::OK, html))
}
