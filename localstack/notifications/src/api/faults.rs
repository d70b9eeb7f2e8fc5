//! `/faults`: making sends fail on purpose. What the kinds mean stands in [`crate::fault`], what they look like in
//! the documentation of each service.
//!
//! - `PUT` sets one fault; it takes the place of the earlier one for the same channel and address, and others
//!   stay. So tests that share a gateway can each have their own, by address.
//! - `GET` shows those in force, `count` being how many sends are left.
//! - `DELETE` clears all.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::fault::Fault;
use crate::gateway::Gateway;
use crate::http::{Problem, ok_json};

/// `GET /faults`
pub(crate) async fn list(State(gateway): State<Gateway>) -> Response {
    ok_json(&json!({ "faults": gateway.faults().list() }))
}

/// `PUT /faults`, answered as `GET /faults`.
pub(crate) async fn set(
    State(gateway): State<Gateway>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|error| Problem::invalid_request(error.body_text()))?;
    let fault: Fault = serde_json::from_slice(&body)
        .map_err(|error| Problem::invalid_request(format!("The body is not a fault: {error}.")))?;
    let mut faults = gateway.faults();
    faults.set(fault).map_err(|error| Problem::invalid_request(format!("The fault is not set: {error}.")))?;
    Ok(ok_json(&json!({ "faults": faults.list() })))
}

/// `DELETE /faults`
pub(crate) async fn clear(State(gateway): State<Gateway>) -> StatusCode {
    gateway.faults().clear();
    StatusCode::NO_CONTENT
}
