//! `DELETE /v1/sessions`: sign out everywhere.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use http::StatusCode;
use regain_domain::port::SessionStore;
use regain_domain::usecase::sessions::Sessions;

use crate::problem::Problem;
use crate::route::Route;
use crate::schema::tag;
use crate::session::{Refusals, SessionBearer, problem};
use crate::state::{Now, Timed};

pub(crate) const ROUTE: Route = Route::delete("/v1/sessions", "sessions", "signOutEverywhere");

/// The operation's route.
pub fn router<S: SessionStore + 'static>(use_case: Timed<Sessions<S>>) -> Router {
    ROUTE.to(handle::<S>, use_case)
}

/// Sign out everywhere.
#[utoipa::path(
    delete,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::SESSIONS,
    security(("session_token" = [])),
    responses((status = 204, description = "Every session of the account has ended."), Refusals),
)]
pub(crate) async fn handle<S: SessionStore + 'static>(
    State(use_case): State<Arc<Sessions<S>>>,
    Now(now): Now,
    SessionBearer(token): SessionBearer,
) -> Result<StatusCode, Problem> {
    use_case.sign_out_everywhere(&token, now).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
