//! The meaning of SES's events.
//!
//! The form is that of [event publishing]; of the contents, what says nothing of the message's fate is left out.
//!
//! | event | what it means |
//! | --- | --- |
//! | `Bounce`, `Permanent` | no message arrives at this address |
//! | `Bounce`, `Transient` or `Undetermined` | this one did not arrive; a mailbox may be full |
//! | `Complaint` | the person wants no such messages, or SES knows so from before |
//! | `Complaint` with the feedback `not-spam` | the opposite: nothing |
//! | `Reject` | SES would not send the message, because of what is in it |
//! | others | nothing |
//!
//! [event publishing]: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

use regain_domain::port::SuppressionReason;
use regain_domain::usecase::take_feedback::{Feedback, Verdict};
use regain_domain::{Channel, EmailAddress, Identifier, MessageId};
use serde::Deserialize;

use crate::outcome::{ParsedEvent, UnrecognizedEvent};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sending {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Reads an event.
pub(crate) fn read(text: &str) -> ParsedEvent {
    let event: Sending = serde_json::from_str(text).map_err(|_| UnrecognizedEvent)?;
    let (verdict, recipients) = match event.event_type.as_str() {
        "Bounce" => {
            let bounce = event.bounce.ok_or(UnrecognizedEvent)?;
            let verdict = match bounce.bounce_type.as_str() {
                "Permanent" => Verdict::Suppress(SuppressionReason::Bounced),
                "Transient" | "Undetermined" => Verdict::NotThisTime,
                _ => return Err(UnrecognizedEvent),
            };
            (verdict, bounce.bounced_recipients)
        }
        "Complaint" => {
            let complaint = event.complaint.ok_or(UnrecognizedEvent)?;
            if complaint.complaint_feedback_type.as_deref() == Some("not-spam") {
                return Ok(None);
            }
            (Verdict::Suppress(SuppressionReason::Complained), complaint.complained_recipients)
        }
        "Reject" => (Verdict::NotThisTime, Vec::new()),
        _ => return Ok(None),
    };
    let message = MessageId::parse(&event.mail.message_id).ok_or(UnrecognizedEvent)?;
    // What is no address in our sense is no account's either; the message may be a challenge's all the same.
    let addresses = recipients
        .iter()
        .filter_map(|recipient| EmailAddress::from_mailbox(&recipient.email_address).map(Identifier::Email))
        .collect();
    Ok(Some(Feedback { channel: Channel::Email, message, addresses, verdict }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(kind: &str, name: &str, contents: Value) -> String {
        let mut event = json!({ "eventType": kind, "mail": {
            "timestamp": "2026-11-24T02:00:00.000Z", "source": "Regain <no-reply@example.com>",
            "messageId": "0107018b6f2f0a3c", "destination": ["alice@example.com"], "tags": {},
        }});
        event[name] = contents;
        event.to_string()
    }

    fn bounce(kind: &str) -> String {
        let recipient = json!({ "emailAddress": "Alice@example.com", "status": "5.1.1" });
        let contents =
            json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [recipient] });
        event("Bounce", "bounce", contents)
    }

    fn complaint(kind: &Value) -> String {
        let recipients = json!([{ "emailAddress": "alice@example.com" }]);
        let contents = json!({ "complainedRecipients": recipients, "complaintFeedbackType": kind });
        event("Complaint", "complaint", contents)
    }

    fn feedback(verdict: Verdict) -> Feedback {
        Feedback {
            channel: Channel::Email,
            message: MessageId::parse("0107018b6f2f0a3c").unwrap(),
            addresses: vec![Identifier::parse("alice@example.com").unwrap()],
            verdict,
        }
    }

    #[test]
    fn bounces_are_for_good_or_not() {
        assert_eq!(
            read(&bounce("Permanent")),
            Ok(Some(feedback(Verdict::Suppress(SuppressionReason::Bounced))))
        );
        for kind in ["Transient", "Undetermined"] {
            assert_eq!(read(&bounce(kind)), Ok(Some(feedback(Verdict::NotThisTime))));
        }
        assert_eq!(read(&bounce("Sideways")), Err(UnrecognizedEvent));
    }

    #[test]
    fn an_address_that_went_out_quoted_is_known_again() {
        let named = bounce("Permanent").replace("Alice@example.com", "\\\"al..ice.\\\"@docomo.example");
        let addresses = vec![Identifier::parse("al..ice.@docomo.example").unwrap()];
        let wanted = Feedback { addresses, ..feedback(Verdict::Suppress(SuppressionReason::Bounced)) };
        assert_eq!(read(&named), Ok(Some(wanted)));
    }

    #[test]
    fn complaints_are_for_good_unless_they_are_none() {
        for kind in [json!(null), json!("abuse"), json!("other")] {
            assert_eq!(
                read(&complaint(&kind)),
                Ok(Some(feedback(Verdict::Suppress(SuppressionReason::Complained))))
            );
        }
        assert_eq!(read(&complaint(&json!("not-spam"))), Ok(None));
    }

    #[test]
    fn a_reject_is_about_the_message_and_the_rest_is_about_nothing() {
        let rejected = read(&event("Reject", "reject", json!({ "reason": "Bad content" })));
        let wanted = Feedback { addresses: Vec::new(), ..feedback(Verdict::NotThisTime) };
        assert_eq!(rejected, Ok(Some(wanted)));
        for kind in ["Delivery", "Send", "Open", "DeliveryDelay"] {
            assert_eq!(read(&event(kind, "other", json!({}))), Ok(None));
        }
    }

    #[test]
    fn malformed_events_are_not_understood() {
        let with = |pointer: &str, value: Value| {
            let mut event: Value = serde_json::from_str(&bounce("Permanent")).unwrap();
            *event.pointer_mut(pointer).unwrap() = value;
            event.to_string()
        };
        for text in [
            "{".to_owned(),
            "{}".to_owned(),
            event("Bounce", "complaint", json!({})),
            with("/mail", json!({})),
            with("/mail/messageId", json!("")),
            with("/bounce/bouncedRecipients", json!("alice@example.com")),
        ] {
            assert_eq!(read(&text), Err(UnrecognizedEvent), "{text}");
        }
        let nobody = read(&with("/bounce/bouncedRecipients/0/emailAddress", json!("not an address")));
        let wanted =
            Feedback { addresses: Vec::new(), ..feedback(Verdict::Suppress(SuppressionReason::Bounced)) };
        assert_eq!(nobody, Ok(Some(wanted)));
    }
}
