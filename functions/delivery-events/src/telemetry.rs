//! The line and metrics of messages that did not arrive.

use regain_bootstrap::deliveries::NEEDS_OPERATOR;
use regain_telemetry::{Line, Metric, Metrics, Telemetry};

const UNDELIVERABLE: Metric =
    Metric::count("Undeliverable", &[&[], &["Channel"]], "Messages that were taken and did not arrive.");
const NOT_ARRIVED: Line = Line::warn(
    "a message did not arrive",
    &["reason", "suppressed", "marked"],
    "`channel`, and `reason`: `bounced`, `complained`, `invalid_number`, `opted_out`, `blocked`, `not_this_time`, or \
     what an operator has to mend: `quota_spent`, `account_restricted`, `no_sender`, `message_not_taken`; how many \
     addresses are `suppressed` by it, and whether a challenge was `marked`.",
);

/// The lines and metrics of the function.
pub(crate) const TELEMETRY: Telemetry =
    Telemetry { metrics: &[UNDELIVERABLE, NEEDS_OPERATOR], lines: &[NOT_ARRIVED] };

/// A report of SES or SNS on a message that they had taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Undelivered {
    /// `email` or `sms`.
    pub(crate) channel: &'static str,
    /// Why, in a word that names no person.
    pub(crate) reason: &'static str,
    /// Whether that is an operator's to mend.
    pub(crate) needs_operator: bool,
    /// How many addresses of accounts get no messages from now on.
    pub(crate) suppressed: usize,
    /// Whether a challenge was marked.
    pub(crate) marked: bool,
}

impl Undelivered {
    /// Writes that it did not arrive.
    pub(crate) fn told(self) {
        let mut metrics = Metrics::new().dimension("Channel", self.channel).add(UNDELIVERABLE, 1);
        if self.needs_operator {
            metrics = metrics.add(NEEDS_OPERATOR, 1);
        }
        NOT_ARRIVED.write([self.reason, &self.suppressed.to_string(), &self.marked.to_string()], metrics);
    }
}
