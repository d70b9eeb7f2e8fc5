//! `GET /openapi.json`: the OpenAPI document.

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::route::Route;
use crate::schema::tag;

pub(crate) const ROUTE: Route = Route::get("/openapi.json", "meta", "openapi");

/// The operation's route.
pub fn router() -> Router {
    ROUTE.to(handle, ())
}

/// The contract. A test of `tests/checks` holds the file to the descriptions.
const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

/// This document.
#[utoipa::path(
    get,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::META,
    responses((
        status = 200,
        description = "The OpenAPI document.",
        content_type = "application/json",
        body = Object,
        example = json!({"openapi": "3.1.0", "info": {"title": "Regain", "version": "1"}, "paths": {}}),
    )),
)]
pub(crate) async fn handle() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
