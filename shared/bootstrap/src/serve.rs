//! Serves an application's routes to Lambda: API Gateway's events, REST (v1) and HTTP (v2). Other events are
//! handled by [`listen`].

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use lambda_http::{LambdaEvent, service_fn};
use lambda_runtime::{Diagnostic, Error, Runtime};
use regain_http_api::problem::Problem;
use regain_http_api::routes::operation;
use regain_http_api::{Caller, app_for_origins};
use regain_site::{Site, trouble_page};
use regain_telemetry::{Stopwatch, invocation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;
use tracing::Instrument as _;

use crate::client_policy::ClientPolicy;
use crate::gateway::GatewayEvent;
use crate::requests;

/// How long an answer may take. It is less than the time that Lambda gives the functions: overrunning that would end
/// the process, and the caller would get API Gateway's 500 in the place of a 503 that says when to come back.
pub const ANSWER: Duration = Duration::from_secs(12);

/// Answers events with the routes until the runtime ends; `clients` says whose word counts about callers and
/// which pages may call, and `site` shows trouble to people.
///
/// # Errors
/// If the runtime can't be reached.
pub async fn serve(routes: Router, clients: ClientPolicy, site: Arc<Site>) -> Result<(), Error> {
    let app = app_for_origins(routes.layer(from_fn(in_time)), &clients.cors_origins);
    let app = app.layer(from_fn_with_state(site, trouble_page::show));
    listen(move |event: LambdaEvent<GatewayEvent>| {
        let LambdaEvent { payload, context, .. } = event;
        let version = payload.version();
        let request = payload.into_request(&context.request_id, &clients);
        let operation = operation(request.method(), request.uri().path());
        let caller = request.extensions().get::<Caller>().map_or("", |caller| &caller.request_id);
        let span = requests::span(operation, caller, &context);
        let app = app.clone();
        let answer = async move {
            let stopwatch = Stopwatch::start();
            let response = app.oneshot(request).await?;
            requests::answered(operation, &response, stopwatch.milliseconds());
            Ok::<_, Infallible>(version.answer(response).await)
        };
        answer.instrument(span)
    })
    .await
}

/// Handles events until the runtime ends, each in a span of its own. An error fails the invocation.
///
/// # Errors
/// If the runtime can't be reached.
pub async fn listen<E, R, X, F, O>(mut handle: F) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
    X: Into<Diagnostic> + Debug,
    F: FnMut(LambdaEvent<E>) -> O,
    O: Future<Output = Result<R, X>>,
{
    let handle = move |event: LambdaEvent<E>| {
        let span = invocation(&event.context.request_id, event.context.xray_trace_id.as_deref());
        span.in_scope(|| handle(event)).instrument(span.clone())
    };
    // `lambda_runtime::run` would put a span of its own around this, with ids under other names.
    Runtime::new(service_fn(handle)).run().await
}

/// A call to the table is bounded, but several that are slow one after the other take longer than anybody waits.
async fn in_time(request: axum::extract::Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::out_of_time().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::StatusCode;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_too_long_is_a_503_that_says_when_to_come_back() {
        let slow = |by: Duration| {
            let answer = move || async move { tokio::time::sleep(by).await };
            let app = app_for_origins(Router::new().route("/", get(answer)).layer(from_fn(in_time)), &[]);
            app.oneshot(http::Request::get("/").body(Body::empty()).unwrap())
        };
        assert_eq!(slow(ANSWER.mul_f64(0.9)).await.unwrap().status(), StatusCode::OK);
        let late = slow(ANSWER * 2).await.unwrap();
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(late.headers()["content-type"], "application/problem+json");
        assert!(late.headers().contains_key("retry-after") && late.headers().contains_key("cache-control"));
    }
}
