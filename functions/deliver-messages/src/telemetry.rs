//! The lines and metrics of deliveries and of the messages that they send.

use regain_bootstrap::deliveries::NEEDS_OPERATOR;
use regain_telemetry::{Line, Metric, Metrics, Telemetry, Unit, noted};
use tracing::Span;

const SENDS: Metric =
    Metric::count("Sends", &[&[], &["Channel"], &["Channel", "Country"]], "Messages that SES or SNS took.");
const CODES_SENT: Metric =
    Metric::count("CodesSent", &[&[], &["Channel"]], "Those of them that carry a code.");
const UNKNOWN_SENDS: Metric = Metric::count(
    "UnknownSends",
    &[&[], &["Country"]],
    "SMS whose answer was lost: SNS may have taken them.",
);
const UNBUDGETED_SENDS: Metric = Metric::count(
    "UnbudgetedSends",
    &[&[], &["Country"]],
    "SMS that are outside the budgets: recovery links.",
);
const REFUSED: Metric = Metric::count(
    "Refused",
    &[&[], &["Channel", "Country"]],
    "Messages that SES, SNS or the list of countries refused for good.",
);
const DELIVERIES: Metric =
    Metric::count("Deliveries", &[&["Outcome"]], "Records of the stream that were handled.");
const DELIVERY_FAILURES: Metric = Metric::count("DeliveryFailures", &[&[]], "Those of them that come again.");
const GIVEN_UP: Metric =
    Metric::count("GivenUp", &[&[]], "Messages of the outbox that could not be sent for a day.");
const DELIVERY_LATENCY: Metric = Metric {
    name: "DeliveryLatency",
    unit: Unit::Seconds,
    dimensions: &[&[], &["Channel"]],
    meaning: "From the write of a send to its message. Streams tell times in whole seconds.",
};

const HANDLED: Line = Line::info(
    "a delivery was handled",
    &["outcome"],
    "One for each code, look-up and message of the outbox, with metrics. `outcome`: see below.",
);
const SENT: Line =
    Line::info("a message was sent", &["kind"], "SES or SNS took it. `kind` is `code`, `link` or `notice`.");
const REFUSED_FOR_GOOD: Line = Line::warn(
    "a message was refused for good",
    &["kind", "reason"],
    "SES or SNS won't take it, or it is no mobile number of an allowed country (`country_not_allowed`). \
     `reason` is the service's code. Nobody is told.",
);
const MESSAGE_GIVEN_UP: Line = Line::error(
    "a message is given up",
    &["outcome"],
    "A link or a notice could not be sent for a day, and is lost.",
);
const WAITS_FOR_OPERATOR: Line = Line::error(
    "a message needs an operator",
    &["kind", "reason"],
    "SES or SNS takes no such message until something is mended: sender, quota, permissions. \
     `reason` is the service and its code.",
);
const ANSWER_LOST: Line = Line::warn(
    "the answer to a message was lost",
    &["kind"],
    "SNS may have taken a text message: the call took more than three seconds, its connection broke, or the answer \
     wasn't SNS's own. It counts, is tried once more at the most, and then a code goes by email.",
);
const TRIED_AGAIN: Line = Line::warn(
    "a delivery will be tried again",
    &["cause"],
    "SES, SNS or the table throttles or is away, or needs an operator; `cause` is its code.",
);

/// The lines and metrics of the function.
pub(crate) const TELEMETRY: Telemetry = Telemetry {
    metrics: &[
        SENDS,
        CODES_SENT,
        UNKNOWN_SENDS,
        UNBUDGETED_SENDS,
        REFUSED,
        NEEDS_OPERATOR,
        DELIVERIES,
        DELIVERY_FAILURES,
        GIVEN_UP,
        DELIVERY_LATENCY,
    ],
    lines: &[HANDLED, SENT, REFUSED_FOR_GOOD, MESSAGE_GIVEN_UP, WAITS_FOR_OPERATOR, ANSWER_LOST, TRIED_AGAIN],
};

/// Writes the line of the record whose span this is, with its metrics. `seconds` are those since it was
/// written, if something was sent for it.
pub(crate) fn delivered(outcome: &'static str, seconds: Option<u64>) {
    let metrics = Metrics::new()
        .dimension("Outcome", outcome)
        .dimension_if_any("Channel", noted("channel"))
        .add(DELIVERIES, 1)
        .add_if_any(DELIVERY_LATENCY, seconds);
    HANDLED.write([outcome], metrics);
}

/// Writes the line of something that waited and could not be sent for as long as it was worth trying.
pub(crate) fn given_up() {
    let metrics = Metrics::new().dimension("Outcome", "given_up").add(DELIVERIES, 1).add(GIVEN_UP, 1);
    MESSAGE_GIVEN_UP.write(["given_up"], metrics);
}

/// Writes the line of the record whose span this is and which will come again. The cause names no person.
pub(crate) fn failed(cause: &str) {
    Span::current().record("fault", true);
    let metrics = Metrics::new().dimension("Outcome", "failed").add(DELIVERIES, 1).add(DELIVERY_FAILURES, 1);
    TRIED_AGAIN.write([cause], metrics);
}

/// A message that was handed to SES or SNS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    /// `email` or `sms`.
    pub(crate) channel: &'static str,
    /// The country of a number by ISO 3166-1 alpha-2, `-` for an email address.
    pub(crate) country: &'static str,
    /// The message's kind: `code`, `link` or `notice`.
    pub(crate) message: &'static str,
}

impl Outgoing {
    fn metrics(self) -> Metrics {
        Metrics::new().dimension("Channel", self.channel).dimension("Country", self.country)
    }

    /// Writes that the service took it.
    pub(crate) fn taken(self) {
        let mut metrics = self.metrics().add(SENDS, 1);
        if self.message == "code" {
            metrics = metrics.add(CODES_SENT, 1);
        }
        if self.message == "link" && self.channel == "sms" {
            metrics = metrics.add(UNBUDGETED_SENDS, 1);
        }
        SENT.write([self.message], metrics);
    }

    /// Writes that nobody knows whether the service took it.
    pub(crate) fn unknown(self) {
        ANSWER_LOST.write([self.message], self.metrics().add(UNKNOWN_SENDS, 1));
    }

    /// Writes that the service, or the list of countries, refuses it for good. The reason names no person.
    pub(crate) fn refused(self, reason: &str) {
        REFUSED_FOR_GOOD.write([self.message, reason], self.metrics().add(REFUSED, 1));
    }

    /// Writes that the service takes it only once an operator has mended something. The reason names no person.
    pub(crate) fn needs_operator(self, reason: &str) {
        WAITS_FOR_OPERATOR.write([self.message, reason], self.metrics().add(NEEDS_OPERATOR, 1));
    }
}
