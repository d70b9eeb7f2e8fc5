//! Metrics, as members of a log line by CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use serde_json::{Value, json};

use crate::fields::Fields;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Regain";

/// A metric, declared by the function or crate that writes it.
///
/// Each combination of dimension values is a metric that costs money, so dimensions have few values, and none names a
/// person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its sets of dimensions, each with `Stage` as well.
    pub dimensions: &'static [&'static [&'static str]],
    /// The quantity that it counts or measures: a sentence for operators.
    pub meaning: &'static str,
}

/// A unit, as CloudWatch spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A time.
    Milliseconds,
    /// A time.
    Seconds,
}

impl Unit {
    /// The unit in CloudWatch's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

impl Metric {
    /// A metric that counts.
    #[must_use]
    pub const fn count(
        name: &'static str,
        dimensions: &'static [&'static [&'static str]],
        meaning: &'static str,
    ) -> Self {
        Self { name, unit: Unit::Count, dimensions, meaning }
    }
}

/// The metrics of one line, and the values of their dimensions.
#[derive(Debug, Default)]
pub struct Metrics {
    dimensions: Fields,
    values: Vec<(Metric, Value)>,
}

impl Metrics {
    /// No metrics.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a dimension.
    #[must_use]
    pub fn dimension(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.dimensions.set(name, value.into().into());
        self
    }

    /// Sets a dimension whose value is known in some lines only.
    #[must_use]
    pub fn dimension_if_any(self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value { self.dimension(name, value) } else { self }
    }

    /// Adds a value. It counts under those of the metric's sets of dimensions whose values are set.
    #[must_use]
    pub fn add(mut self, metric: Metric, value: impl Into<Value>) -> Self {
        self.values.push((metric, value.into()));
        self
    }

    /// Adds a value that is known in some lines only.
    #[must_use]
    pub fn add_if_any(self, metric: Metric, value: Option<u64>) -> Self {
        if let Some(value) = value { self.add(metric, value) } else { self }
    }

    pub(crate) fn extend(&mut self, other: Vec<(Metric, Value)>) {
        self.values.extend(other);
    }

    /// The line's members for a stage: the directives for CloudWatch, and the values that they speak of.
    pub(crate) fn into_members(self, stage: &str, milliseconds: u64) -> Fields {
        let Self { dimensions: mut members, values } = self;
        if values.is_empty() {
            return members;
        }
        let is_known = |set: &&[&str]| set.iter().all(|name| members.get(name).is_some());
        let with_stage = |set: &[&'static str]| Value::from([&["Stage"], set].concat());
        let directive = |(metric, _): &(Metric, Value)| {
            let sets: Vec<_> = metric.dimensions.iter().copied().filter(is_known).map(with_stage).collect();
            json!({
                "Namespace": NAMESPACE,
                "Dimensions": sets,
                "Metrics": [{"Name": metric.name, "Unit": metric.unit.as_str()}],
            })
        };
        let directives: Vec<_> = values.iter().map(directive).collect();
        for (metric, value) in values {
            members.set(metric.name, value);
        }
        members.set("Stage", stage.into());
        members.set("_aws", json!({"Timestamp": milliseconds, "CloudWatchMetrics": directives}));
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDS: Metric = Metric::count("Sends", &[&[], &["Channel"], &["Channel", "Country"]], "Messages.");
    const LATENCY: Metric =
        Metric { name: "Latency", unit: Unit::Milliseconds, dimensions: &[&[]], meaning: "A time." };

    #[test]
    fn a_line_tells_its_metrics_under_the_dimensions_that_are_known() {
        let metrics = Metrics::new().add(SENDS, 1).add(LATENCY, 2).dimension("Channel", "sms");
        let members: Value = serde_json::to_value(metrics.into_members("test", 17)).unwrap();
        let expected = json!({
            "Stage": "test", "Channel": "sms", "Sends": 1, "Latency": 2,
            "_aws": {"Timestamp": 17, "CloudWatchMetrics": [
                {
                    "Namespace": "Regain",
                    "Dimensions": [["Stage"], ["Stage", "Channel"]],
                    "Metrics": [{"Name": "Sends", "Unit": "Count"}],
                },
                {
                    "Namespace": "Regain",
                    "Dimensions": [["Stage"]],
                    "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
                },
            ]},
        });
        assert_eq!(members, expected);
        assert!(Metrics::new().into_members("test", 17).get("_aws").is_none());
    }
}
