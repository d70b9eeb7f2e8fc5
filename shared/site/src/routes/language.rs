//! `/language`: chooses the language of pages, and of the messages that they ask for.

use axum::response::Response;
use http::StatusCode;
use regain_http_api::pages::PAGES;
use serde::Deserialize;

use crate::cookies::{LANGUAGE_LIFETIME, Name};
use crate::form::Form;
use crate::trouble::Trouble;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    locale: String,
    /// The page that the form was on: its path without the first slash.
    page: String,
}

pub(super) async fn form(Form { mut visit, fields, .. }: Form<Fields>) -> Result<Response, Trouble> {
    let Some(language) = visit.site.language(&fields.locale) else { return Err(Trouble::MALFORMED) };
    let page = format!("/{}", fields.page);
    if !PAGES.iter().any(|route| route.method == "GET" && route.path == page && !page.contains('{')) {
        return Err(Trouble::MALFORMED);
    }
    visit.set_cookie(Name::Language, language.as_str(), LANGUAGE_LIFETIME);
    Ok(visit.lead(StatusCode::SEE_OTHER, &page))
}
