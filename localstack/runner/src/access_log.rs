//! The terminal's line for each request to the HTTP API, whoever answers it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use regain_http_api::problem::Code;
use tokio::time::Instant;

use crate::api_event::{self, Target};
use crate::clock;
use crate::console::line::{self, Line, Said};
use crate::console::{Console, LOCAL_STACK};

/// What stands for a path that has no template.
const UNKNOWN_PATH: &str = "(unknown path)";

/// Answers a request and has its line written. The response's [`Target`] names the function that was asked, its
/// [`Code`] a problem that the stack answers itself.
pub(crate) async fn write(State(console): State<Console>, request: Request, next: Next) -> Response {
    let since = Instant::now();
    let method = request.method().clone();
    let template = template(method.as_str(), request.uri().path());
    let response = next.run(request).await;
    let target = response.extensions().get::<Target>();
    let problem = response.extensions().get::<Code>().map(|code| code.as_str().to_owned());
    let is_stacks_own = target.is_none() || problem.is_some();
    let request = line::Request {
        method,
        template,
        status: response.status(),
        took: since.elapsed(),
        function: target.map_or(LOCAL_STACK, |target| target.function),
        said: Said { problem, reference: None },
    };
    let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    match id {
        Some(id) if !is_stacks_own => console.answered(id, request),
        _ => console.write(&Line::request(request)),
    }
    response
}

/// What is told of a path. Its parts that are a caller's own may be secret.
fn template(method: &str, path: &str) -> &'static str {
    match api_event::route(method, path).resource {
        _ if path == clock::PATH => clock::PATH,
        "/{proxy+}" => UNKNOWN_PATH,
        template => template,
    }
}
