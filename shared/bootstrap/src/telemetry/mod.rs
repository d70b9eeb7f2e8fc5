//! Logs, metrics and traces of every function, from one set of spans.
//!
//! * `lines` writes each event as one JSON line on standard output, with what the spans around it know.
//! * [`metrics`] makes such a line one that CloudWatch reads metrics from.
//! * `xray` sends spans to the X-Ray daemon, in invocations that are sampled.
//!
//! A function gets all of it from [`serve::serve`](crate::serve::serve) or, for events that are no requests,
//! from [`serve::listen`](crate::serve::listen) with a [`delivery`] around each of its records. To extend: a
//! metric is a row of [`metrics::ALL`]; a span is `#[instrument(skip_all)]`, which a test insists on, so that no
//! argument gets into a log by accident.

mod instant;
mod lines;
pub mod metrics;
mod xray;

use std::sync::Mutex;

use axum::response::Response;
use lambda_runtime::Context;
use regain_http_api::Code;
use tracing::field::Empty;
use tracing::{Level, Span, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::Variables;
pub(crate) use instant::Stopwatch;
use lines::Lines;
use metrics::{
    CODES_SENT, DELIVERIES, DELIVERY_FAILURES, DELIVERY_LATENCY, EXPIRED, FAILED, GIVEN_UP, LATENCY, Metrics,
    NEEDS_OPERATOR, REFUSED, REQUESTS, SENDS, UNBUDGETED_SENDS, UNDELIVERABLE, UNKNOWN_SENDS, VERIFIED,
};
use xray::XRay;
pub(crate) use xray::call;

/// Starts logging at `info`. Nothing that the SDKs and the runtime would say below that is wanted: it can
/// hold requests.
pub(crate) fn start(variables: Variables<'_>) {
    let lines = Lines {
        function: variables("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
        stage: variables("REGAIN_STAGE").unwrap_or_default(),
        out: Mutex::new(Box::new(std::io::stdout())),
    };
    tracing_subscriber::registry().with(LevelFilter::INFO).with(lines).with(XRay::read(variables)).init();
}

/// The span of an invocation: everything within it carries the request's id, and is traced if the invocation
/// is sampled.
pub(crate) fn invocation(context: &Context) -> Span {
    let span = info_span!("invocation", request_id = context.request_id, trace_id = Empty);
    if let Some(header) = &context.xray_trace_id {
        xray::begin(&span, header);
    }
    span
}

/// The span of a request, by the gateway's id for it.
pub(crate) fn request(operation: &'static str, request_id: &str, context: &Context) -> Span {
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
        guess = Empty,
    )
}

/// Writes the line of the request whose span this is, with its metrics.
pub(crate) fn answered(operation: &'static str, response: &Response, took: f64) {
    let span = Span::current();
    let status = response.status();
    span.record("status", status.as_u16());
    let problem = response.extensions().get::<Code>().copied();
    if let Some(problem) = problem {
        span.record("problem", problem.as_str());
    }
    let mut metrics = Metrics::new()
        .dimension("Operation", operation)
        .dimension("Outcome", problem.map_or("ok", Code::as_str))
        .dimension_if_any("Channel", lines::noted("channel"))
        .add(REQUESTS, 1)
        .add(LATENCY, took);
    if operation == VERIFY_CODE {
        metrics = match problem {
            None => metrics.add(VERIFIED, 1),
            Some(_) if lines::noted("guess").is_some() => metrics.add(FAILED, 1),
            Some(Code::ChallengeExpired) => metrics.add(EXPIRED, 1),
            Some(_) => metrics,
        };
    }
    lines::write(Level::INFO, "a request was answered", &[], metrics);
}

/// The operation that guesses are made with.
const VERIFY_CODE: &str = "verifyCode";

/// The span of a record that a function is woken by, such as a send.
#[must_use]
pub fn delivery() -> Span {
    info_span!("delivery", fault = Empty, challenge = Empty, account = Empty, channel = Empty)
}

/// Writes the line of the record whose span this is, with its metrics. `seconds` are those since it was
/// written, if something was sent for it.
pub fn delivered(outcome: &'static str, seconds: Option<u64>) {
    let channel = lines::noted("channel");
    let metrics = Metrics::new()
        .dimension("Outcome", outcome)
        .dimension_if_any("Channel", channel)
        .add(DELIVERIES, 1)
        .add_if_any(DELIVERY_LATENCY, seconds);
    lines::write(Level::INFO, "a delivery was handled", &[("outcome", outcome)], metrics);
}

/// Writes the line of something that waited and could not be sent for as long as it was worth trying.
pub fn given_up() {
    let metrics = Metrics::new().dimension("Outcome", "given_up").add(DELIVERIES, 1).add(GIVEN_UP, 1);
    lines::write(Level::ERROR, "a message is given up", &[("outcome", "given_up")], metrics);
}

/// Writes the line of the record whose span this is and which will come again. The cause names no person.
pub fn delivery_failed(cause: &str) {
    Span::current().record("fault", true);
    let metrics = Metrics::new().dimension("Outcome", "failed").add(DELIVERIES, 1).add(DELIVERY_FAILURES, 1);
    lines::write(Level::WARN, "a delivery will be tried again", &[("cause", cause)], metrics);
}

/// A message that was handed to SES or SNS.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    /// `email` or `sms`.
    pub channel: &'static str,
    /// The country of a number by ISO 3166-1 alpha-2, `-` for an email address.
    pub country: &'static str,
    /// What the message is: `code`, `link` or `notice`.
    pub message: &'static str,
}

impl Outgoing {
    fn metrics(self) -> Metrics {
        Metrics::new().dimension("Channel", self.channel).dimension("Country", self.country)
    }

    /// Writes that the service took it.
    pub fn taken(self) {
        let mut metrics = self.metrics().add(SENDS, 1);
        if self.message == "code" {
            metrics = metrics.add(CODES_SENT, 1);
        }
        if self.message == "link" && self.channel == "sms" {
            metrics = metrics.add(UNBUDGETED_SENDS, 1);
        }
        lines::write(Level::INFO, "a message was sent", &[("kind", self.message)], metrics);
    }

    /// Writes that nobody knows whether the service took it.
    pub fn unknown(self) {
        let metrics = self.metrics().add(UNKNOWN_SENDS, 1);
        lines::write(Level::WARN, "the answer to a message was lost", &[("kind", self.message)], metrics);
    }

    /// Writes that the service, or the list of countries, refuses it for good. The reason names no person.
    pub fn refused(self, reason: &str) {
        let fields = [("kind", self.message), ("reason", reason)];
        let metrics = self.metrics().add(REFUSED, 1);
        lines::write(Level::WARN, "a message was refused for good", &fields, metrics);
    }

    /// Writes that the service takes it only once an operator has mended something. The reason names no person.
    pub fn needs_operator(self, reason: &str) {
        let fields = [("kind", self.message), ("reason", reason)];
        let metrics = self.metrics().add(NEEDS_OPERATOR, 1);
        lines::write(Level::ERROR, "a message needs an operator", &fields, metrics);
    }
}

/// What SES or SNS told of a message that they had taken.
#[derive(Clone, Copy, Debug)]
pub struct Undelivered {
    /// `email` or `sms`.
    pub channel: &'static str,
    /// Why, in a word that names no person.
    pub reason: &'static str,
    /// Whether that is an operator's to mend.
    pub needs_operator: bool,
    /// How many addresses of accounts get no messages from now on.
    pub suppressed: usize,
    /// Whether a challenge was marked.
    pub marked: bool,
}

impl Undelivered {
    /// Writes that it did not arrive.
    pub fn told(self) {
        let (suppressed, marked) = (self.suppressed.to_string(), self.marked.to_string());
        let fields = [("reason", self.reason), ("suppressed", &*suppressed), ("marked", &*marked)];
        let mut metrics = Metrics::new().dimension("Channel", self.channel).add(UNDELIVERABLE, 1);
        if self.needs_operator {
            metrics = metrics.add(NEEDS_OPERATOR, 1);
        }
        lines::write(Level::WARN, "a message did not arrive", &fields, metrics);
    }
}
