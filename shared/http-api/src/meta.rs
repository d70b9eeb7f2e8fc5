//! What stands beside the API: health, the password policy, the well-known redirect.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use regain_domain::PasswordPolicy;
use serde_json::{Value, json};

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
        .route("/v1/password-policy", get(password_policy))
        .route("/.well-known/change-password", get(change_password))
        .with_state(Arc::new(meta))
}

/// The function answers. It asks nothing of the table: an outage there is for alarms, not for a
/// restart of the functions.
async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn password_policy(State(meta): State<Arc<Meta>>) -> Json<Value> {
    Json(json!({
        "min_length": meta.password.min_length,
        "max_length": meta.password.max_length,
        "length_unit": "code_points",
        "checks": meta.password_checks,
    }))
}

/// W3C, "A Well-Known URL for Changing Passwords": how password managers find the page.
async fn change_password(State(meta): State<Arc<Meta>>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, meta.change_password_page.clone())]).into_response()
}
