//! The HTTP API: every request becomes an event for the function that its route names.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use http_body_util::LengthLimitError;
use regain_notifications::guard;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use crate::access_log;
use crate::api_event::{self, Arrival, Target};
use crate::api_response::{self, Problem};
use crate::clock::{self, LocalClock};
use crate::console::Console;
use crate::ids;
use crate::runtime_api::{InvokeError, RuntimeApi};

/// API Gateway's limit for a request's body, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// API Gateway's longest wait for a function.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(29);

/// Serves the API until `shutdown` resolves; requests under way are answered still. A console shows each request.
pub(crate) async fn serve(
    api: RuntimeApi,
    clock: Arc<LocalClock>,
    console: Option<Console>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    // The clock is this machine's, and no page's; which pages may call the API is configuration.
    let clock = clock::router(clock).layer(from_fn(guard::refuse_foreign));
    let mut router = router(api).merge(clock).layer(from_fn(refuse_foreign_hosts));
    if let Some(console) = console {
        router = router.layer(from_fn_with_state(console, access_log::write));
    }
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}

/// As API Gateway, which answers for its own domain names alone.
async fn refuse_foreign_hosts(request: Request, next: Next) -> Response {
    if !guard::is_foreign_host(&request) {
        return next.run(request).await;
    }
    let mut refusal = guard::host_refusal().await;
    if let Ok(id) = HeaderValue::try_from(ids::uuid()) {
        refusal.headers_mut().insert("x-request-id", id);
    }
    refusal
}

fn router(api: RuntimeApi) -> Router {
    Router::new().fallback(handle).with_state(api)
}

#[expect(clippy::disallowed_methods, reason = "the gateway's clock is the machine's")]
async fn handle(
    State(api): State<RuntimeApi>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let arrival = Arrival {
        request_id: ids::uuid(),
        source: peer.ip().to_canonical(),
        time: OffsetDateTime::now_utc(),
    };
    let request_id = arrival.request_id.clone();
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) => return unreadable(&error).into_response(&request_id),
    };
    let target = api_event::route(parts.method.as_str(), parts.uri.path());
    let answer = answer(api, &parts, &body, target, &arrival).await;
    let mut response = answer.unwrap_or_else(|problem| problem.into_response(&request_id));
    response.extensions_mut().insert(target);
    response
}

async fn answer(
    api: RuntimeApi,
    parts: &Parts,
    body: &Bytes,
    target: Target,
    arrival: &Arrival,
) -> Result<Response, Problem> {
    let event = api_event::build(parts, body, &target, arrival).to_string();
    // In a task of its own: as on AWS, a function goes on when its caller hangs up.
    let invocation =
        tokio::spawn(async move { api.invoke(target.function, Bytes::from(event), FUNCTION_TIMEOUT).await });
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(function = target.function, request_id = arrival.request_id, %error, "no answer");
        Problem::INTERNAL_ERROR
    };
    match invocation.await {
        Ok(Ok(answer)) => api_response::from_answer(&answer).map_err(|error| failed(&error)),
        Ok(Err(InvokeError::Overloaded)) => Err(Problem::SERVICE_UNAVAILABLE),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}

fn unreadable(error: &axum::Error) -> Problem {
    if matches!(error.source(), Some(source) if source.is::<LengthLimitError>()) {
        Problem::BODY_TOO_LARGE
    } else {
        Problem::INVALID_REQUEST
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;

    async fn send(api: &RuntimeApi, path: &str, body: Body) -> (StatusCode, Value) {
        let mut request = Request::post(path).body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 40_000))));
        let response = router(api.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_request_reaches_its_function_and_the_answer_comes_back() {
        let api = RuntimeApi::new(["request-code"]);
        let played = api.play("request-code", r#"{"statusCode":202,"body":"{\"a\":1}"}"#);
        let (event, (status, body)) = tokio::join!(played, send(&api, "/v1/challenges", Body::from("{}")));
        let event: Value = serde_json::from_slice(&event).unwrap();
        assert_eq!(event["requestContext"]["identity"]["sourceIp"], "192.0.2.7");
        assert_eq!((status, &body["a"]), (StatusCode::ACCEPTED, &Value::from(1)));
    }

    #[tokio::test]
    async fn a_crash_and_a_bad_answer_are_internal_errors() {
        for answer in ["crash", "nonsense"] {
            let api = RuntimeApi::new(["meta"]);
            let (_, (status, body)) = tokio::join!(api.play("meta", answer), send(&api, "/x", Body::empty()));
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(body["code"], "internal_error");
        }
    }

    #[tokio::test]
    async fn a_body_over_the_gateways_limit_is_refused() {
        let body = Body::from(vec![b' '; BODY_LIMIT + 1]);
        let (status, body) = send(&RuntimeApi::new(["meta"]), "/v1/challenges", body).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(body["code"], "body_too_large");
    }
}
