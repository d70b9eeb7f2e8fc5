//! Later reports of SES and SNS on a message that they took and that did not arrive, as the events that invoke a
//! Lambda function: an SNS topic's notification with an [event of SES], or a packed batch of `CloudWatch` Logs
//! with SNS's [delivery status].
//!
//! [event of SES]: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
//! [delivery status]: https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html

use std::io::Write as _;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::api::messages::timestamp;
use crate::inbox::Sent;

/// The region and the account of the events: the local stack's.
const REGION: &str = "eu-north-1";
const ACCOUNT: &str = "000000000000";

/// An id where AWS has one that nothing refers to.
const SOME_ID: &str = "00000000-0000-4000-8000-000000000000";

/// SES's event for an email to addresses that don't exist.
pub(crate) fn bounce(sent: &Sent, id: &str, at: OffsetDateTime) -> Value {
    let at = timestamp(at);
    let recipients: Vec<_> = sent
        .recipients
        .iter()
        .map(|address| {
            json!({
                "emailAddress": address,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            })
        })
        .collect();
    let event = json!({
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": format!("{id}-000000"),
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": recipients,
            "timestamp": at,
            "reportingMTA": "dsn; mta.example.com",
        },
        "mail": {
            "timestamp": at,
            "source": sent.from,
            "sendingAccountId": ACCOUNT,
            "messageId": id,
            "destination": sent.recipients,
            "headersTruncated": false,
            "headers": [{ "name": "Subject", "value": sent.subject }],
            "commonHeaders": { "to": sent.recipients, "messageId": id, "subject": sent.subject },
            "tags": {},
        },
    });
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:email-events");
    json!({ "Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{topic}:{SOME_ID}"),
        "Sns": {
            "Type": "Notification",
            "MessageId": SOME_ID,
            "TopicArn": topic,
            "Subject": "Amazon SES Email Event Notification",
            "Message": event.to_string(),
            "Timestamp": at,
            "SignatureVersion": "1",
            "Signature": "",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": {},
        },
    }] })
}

/// SNS's status of a text message that failed for this reason, as `CloudWatch` Logs hands its line on.
pub(crate) fn failure(sent: &Sent, id: &str, at: OffsetDateTime, reason: &str) -> Value {
    let line = json!({
        "notification": { "messageId": id, "timestamp": timestamp(at).replace('T', " ").trim_end_matches('Z') },
        "delivery": {
            "mnc": 0,
            "numberOfMessageParts": 1,
            "destination": sent.recipients.first(),
            "priceInUSD": 0.05,
            "smsType": "Transactional",
            "mcc": 0,
            "providerResponse": reason,
            "dwellTimeMs": 1_420,
        },
        "status": "FAILURE",
    });
    let millis = at.unix_timestamp_nanos() / 1_000_000;
    let batch = json!({
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": format!("sns/{REGION}/{ACCOUNT}/DirectPublishToPhoneNumber/Failure"),
        "logStream": SOME_ID,
        "subscriptionFilters": ["delivery-events"],
        "logEvents": [{
            "id": "0",
            "timestamp": i64::try_from(millis).unwrap_or_default(),
            "message": line.to_string(),
        }],
    });
    json!({ "awslogs": { "data": BASE64.encode(&gzip(batch.to_string().as_bytes())) } })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Memory takes everything.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
