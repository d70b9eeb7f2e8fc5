//! Reads the stream's records and answers which of them have to be tried again.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use regain_bootstrap::telemetry;
use regain_domain::port::{DeliveryStore, Messenger};
use regain_domain::usecase::deliver::{Deliver, Delivered, HeldBack};
use regain_domain::{ChallengeId, Generation, Timestamp};
use serde_dynamo::AttributeValue;
use tracing::Instrument as _;

/// Delivers a batch in its order. The first failure ends it: the stream repeats from there, so that the
/// sends of one challenge stay in order.
pub(crate) async fn deliver_batch<S: DeliveryStore, M: Messenger>(
    deliver: &Deliver<S, M>,
    event: Event,
) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let Some(pending) = Pending::read(&record) else {
            // Nothing to deliver: the stream's filter lets none through, and repeating it would change nothing.
            tracing::warn!("a record with nothing pending was passed over");
            continue;
        };
        let written = record.change.approximate_creation_date_time.timestamp();
        if !handle(deliver, pending, Timestamp::from_unix(written)).instrument(telemetry::delivery()).await {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = record.change.sequence_number;
            response.batch_item_failures.push(failure);
            break;
        }
    }
    response
}

/// Whether a record is done with.
async fn handle<S: DeliveryStore, M: Messenger>(
    deliver: &Deliver<S, M>,
    pending: Pending,
    written: Timestamp,
) -> bool {
    let outcome = match pending {
        Pending::Send(id, generation) => deliver.run(id, generation).await,
        Pending::Notice(id) => deliver.notify(id).await,
    };
    match &outcome {
        Ok(outcome) => {
            let took = || written.seconds_until(deliver.environment.clock.now());
            telemetry::delivered(
                name(outcome),
                matches!(outcome, Delivered::Sent | Delivered::FellBack).then(took),
            );
        }
        Err(error) => {
            let cause = std::error::Error::source(&error.0).map(ToString::to_string).unwrap_or_default();
            telemetry::delivery_failed(&cause);
        }
    }
    outcome.is_ok()
}

/// What logs and metrics call an outcome.
fn name(outcome: &Delivered) -> &'static str {
    match outcome {
        Delivered::Sent => "sent",
        Delivered::FellBack => "fell_back",
        Delivered::Refused { .. } => "refused",
        Delivered::Stale => "stale",
        Delivered::NoRecipient => "no_recipient",
        Delivered::PostalCodeWrong => "postal_code_wrong",
        Delivered::BudgetSpent => "budget_spent",
        Delivered::Suppressed => "suppressed",
        Delivered::HeldBack(HeldBack::Country) => "held_back_by_country",
        Delivered::HeldBack(HeldBack::Budget) => "held_back_by_budget",
        Delivered::HeldBack(HeldBack::Breaker) => "held_back_by_breaker",
    }
}

/// What a record announces.
#[derive(Debug, PartialEq, Eq)]
enum Pending {
    /// A send of a challenge.
    Send(ChallengeId, Generation),
    /// A notice, by the challenge that it belongs to.
    Notice(ChallengeId),
}

impl Pending {
    fn read(record: &EventRecord) -> Option<Self> {
        let image = &record.change.new_image;
        let Some(AttributeValue::S(key)) = image.get("pk") else { return None };
        let Some(AttributeValue::N(generation)) = image.get("pending") else { return None };
        let (kind, id) = key.split_once('#')?;
        let id = ChallengeId::parse(id)?;
        match kind {
            "CHALLENGE" => Some(Self::Send(id, Generation(generation.parse().ok()?))),
            "NOTICE" => Some(Self::Notice(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(image: &str) -> EventRecord {
        let event = format!(
            r#"{{"Records":[{{"eventID":"1","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb",
            "awsRegion":"eu-north-1","eventSourceARN":"arn","dynamodb":{{"ApproximateCreationDateTime":1700000000,
            "Keys":{{}},"NewImage":{image},"SequenceNumber":"7","SizeBytes":1,"StreamViewType":"NEW_IMAGE"}}}}]}}"#
        );
        serde_json::from_str::<Event>(&event).unwrap().records.remove(0)
    }

    #[test]
    fn a_record_announces_a_send_or_a_notice() {
        let id = ChallengeId::from_bytes([3; 16]);
        let image = format!(r#"{{"pk":{{"S":"CHALLENGE#{id}"}},"pending":{{"N":"2"}}}}"#);
        assert_eq!(Pending::read(&record(&image)), Some(Pending::Send(id, Generation(2))));
        let image = format!(r#"{{"pk":{{"S":"NOTICE#{id}"}},"pending":{{"N":"1"}}}}"#);
        assert_eq!(Pending::read(&record(&image)), Some(Pending::Notice(id)));
    }

    #[test]
    fn other_records_announce_nothing() {
        for image in [
            "{}",
            r#"{"pk":{"S":"CHALLENGE#AwMDAwMDAwMDAwMDAwMDAw"}}"#,
            r#"{"pk":{"S":"ACCOUNT#AwMDAwMDAwMDAwMDAwMDAw"},"pending":{"N":"1"}}"#,
            r#"{"pk":{"S":"CHALLENGE#x"},"pending":{"N":"1"}}"#,
            r#"{"pk":{"S":"CHALLENGE#AwMDAwMDAwMDAwMDAwMDAw"},"pending":{"S":"1"}}"#,
        ] {
            assert_eq!(Pending::read(&record(image)), None, "{image}");
        }
    }
}
