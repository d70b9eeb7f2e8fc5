//! The wire protocol of the Lambda Runtime API (version 2018-06-01), for every instance of every function on
//! one port: `AWS_LAMBDA_RUNTIME_API` carries the function and the instance as a path in front of the
//! protocol's own. See <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use regain_notifications::guard;
use tokio::net::TcpListener;

use super::{Event, InvokeError, RuntimeApi};

/// The largest answer of a function, in bytes, as on Lambda.
const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

const ACCEPTED: (StatusCode, &str) = (StatusCode::ACCEPTED, r#"{"status":"OK"}"#);

/// The value of `AWS_LAMBDA_RUNTIME_API` for a function's process. Lambda gives a bare address; with a path, the
/// runtime's client wants the scheme too.
#[must_use]
pub fn endpoint(address: SocketAddr, function: &str, instance: u16) -> String {
    format!("http://{address}/{function}/{instance}")
}

/// Serves the protocol until the future is dropped.
pub async fn serve(api: RuntimeApi, listener: TcpListener) -> std::io::Result<()> {
    // Small answers on connections that stay open must not wait for an acknowledgement.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router(api)).await
}

pub(super) fn router(api: RuntimeApi) -> Router {
    let protocol = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error));
    Router::new()
        .nest("/{function}/{instance}", protocol)
        .layer(DefaultBodyLimit::max(ANSWER_LIMIT))
        .layer(from_fn(guard::refuse_foreign))
        .with_state(api)
}

type Instance = Path<(String, u16)>;
type Invocation = Path<(String, u16, String)>;

async fn next(State(api): State<RuntimeApi>, Path((function, instance)): Instance) -> Response {
    match api.next(&function, instance).await {
        Some(event) => (headers(&function, &event), event.payload).into_response(),
        None => StatusCode::GONE.into_response(),
    }
}

async fn response(
    State(api): State<RuntimeApi>,
    Path((function, instance, request_id)): Invocation,
    body: Bytes,
) -> Response {
    accept(api.answer(&function, instance, &request_id, Ok(body)))
}

async fn error(
    State(api): State<RuntimeApi>,
    Path((function, instance, request_id)): Invocation,
    body: Bytes,
) -> Response {
    let error = InvokeError::Function(String::from_utf8_lossy(&body).into_owned());
    accept(api.answer(&function, instance, &request_id, Err(error)))
}

async fn init_error(Path((function, _)): Instance, body: Bytes) -> Response {
    tracing::error!(function, error = %String::from_utf8_lossy(&body), "a function failed to initialise");
    ACCEPTED.into_response()
}

/// An answer to an event that the instance no longer has comes too late.
fn accept(taken: bool) -> Response {
    if taken { ACCEPTED.into_response() } else { StatusCode::GONE.into_response() }
}

fn headers(function: &str, event: &Event) -> HeaderMap {
    let arn = format!("arn:aws:lambda:eu-north-1:000000000000:function:{function}");
    let values = [
        ("lambda-runtime-aws-request-id", event.request_id.clone()),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", event.trace_id.clone()),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in values {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    headers
}
