//! Reads the stream's records and answers which of them have to be tried again.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use regain_domain::port::{DeliveryStore, Messenger};
use regain_domain::usecase::deliver::{Deliver, Delivered};
use regain_domain::{ChallengeId, Generation};
use serde_dynamo::AttributeValue;

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
        let outcome = match pending {
            Pending::Send(id, generation) => deliver.run(id, generation).await,
            Pending::Notice(id) => deliver.notify(id).await,
        };
        match outcome {
            Ok(Delivered::Refused { reason }) => tracing::warn!(reason, "a message was refused for good"),
            Ok(Delivered::Suppressed) => tracing::warn!("every address of a recipient is dead"),
            Ok(outcome) => tracing::info!(outcome = ?outcome, "a delivery was handled"),
            Err(error) => {
                let cause = std::error::Error::source(&error.0).map(ToString::to_string).unwrap_or_default();
                tracing::warn!(cause, "a delivery will be tried again");
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = record.change.sequence_number;
                response.batch_item_failures.push(failure);
                break;
            }
        }
    }
    response
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
