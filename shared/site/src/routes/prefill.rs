//! `/recover/prefill`: an application's form with the identifier that it knows. It sends nothing and asks nothing: it
//! fills in the field, so that the identifier is in no URL.

use axum::response::Response;
use http::StatusCode;
use regain_http_api::pages::RECOVER;
use serde::Deserialize;

use crate::form::ForeignForm;
use crate::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    identifier: String,
    return_to: String,
}

pub(super) async fn form(ForeignForm { mut visit, fields }: ForeignForm<Fields>) -> Response {
    visit.flow.start_again();
    visit.flow.keep_identifier(&fields.identifier);
    visit.flow.return_to = visit.site.return_to(&fields.return_to);
    Visit::lead(visit, StatusCode::SEE_OTHER, RECOVER.path)
}
