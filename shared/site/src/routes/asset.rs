//! `/assets/…`: style, script and logo.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, header};
use regain_http_api::Code;

use crate::assets;
use crate::state::SharedSite;
use crate::trouble::Trouble;

/// What has its content in its name never changes.
const FOR_A_YEAR: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) async fn content(
    State(SharedSite(site)): State<SharedSite>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let nothing = Trouble::Problem(Code::NotFound, None);
    let (kind, is_current) = site.assets.find(&name).ok_or(nothing)?;
    let content = assets::content(kind, &site.settings).ok_or(nothing)?;
    let media_type = HeaderValue::from_static(kind.media_type());
    let mut response = ([(header::CONTENT_TYPE, media_type)], content).into_response();
    let headers = response.headers_mut();
    site.headers.add(headers);
    if is_current {
        headers.insert(header::CACHE_CONTROL, FOR_A_YEAR);
    }
    Ok(response)
}
