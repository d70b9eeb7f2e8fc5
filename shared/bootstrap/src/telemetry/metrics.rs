//! Metrics, as members of a log line by CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//!
//! Every metric is a row of [`ALL`] with its unit and its sets of dimensions. Each set of values that occurs is a
//! metric that costs money, so dimensions have few values, and none names a person.

use serde_json::{Value, json};

use super::lines::Fields;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Regain";

/// A metric that functions write.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in CloudWatch's words.
    pub unit: &'static str,
    /// Its sets of dimensions, each with `Stage` as well.
    pub dimensions: &'static [&'static [&'static str]],
    /// What it counts or measures.
    pub meaning: &'static str,
}

macro_rules! metrics {
    ($($name:ident = $text:literal, $unit:literal, $dimensions:expr, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Metric = Metric {
                name: $text,
                unit: $unit,
                dimensions: &$dimensions,
                meaning: $meaning,
            };
        )*
        /// Every metric, in the order of the documentation.
        pub const ALL: &[Metric] = &[$($name),*];
    };
}

metrics! {
    REQUESTS = "Requests", "Count", [&["Operation"], &["Operation", "Outcome"]], "Requests that were answered.";
    LATENCY = "Latency", "Milliseconds", [&["Operation"]], "How long the function took for a request.";
    VERIFIED = "Verified", "Count", [&[], &["Channel"]], "Right codes.";
    FAILED = "Failed", "Count", [&[], &["Channel"]], "Wrong codes.";
    EXPIRED = "Expired", "Count", [&[]], "Codes that came too late.";
    SENDS = "Sends", "Count", [&[], &["Channel"], &["Channel", "Country"]], "Messages that SES or SNS took.";
    CODES_SENT = "CodesSent", "Count", [&[], &["Channel"]], "Those of them that carry a code.";
    UNKNOWN_SENDS = "UnknownSends", "Count", [&[], &["Country"]], "SMS whose answer was lost: SNS may have taken them.";
    UNBUDGETED_SENDS = "UnbudgetedSends", "Count", [&[], &["Country"]], "SMS that are outside the budgets: recovery links.";
    REFUSED = "Refused", "Count", [&[], &["Channel", "Country"]], "Messages that SES, SNS or the list of countries refused for good.";
    NEEDS_OPERATOR = "NeedsOperator", "Count", [&[], &["Channel"]], "Messages that SES or SNS don't take or deliver until an operator mends something.";
    UNDELIVERABLE = "Undeliverable", "Count", [&[], &["Channel"]], "Messages that were taken and did not arrive.";
    DELIVERIES = "Deliveries", "Count", [&["Outcome"]], "Records of the stream that were handled.";
    DELIVERY_FAILURES = "DeliveryFailures", "Count", [&[]], "Those of them that come again.";
    GIVEN_UP = "GivenUp", "Count", [&[]], "Messages of the outbox that could not be sent for a day.";
    DELIVERY_LATENCY = "DeliveryLatency", "Seconds", [&[], &["Channel"]], "From the write of a send to its message. Streams tell times in whole seconds.";
}

/// The metrics of one line.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    directives: Vec<Value>,
    members: Fields,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a dimension for the metrics that are added after it.
    pub(crate) fn dimension(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.members.set(name, value.into().into());
        self
    }

    pub(crate) fn dimension_if_any(self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value { self.dimension(name, value) } else { self }
    }

    /// Adds a value, under those of the metric's sets of dimensions that are known.
    pub(crate) fn add(mut self, metric: Metric, value: impl Into<Value>) -> Self {
        let known = |set: &&[&str]| set.iter().all(|name| self.members.get(name).is_some());
        let with_stage = |set: &[&'static str]| Value::from([&["Stage"], set].concat());
        let sets: Value =
            metric.dimensions.iter().copied().filter(known).map(with_stage).collect::<Vec<_>>().into();
        self.directives.push(json!({
            "Namespace": NAMESPACE,
            "Dimensions": sets,
            "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
        }));
        self.members.set(metric.name, value.into());
        self
    }

    pub(crate) fn add_if_any(self, metric: Metric, value: Option<u64>) -> Self {
        if let Some(value) = value { self.add(metric, value) } else { self }
    }

    /// The line's members for a stage: what CloudWatch is told, and the values that this speaks of.
    pub(super) fn into_members(mut self, stage: &str, milliseconds: u64) -> Fields {
        if !self.directives.is_empty() {
            self.members.set("Stage", stage.into());
            let told = json!({"Timestamp": milliseconds, "CloudWatchMetrics": self.directives});
            self.members.set("_aws", told);
        }
        self.members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_its_metrics_under_the_dimensions_that_are_known() {
        let metrics = Metrics::new().dimension("Channel", "sms").add(SENDS, 1).add(EXPIRED, 2);
        let members: Value = serde_json::to_value(metrics.into_members("test", 17)).unwrap();
        let expected = json!({
            "Stage": "test", "Channel": "sms", "Sends": 1, "Expired": 2,
            "_aws": {"Timestamp": 17, "CloudWatchMetrics": [
                {
                    "Namespace": "Regain",
                    "Dimensions": [["Stage"], ["Stage", "Channel"]],
                    "Metrics": [{"Name": "Sends", "Unit": "Count"}],
                },
                {
                    "Namespace": "Regain",
                    "Dimensions": [["Stage"]],
                    "Metrics": [{"Name": "Expired", "Unit": "Count"}],
                },
            ]},
        });
        assert_eq!(members, expected);
        assert!(Metrics::new().into_members("test", 17).get("_aws").is_none());
    }

    #[test]
    fn names_are_unique_and_documented() {
        let documented = include_str!("../../../../docs/operations.md");
        for (number, metric) in ALL.iter().enumerate() {
            assert!(ALL[..number].iter().all(|other| other.name != metric.name), "{}", metric.name);
            let sets = metric.dimensions.iter().map(|set| [&["Stage"], *set].concat().join(" + "));
            let sets = sets.collect::<Vec<_>>().join("; ");
            let row = format!("| `{}` | {} | {sets} | {} |", metric.name, metric.unit, metric.meaning);
            assert!(documented.contains(&row), "docs/operations.md has no row {row}");
        }
    }
}
