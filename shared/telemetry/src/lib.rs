//! Logs, metrics and traces of every function, from one set of spans. It knows no operation and no message: functions,
//! and the crates that they share, declare the [`Metric`]s and [`Line`]s that they write.
//!
//! * `lines` writes each event as one JSON line on standard output, with what the spans around it know.
//! * `metrics` makes such a line one that CloudWatch reads metrics from.
//! * `xray` sends spans to the X-Ray daemon, in invocations that are sampled.
//!
//! To extend: a metric or a line is a constant in the crate that writes it, and an entry of that crate's [`Telemetry`],
//! from which tests and documents are made. A diagnostic without metrics is a `tracing` event, and needs neither. A
//! span is `#[instrument(skip_all)]`, which a test insists on, so that no argument gets into a log by accident.

mod fields;
mod instant;
mod lines;
mod metrics;
mod xray;

use std::net::SocketAddr;
use std::sync::Mutex;

use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use instant::Stopwatch;
pub use lines::{Line, count, noted};
pub use metrics::{Metric, Metrics, NAMESPACE, Unit};
pub use xray::call;

use lines::Lines;
use xray::XRay;

/// The metrics and lines that one function or crate declares. No function carries it: it is for tests and documents.
#[derive(Clone, Copy, Debug)]
pub struct Telemetry {
    /// The metrics, in the order of the documentation.
    pub metrics: &'static [Metric],
    /// The lines, in the order of the documentation.
    pub lines: &'static [Line],
}

/// Starts logging at `info`, for a function and its stage, and tracing if there is a daemon. Lower levels are never
/// written: there the SDKs and the runtime may log whole requests.
pub fn start(function: String, stage: String, daemon: Option<SocketAddr>) {
    let lines = Lines { function, stage, out: Mutex::new(Box::new(std::io::stdout())) };
    let xray = daemon.map(XRay::new);
    tracing_subscriber::registry().with(LevelFilter::INFO).with(lines).with(xray).init();
}

/// The span of an invocation: everything within it carries the request's id, and is traced if the invocation is
/// sampled, which the trace header says.
#[must_use]
pub fn invocation(request_id: &str, trace_header: Option<&str>) -> Span {
    let span = info_span!("invocation", request_id, trace_id = Empty);
    if let Some(header) = trace_header {
        xray::begin(&span, header);
    }
    span
}
