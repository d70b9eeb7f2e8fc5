//! What stands beside the API: health, the password policy, the well-known redirect.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use regain_domain::PasswordPolicy;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object};

use crate::openapi::{one_of, tag};
use crate::set_password::{check_schema, checks};

/// What `meta` needs to know.
#[derive(Clone, Debug)]
pub struct Meta {
    /// What is asked of a password.
    pub password: PasswordPolicy,
    /// What is checked, by the codes of violations.
    pub password_checks: Vec<&'static str>,
    /// The page that changes a password: an absolute URL.
    pub change_password_page: HeaderValue,
}

/// The operations' routes.
pub fn router(meta: Meta) -> Router {
    Router::new()
        .route("/v1/health", get(health))
        .route("/openapi.json", get(openapi))
        .route("/v1/password-policy", get(password_policy))
        .route("/.well-known/change-password", get(change_password))
        .with_state(Arc::new(meta))
}

/// The contract, as `openapi::document` makes it; a test there holds the file to it.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

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

/// What a page needs to guide a person to a good password.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordPolicy)]
pub(crate) struct Policy {
    /// The least length.
    #[schema(minimum = 1)]
    min_length: usize,
    /// The largest length.
    #[schema(minimum = 1)]
    max_length: usize,
    /// What lengths count: always Unicode code points of the NFC form.
    #[schema(schema_with = unit_schema)]
    length_unit: &'static str,
    /// What is checked, by the codes of violations.
    #[schema(schema_with = checks_schema)]
    checks: Vec<&'static str>,
}

const LENGTH_UNIT: &str = "code_points";

fn unit_schema() -> Object {
    one_of([LENGTH_UNIT])
}

fn checks_schema() -> Array {
    ArrayBuilder::new().items(check_schema()).build()
}

/// Whether the function runs.
///
/// It asks nothing of the table: an outage there is for alarms, not for a
/// restart of the functions.
#[utoipa::path(
    get,
    path = "/v1/health",
    operation_id = "health",
    tag = tag::BESIDE,
    responses((
        status = 200,
        description = "It runs.",
        content_type = "application/json",
        body = Health,
        example = json!({"status": "ok"}),
    )),
)]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi",
    tag = tag::BESIDE,
    responses((
        status = 200,
        description = "The OpenAPI document.",
        content_type = "application/json",
        body = Object,
        example = json!({"openapi": "3.1.0", "info": {"title": "Regain", "version": "1"}, "paths": {}}),
    )),
)]
pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

/// What is asked of a password.
#[utoipa::path(
    get,
    path = "/v1/password-policy",
    operation_id = "passwordPolicy",
    tag = tag::RECOVERY,
    responses((
        status = 200,
        description = "The numbers that a page needs to guide a person.",
        content_type = "application/json",
        body = Policy,
        example = json!({
            "min_length": 15, "max_length": 256, "length_unit": LENGTH_UNIT, "checks": checks(false),
        }),
    )),
)]
pub(crate) async fn password_policy(State(meta): State<Arc<Meta>>) -> Json<Policy> {
    Json(Policy {
        min_length: meta.password.min_length,
        max_length: meta.password.max_length,
        length_unit: LENGTH_UNIT,
        checks: meta.password_checks.clone(),
    })
}

/// The way to the page that changes a password.
///
/// W3C, "A Well-Known URL for Changing Passwords": how password managers find the page.
#[utoipa::path(
    get,
    path = "/.well-known/change-password",
    operation_id = "changePassword",
    tag = tag::BESIDE,
    responses((
        status = 302,
        description = "The page is at `Location`.",
    )),
)]
pub(crate) async fn change_password(State(meta): State<Arc<Meta>>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, meta.change_password_page.clone())]).into_response()
}
