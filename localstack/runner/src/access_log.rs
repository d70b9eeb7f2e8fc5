//! The terminal's line for each request to the HTTP API, whoever answers it.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use tokio::time::Instant;

use crate::api_event::Target;
use crate::clock;
use crate::console::line::{self, Line};
use crate::console::{Console, LOCAL_STACK};

/// What stands for a path that has no template.
const UNKNOWN_PATH: &str = "(unknown path)";

/// Answers a request and writes its line. A function that was asked is told by the response's [`Target`].
pub(crate) async fn write(State(console): State<Console>, request: Request, next: Next) -> Response {
    let since = Instant::now();
    let method = request.method().clone();
    let is_clock = request.uri().path() == clock::PATH;
    let response = next.run(request).await;
    let (function, template) = match response.extensions().get::<Target>() {
        Some(target) => (target.function, Some(target.resource).filter(|resource| !resource.contains('+'))),
        None => (LOCAL_STACK, is_clock.then_some(clock::PATH)),
    };
    let took = since.elapsed();
    let status = response.status();
    let (response, said) = read(response).await;
    console.write(&Line::request(line::Request {
        method: &method,
        template: template.unwrap_or(UNKNOWN_PATH),
        status,
        took,
        function,
        problem: said.code.filter(|_| status.is_client_error() || status.is_server_error()),
        reference: said.reference,
    }));
    response
}

/// The members of an answer that its line tells.
#[derive(Debug, Default, Deserialize)]
struct Said {
    /// A problem's code.
    code: Option<String>,
    reference: Option<String>,
}

/// The response, and what its body says if that is JSON.
async fn read(response: Response) -> (Response, Said) {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.ends_with("json")) {
        return (response, Said::default());
    }
    let (head, body) = response.into_parts();
    // It is in memory already: a function's answer comes whole.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let said = serde_json::from_slice(&body).unwrap_or_default();
    (Response::from_parts(head, Body::from(body)), said)
}
