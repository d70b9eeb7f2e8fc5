//! Telemetry that the functions share which send messages or are told of them.

use regain_telemetry::Metric;
use tracing::field::Empty;
use tracing::{Span, info_span};

/// Counts what waits for an operator, whether SES and SNS say so at once or later.
pub const NEEDS_OPERATOR: Metric = Metric::count(
    "NeedsOperator",
    &[&[], &["Channel"]],
    "Messages that SES or SNS don't take or deliver until an operator mends something.",
);

/// The span of a record that a function is woken by, such as a send.
#[must_use]
pub fn span() -> Span {
    info_span!("delivery", fault = Empty, challenge = Empty, account = Empty, channel = Empty)
}
