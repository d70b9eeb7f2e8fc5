//! `GET /v1/sessions/current`: look at the session.

use std::sync::Arc;

use axum::extract::State;
use axum::{Json, Router};
use regain_domain::port::SessionReader;
use regain_domain::usecase::sessions::Sessions;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::route::Route;
use crate::schema::{example, tag};
use crate::session::{Refusals, SessionBearer, problem};
use crate::state::{Now, Timed};
use crate::timestamp::Rfc3339Time;

pub(crate) const ROUTE: Route = Route::get("/v1/sessions/current", "sessions", "currentSession");

/// The operation's route.
pub fn router<S: SessionReader + 'static>(use_case: Timed<Sessions<S>>) -> Router {
    ROUTE.to(handle::<S>, use_case)
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct Current {
    /// Names the account.
    #[schema(pattern = "^[A-Za-z0-9_-]{22}$")]
    account_id: String,
    /// When the person signed in.
    created_at: Rfc3339Time,
    /// When the person last proved who they are.
    authenticated_at: Rfc3339Time,
    /// When the password was last changed; absent if it never was.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    password_changed_at: Option<Rfc3339Time>,
    /// When the account was last recovered; absent if it never was.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    recovered_at: Option<Rfc3339Time>,
    /// Until when the application should hold back what can't be undone, because the account was recovered; absent
    /// once that is over.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<Rfc3339Time>,
    /// When the session ends by itself.
    expires_at: Rfc3339Time,
    /// How many seconds from now that is, for clients whose clock may be wrong.
    #[schema(minimum = 0)]
    expires_in: u64,
}

/// Look at the session.
#[utoipa::path(
    get,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::SESSIONS,
    security(("session_token" = [])),
    responses(
        (
            status = 200,
            description = "The session that the token is for.",
            content_type = "application/json",
            body = Current,
            example = json!({
                "account_id": example::ACCOUNT_ID, "created_at": example::EARLIER,
                "authenticated_at": example::EARLIER, "password_changed_at": example::EARLIER,
                "recovered_at": example::EARLIER, "hold_until": example::TIME, "expires_at": example::TIME,
                "expires_in": 600,
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle<S: SessionReader + 'static>(
    State(use_case): State<Arc<Sessions<S>>>,
    Now(now): Now,
    SessionBearer(token): SessionBearer,
) -> Result<Json<Current>, Problem> {
    let current = use_case.check(&token, now).await.map_err(problem)?;
    let session = current.session;
    Ok(Json(Current {
        account_id: session.account.to_string(),
        created_at: Rfc3339Time(session.created_at),
        authenticated_at: Rfc3339Time(session.created_at),
        password_changed_at: current.account.password_changed_at.map(Rfc3339Time),
        recovered_at: current.account.recovered_at.map(Rfc3339Time),
        hold_until: current.hold_until.map(Rfc3339Time),
        expires_at: Rfc3339Time(session.expires_at),
        expires_in: now.seconds_until(session.expires_at),
    }))
}
