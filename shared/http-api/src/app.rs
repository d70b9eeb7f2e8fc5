//! The common part of every function's application: the fallback, and what every answer carries.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Uri, header};

use crate::cors::with_cors;
use crate::extract::Caller;
use crate::problem::{Code, Problem};
use crate::routes::{FALLBACK_FUNCTION, all, path_matches};

/// A function's routes, completed: unknown paths and methods answer problems, and every answer has the
/// contract's headers.
pub fn app(routes: Router) -> Router {
    app_for_origins(routes, &[])
}

/// The same, with pages of some origins allowed to call.
pub fn app_for_origins(routes: Router, origins: &[HeaderValue]) -> Router {
    let complete = routes.method_not_allowed_fallback(no_route).fallback(no_route);
    with_cors(complete, origins).layer(from_fn(finish))
}

/// 405 where the path has other methods in the contract, 404 elsewhere.
async fn no_route(method: Method, uri: Uri) -> Problem {
    let routes = || all().filter(|route| path_matches(route.path, uri.path()));
    let mut methods: Vec<&str> = routes().map(|route| route.method).collect();
    // RFC 9110, section 9.3.2: `GET` without a body. The gateway sends it to `meta`, which has it where it has `GET`.
    if routes().any(|route| route.method == "GET" && route.function == FALLBACK_FUNCTION) {
        methods.push("HEAD");
    }
    if methods.is_empty() || methods.contains(&method.as_str()) {
        not_found()
    } else {
        method_not_allowed(methods.join(", "))
    }
}

/// No operation has this path.
pub(crate) fn not_found() -> Problem {
    Problem::new(Code::NotFound, "There is nothing at this path.")
}

/// The path's operations have these methods.
pub(crate) fn method_not_allowed(allow: String) -> Problem {
    Problem::new(Code::MethodNotAllowed, format!("This path takes {allow}.")).allow(allow)
}

async fn finish(request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned().unwrap_or_default();
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    // But for what says otherwise itself: the pages' style and script.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::try_from(caller.request_id) {
        headers.insert("x-request-id", id);
    }
    response
}
