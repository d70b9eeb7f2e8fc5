//! Logs: one JSON object a line on standard output, where Lambda collects them.

use tracing_subscriber::filter::LevelFilter;

/// Starts logging at `info`. Nothing that the SDKs and the runtime would say below that is wanted: it can
/// hold requests.
pub(crate) fn start() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(LevelFilter::INFO)
        .init();
}
