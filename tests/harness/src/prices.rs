//! The prices of AWS by its public list, and the form of numbers in `docs/costs.md`.

/// A line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// The billed item.
    pub what: &'static str,
    /// For how many of them.
    pub count: u32,
    /// US dollars.
    pub usd: f64,
}

const fn price(what: &'static str, count: u32, usd: f64) -> Price {
    Price { what, count, usd }
}

/// The list of us-east-1, without free tiers, discounts and taxes, as of 2026-11-24. Lambda's is that of arm64.
pub const PRICES: &[Price] = &[
    API_REQUESTS,
    LAMBDA_REQUESTS,
    LAMBDA_GB_SECONDS,
    READ_UNITS,
    WRITE_UNITS,
    EMAILS,
    LOG_GB,
    ALARMS,
    METRICS,
    DASHBOARDS,
    SECRETS,
];

/// Requests of API Gateway.
pub const API_REQUESTS: Price = price("API Gateway requests (REST)", 1_000_000, 3.50);
/// Invocations.
pub const LAMBDA_REQUESTS: Price = price("Lambda requests", 1_000_000, 0.20);
/// A function's memory, times how long it runs.
pub const LAMBDA_GB_SECONDS: Price = price("Lambda GB-seconds", 1, 0.000_013_333_4);
/// Reads of the table.
pub const READ_UNITS: Price = price("DynamoDB read request units", 1_000_000, 0.125);
/// Writes to the table.
pub const WRITE_UNITS: Price = price("DynamoDB write request units", 1_000_000, 0.625);
/// Messages by SES.
pub const EMAILS: Price = price("SES emails", 1_000, 0.10);
/// The logged bytes.
pub const LOG_GB: Price = price("CloudWatch Logs GB", 1, 0.50);
/// Metrics that alarms watch.
pub const ALARMS: Price = price("CloudWatch alarms a month", 1, 0.10);
/// The functions' own metrics.
pub const METRICS: Price = price("CloudWatch metrics a month", 1, 0.30);
/// Dashboards.
pub const DASHBOARDS: Price = price("CloudWatch dashboards a month", 1, 3.00);
/// Secrets Manager's secrets.
pub const SECRETS: Price = price("Secrets a month", 1, 0.40);

/// How many recoveries `docs/costs.md` speaks of.
pub const RECOVERIES: f64 = 100_000.0;

impl Price {
    /// US dollars for so many of them.
    #[must_use]
    pub fn of(self, count: f64) -> f64 {
        count * self.usd / f64::from(self.count)
    }
}

/// A number as people write it, with as many decimals as it has, at most ten.
#[must_use]
pub fn shown(number: f64) -> String {
    let text = format!("{number:.10}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if decimals.is_empty() { grouped } else { format!("{grouped}.{decimals}") }
}
