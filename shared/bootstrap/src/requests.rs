//! Spans, lines and metrics of requests.

use axum::response::Response;
use lambda_runtime::Context;
use regain_http_api::Outcome;
use regain_telemetry::{Line, Metric, Metrics, Telemetry, Unit, noted};
use tracing::field::Empty;
use tracing::{Span, info_span};

const REQUESTS: Metric =
    Metric::count("Requests", &[&["Operation"], &["Operation", "Outcome"]], "Requests that were answered.");
const LATENCY: Metric = Metric {
    name: "Latency",
    unit: Unit::Milliseconds,
    dimensions: &[&["Operation"]],
    meaning: "How long the function took for a request.",
};
const ANSWERED: Line = Line::info("a request was answered", &[], "One for each, with metrics.");

/// The lines and metrics of every function that answers requests.
pub const TELEMETRY: Telemetry = Telemetry { metrics: &[REQUESTS, LATENCY], lines: &[ANSWERED] };

/// The span of a request, by the gateway's id for it.
pub(crate) fn span(operation: &'static str, request_id: &str, context: &Context) -> Span {
    info_span!(
        "request",
        operation,
        request_id,
        lambda_request_id = context.request_id,
        status = Empty,
        problem = Empty,
        challenge = Empty,
        account = Empty,
        channel = Empty,
        reference = Empty,
        guess = Empty,
    )
}

/// Writes the line of the request whose span this is, with its metrics and those that the operation has counted.
pub(crate) fn answered(operation: &'static str, response: &Response, took: f64) {
    let span = Span::current();
    span.record("status", response.status().as_u16());
    let problem = response.extensions().get::<Outcome>().map(|outcome| outcome.0);
    if let Some(problem) = problem {
        span.record("problem", problem);
    }
    let metrics = Metrics::new()
        .dimension("Operation", operation)
        .dimension("Outcome", problem.unwrap_or("ok"))
        .dimension_if_any("Channel", noted("channel"))
        .add(REQUESTS, 1)
        .add(LATENCY, took);
    ANSWERED.write([], metrics);
}
