//! The meaning of SNS's [delivery status of text messages].
//!
//! [delivery status of text messages]: https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html

use regain_domain::port::SuppressionReason;
use regain_domain::usecase::take_feedback::{Feedback, Unmended, Verdict};
use regain_domain::{Channel, Identifier, MessageId, PhoneNumber};
use serde::Deserialize;

use crate::outcome::{ParsedEvent, UnrecognizedEvent};

/// The reasons for which no later message arrives either. The words are those of the Amazon SNS Developer Guide,
/// "SMS delivery failure reasons", the older ones too. Every other reason may pass, if it is not of [`UNMENDED`]: spam
/// filters, carriers and phones that are out of reach, reasons that are not known.
const FOR_GOOD: &[(&str, SuppressionReason)] = &[
    ("Invalid phone number", SuppressionReason::InvalidNumber),
    ("Phone number is opted out", SuppressionReason::OptedOut),
    ("Phone has blocked SMS", SuppressionReason::Blocked),
    ("Phone is on a blocked list", SuppressionReason::Blocked),
    ("Phone is blacklisted", SuppressionReason::Blocked),
    ("Destination is on a blocked list", SuppressionReason::Blocked),
    ("Destination is blacklisted", SuppressionReason::Blocked),
];

/// Phrases of the reasons that are the operator's to mend, in lower case. The guide has the last two; the others,
/// which it leaves out, are from delivery logs that people have published. Longer texts follow some of them.
const UNMENDED: &[(&str, Unmended)] = &[
    ("no quota left", Unmended::QuotaSpent),
    ("spend limit", Unmended::QuotaSpent),
    ("requires additional review", Unmended::AccountRestricted),
    ("sandbox", Unmended::AccountRestricted),
    ("origination", Unmended::NoSender),
    ("would exceed max price", Unmended::Message),
    ("message body is invalid", Unmended::Message),
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

/// Reads a line.
pub(crate) fn read(text: &str) -> ParsedEvent {
    let line: Line = serde_json::from_str(text).map_err(|_| UnrecognizedEvent)?;
    match line.status.as_str() {
        "FAILURE" => {}
        "SUCCESS" => return Ok(None),
        _ => return Err(UnrecognizedEvent),
    }
    let response = line.delivery.provider_response.trim().trim_end_matches('.');
    let message = MessageId::parse(&line.notification.message_id).ok_or(UnrecognizedEvent)?;
    // What is no number in our sense is no account's either; the message may be a challenge's all the same.
    let number = PhoneNumber::from_stored(&line.delivery.destination).map(Identifier::Phone);
    Ok(Some(Feedback {
        channel: Channel::Sms,
        message,
        addresses: number.into_iter().collect(),
        verdict: verdict(response),
    }))
}

fn verdict(response: &str) -> Verdict {
    if let Some((_, reason)) = FOR_GOOD.iter().find(|(words, _)| words.eq_ignore_ascii_case(response)) {
        return Verdict::Suppress(*reason);
    }
    let response = response.to_ascii_lowercase();
    let unmended = UNMENDED.iter().find(|(words, _)| response.contains(words));
    unmended.map_or(Verdict::NotThisTime, |(_, unmended)| Verdict::Operator(*unmended))
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

    fn told(response: &str) -> Verdict {
        read(&line("FAILURE", response).to_string()).unwrap().unwrap().verdict
    }

    #[test]
    fn reasons_are_for_good_or_not() {
        for (response, reason) in FOR_GOOD {
            assert_eq!(told(response), Verdict::Suppress(*reason), "{response}");
        }
        assert_eq!(told("INVALID PHONE NUMBER."), Verdict::Suppress(SuppressionReason::InvalidNumber));
        for response in [
            "Blocked as spam by phone carrier",
            "Phone carrier has blocked this message",
            "Phone carrier is currently unreachable/unavailable",
            "Phone is currently unreachable/unavailable",
            "Unknown error attempting to reach phone",
            "",
        ] {
            assert_eq!(told(response), Verdict::NotThisTime, "{response}");
        }
    }

    #[test]
    fn what_an_operator_has_to_mend_is_told_from_both() {
        let review = "Your account requires additional review prior to being able to send SMS messages. \
            Please create a support ticket with an explanation of your use case.";
        for (response, unmended) in [
            ("No quota left for account", Unmended::QuotaSpent),
            ("NO QUOTA LEFT FOR ACCOUNT.", Unmended::QuotaSpent),
            (review, Unmended::AccountRestricted),
            ("No origination entities available to send", Unmended::NoSender),
            ("This delivery would exceed max price", Unmended::Message),
            ("Message body is invalid", Unmended::Message),
        ] {
            assert_eq!(told(response), Verdict::Operator(unmended), "{response}");
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
            assert_eq!(read(&text), Err(UnrecognizedEvent), "{text}");
        }
        let masked = read(&with("/delivery/destination", json!("+4670XXXX605"))).unwrap().unwrap();
        assert!(masked.addresses.is_empty());
    }
}
