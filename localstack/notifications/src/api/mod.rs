//! The gateway's own HTTP interface, one file for each resource.

mod faults;
mod localstack;
pub(crate) mod messages;
pub(crate) mod query;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use crate::gateway::Gateway;
use crate::http::ok_json;

/// The routes of everything but the two services and the page.
pub(crate) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/health", get(health))
        .route("/messages", get(messages::list).delete(messages::clear))
        .route("/messages/{id}", get(messages::show))
        .route("/faults", get(faults::list).put(faults::set).delete(faults::clear))
        .route("/_aws/ses", get(localstack::emails).delete(localstack::clear_emails))
        .route("/_aws/sns/sms-messages", get(localstack::texts).delete(localstack::clear_texts))
}

/// `GET /health`
async fn health() -> Response {
    ok_json(&json!({ "status": "ok" }))
}
