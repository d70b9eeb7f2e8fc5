//! What SNS's [delivery status of text messages] means.
//!
//! [delivery status of text messages]: https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html

use regain_domain::port::DeadAddress;
use regain_domain::usecase::take_feedback::{Feedback, Verdict};
use regain_domain::{Channel, Identifier, MessageId, PhoneNumber};
use serde::Deserialize;

use crate::events::{NotUnderstood, Said};

/// The reasons for which no later message arrives either. The words are those of the Amazon SNS Developer Guide,
/// "SMS delivery failure reasons", the older ones too. Every other reason may pass: spam filters, carriers and
/// phones that are out of reach, a price that is too high, reasons that are not known.
const FOR_GOOD: &[(&str, DeadAddress)] = &[
    ("Invalid phone number", DeadAddress::InvalidNumber),
    ("Phone number is opted out", DeadAddress::OptedOut),
    ("Phone has blocked SMS", DeadAddress::Blocked),
    ("Phone is on a blocked list", DeadAddress::Blocked),
    ("Phone is blacklisted", DeadAddress::Blocked),
    ("Destination is on a blocked list", DeadAddress::Blocked),
    ("Destination is blacklisted", DeadAddress::Blocked),
];

#[derive(Deserialize)]
struct Line {
    notification: Notification,
    delivery: Delivery,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    message_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    destination: String,
    #[serde(default)]
    provider_response: String,
}

/// What a line says.
pub(crate) fn read(text: &str) -> Said {
    let line: Line = serde_json::from_str(text).map_err(|_| NotUnderstood)?;
    match line.status.as_str() {
        "FAILURE" => {}
        "SUCCESS" => return Ok(None),
        _ => return Err(NotUnderstood),
    }
    let response = line.delivery.provider_response.trim().trim_end_matches('.');
    let for_good = FOR_GOOD.iter().find(|(words, _)| words.eq_ignore_ascii_case(response));
    let message = MessageId::parse(&line.notification.message_id).ok_or(NotUnderstood)?;
    // What is no number in our sense is no account's either; the message may be a challenge's all the same.
    let number = PhoneNumber::parse(&line.delivery.destination).map(Identifier::Phone);
    Ok(Some(Feedback {
        channel: Channel::Sms,
        message,
        addresses: number.into_iter().collect(),
        verdict: for_good.map_or(Verdict::NotThisTime, |(_, reason)| Verdict::Dead(*reason)),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(status: &str, response: &str) -> Value {
        json!({
            "notification": { "messageId": "1077257a-92f3-5ca3-bc97-6a915b310625", "timestamp": "2026-11-24 02:00:00.559" },
            "delivery": {
                "mnc": 0, "mcc": 0, "numberOfMessageParts": 1, "destination": "+46701740605", "priceInUSD": 0.06,
                "smsType": "Transactional", "providerResponse": response, "dwellTimeMs": 1420,
            },
            "status": status,
        })
    }

    fn verdict(response: &str) -> Verdict {
        read(&line("FAILURE", response).to_string()).unwrap().unwrap().verdict
    }

    #[test]
    fn reasons_are_for_good_or_not() {
        for (response, reason) in FOR_GOOD {
            assert_eq!(verdict(response), Verdict::Dead(*reason), "{response}");
        }
        assert_eq!(verdict("INVALID PHONE NUMBER."), Verdict::Dead(DeadAddress::InvalidNumber));
        for response in [
            "Blocked as spam by phone carrier",
            "Message body is invalid",
            "Phone carrier has blocked this message",
            "Phone carrier is currently unreachable/unavailable",
            "Phone is currently unreachable/unavailable",
            "This delivery would exceed max price",
            "Unknown error attempting to reach phone",
            "",
        ] {
            assert_eq!(verdict(response), Verdict::NotThisTime, "{response}");
        }
    }

    #[test]
    fn a_failure_names_its_message_and_number() {
        let feedback = read(&line("FAILURE", "Invalid phone number").to_string()).unwrap().unwrap();
        assert_eq!(feedback.channel, Channel::Sms);
        assert_eq!(feedback.addresses, [Identifier::parse("+46701740605").unwrap()]);
        assert_eq!(feedback.message, MessageId::parse("1077257a-92f3-5ca3-bc97-6a915b310625").unwrap());
        assert_eq!(read(&line("SUCCESS", "Message has been accepted by phone").to_string()), Ok(None));
    }

    #[test]
    fn malformed_lines_are_not_understood() {
        let with = |pointer: &str, value: Value| {
            let mut line = line("FAILURE", "Invalid phone number");
            *line.pointer_mut(pointer).unwrap() = value;
            line.to_string()
        };
        for text in [
            "plain text".to_owned(),
            "{}".to_owned(),
            with("/status", json!("MAYBE")),
            with("/delivery", json!({})),
            with("/notification/messageId", json!("a b")),
        ] {
            assert_eq!(read(&text), Err(NotUnderstood), "{text}");
        }
        let masked = read(&with("/delivery/destination", json!("+4670XXXX605"))).unwrap().unwrap();
        assert!(masked.addresses.is_empty());
    }
}
