//! The envelopes of events: an SNS topic's notification around an event of SES, and a batch of `CloudWatch` Logs
//! around lines of SNS.

use std::io::Read as _;

use data_encoding::BASE64;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::outcome::{ParsedEvent, UnrecognizedEvent};
use crate::{email, sms};

/// The most that a batch of log lines may unpack to, in bytes. `CloudWatch` Logs packs up to 1 MB.
const UNPACKED_LIMIT: u64 = 32 * 1024 * 1024;

/// [What SNS invokes a function with](https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html), or
/// [what `CloudWatch` Logs does](https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html).
#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    Topic {
        #[serde(rename = "Records")]
        records: Vec<Value>,
    },
    Logs {
        awslogs: Packed,
    },
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Notification,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
}

#[derive(Deserialize)]
struct Packed {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    message_type: String,
    #[serde(default)]
    log_events: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    message: String,
}

/// Everything that an event says, in its order.
pub(crate) fn read(event: Value) -> Vec<ParsedEvent> {
    match serde_json::from_value(event) {
        Ok(Event::Topic { records }) => records
            .into_iter()
            .map(|record| {
                let record: Record = serde_json::from_value(record).map_err(|_| UnrecognizedEvent)?;
                email::read(&record.sns.message)
            })
            .collect(),
        Ok(Event::Logs { awslogs }) => match unpack(&awslogs) {
            Ok(lines) => lines.iter().map(|line| sms::read(&line.message)).collect(),
            Err(error) => vec![Err(error)],
        },
        Err(_) => vec![Err(UnrecognizedEvent)],
    }
}

fn unpack(packed: &Packed) -> Result<Vec<Line>, UnrecognizedEvent> {
    let gzip = BASE64.decode(packed.data.as_bytes()).map_err(|_| UnrecognizedEvent)?;
    let mut json = Vec::new();
    GzDecoder::new(gzip.as_slice())
        .take(UNPACKED_LIMIT)
        .read_to_end(&mut json)
        .map_err(|_| UnrecognizedEvent)?;
    let batch: Batch = serde_json::from_slice(&json).map_err(|_| UnrecognizedEvent)?;
    match batch.message_type.as_str() {
        "DATA_MESSAGE" => Ok(batch.log_events),
        // CloudWatch Logs asks whether anybody is there.
        "CONTROL_MESSAGE" => Ok(Vec::new()),
        _ => Err(UnrecognizedEvent),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    fn packed(batch: &[u8]) -> Value {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(batch).unwrap();
        json!({ "awslogs": { "data": BASE64.encode(&encoder.finish().unwrap()) } })
    }

    fn batch(kind: &str, lines: &[&str]) -> Value {
        let lines: Vec<_> =
            lines.iter().map(|line| json!({ "id": "1", "timestamp": 1, "message": line })).collect();
        packed(json!({ "messageType": kind, "owner": "1", "logEvents": lines }).to_string().as_bytes())
    }

    #[test]
    fn each_part_is_read_by_itself() {
        let delivered = r#"{"eventType":"Delivery","mail":{"messageId":"1","destination":[]}}"#;
        let records = json!([{"Sns": {"Message": delivered}}, {"Sns": {}}, {"Sns": {"Message": "{"}}, 7]);
        let said = read(json!({ "Records": records }));
        assert_eq!(said, [Ok(None), Err(UnrecognizedEvent), Err(UnrecognizedEvent), Err(UnrecognizedEvent)]);

        let success = r#"{"notification":{"messageId":"1"},"delivery":{"destination":"+46701740605",
            "providerResponse":"Message has been accepted by phone"},"status":"SUCCESS"}"#;
        assert_eq!(read(batch("DATA_MESSAGE", &[success, "text"])), [Ok(None), Err(UnrecognizedEvent)]);
        assert_eq!(read(batch("CONTROL_MESSAGE", &["CWL CONTROL MESSAGE"])), []);
    }

    #[test]
    fn what_nobody_sends_is_not_understood() {
        for event in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "Records": {} }),
            json!({ "awslogs": {} }),
            json!({ "awslogs": { "data": "not base64!" } }),
            json!({ "awslogs": { "data": BASE64.encode(b"not gzip") } }),
            packed(b"not json"),
            packed(b"{}"),
            batch("OTHER_MESSAGE", &[]),
        ] {
            assert_eq!(read(event.clone()), [Err(UnrecognizedEvent)], "{event}");
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_not_read_to_its_end() {
        // A megabyte of packed spaces would be a gigabyte.
        let spaces = vec![b' '; usize::try_from(UNPACKED_LIMIT).unwrap() + 1];
        assert_eq!(read(packed(&spaces)), [Err(UnrecognizedEvent)]);
    }
}
