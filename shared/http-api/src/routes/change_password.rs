//! `GET /.well-known/change-password`: the way to the page that changes a password.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::route::Route;
use crate::schema::tag;

pub(crate) const ROUTE: Route = Route::get("/.well-known/change-password", "meta", "changePassword");

/// The operation's route. `page` is an absolute URL.
pub fn router(page: HeaderValue) -> Router {
    ROUTE.to(handle, page)
}

/// The way to the page that changes a password.
///
/// W3C, "A Well-Known URL for Changing Passwords": how password managers find the page.
#[utoipa::path(
    get,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::META,
    responses((
        status = 302,
        description = "The page is at `Location`.",
    )),
)]
pub(crate) async fn handle(State(page): State<HeaderValue>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, page)]).into_response()
}
