//! `GET /v1/health`: whether the function runs.

use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::route::Route;
use crate::schema::{one_of, tag};

pub(crate) const ROUTE: Route = Route::get("/v1/health", "meta", "health");

/// The operation's route.
pub fn router() -> Router {
    ROUTE.to(handle, ())
}

/// That the function runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(schema_with = ok_schema)]
    status: &'static str,
}

fn ok_schema() -> Object {
    one_of(["ok"])
}

/// Whether the function runs.
///
/// It asks nothing of the table: an outage there is for alarms, not for a
/// restart of the functions.
#[utoipa::path(
    get,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::META,
    responses((
        status = 200,
        description = "It runs.",
        content_type = "application/json",
        body = Health,
        example = json!({"status": "ok"}),
    )),
)]
pub(crate) async fn handle() -> Json<Health> {
    Json(Health { status: "ok" })
}
