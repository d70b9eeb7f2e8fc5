//! The event source mapping between the table's stream and `deliver-messages`: polling, filtering and
//! spreading the records over lanes. What happens within a lane belongs to `lanes`.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{self, GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::storage_backend::clock::Clock;
use dynoxide::types::AttributeValue;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const POLL_INTERVAL: Duration = Duration::from_millis(50);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// An item with this attribute has something to send; the mapping's filter on AWS says the same.
const FILTER_ATTRIBUTE: &str = "pending";

/// A record of the stream on its way to the function.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The record's place in the stream.
    pub sequence_number: String,
    /// When it was written, in seconds of the Unix epoch by the database's clock.
    pub created_at: f64,
    /// The record as the function's event carries it.
    pub event: Value,
}

/// The reading end of one table's stream.
pub struct Stream {
    database: Database,
    arn: String,
    iterator: String,
    /// Records from before are not worth reading again.
    not_before: f64,
}

impl Stream {
    /// Opens the stream at its oldest record: a record that was not delivered when the stack ended is
    /// delivered now, and one that was delivered is recognised by the function. Records older than
    /// `max_age` are left out.
    ///
    /// # Errors
    /// If the table has no stream.
    pub fn open(
        database: Database,
        table: &str,
        clock: &Arc<dyn Clock>,
        max_age: Duration,
    ) -> Result<Self, DynoxideError> {
        let request = ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() };
        let missing = || DynoxideError::ResourceNotFoundException(format!("the table {table} has no stream"));
        let summary = database.list_streams(request)?.streams.pop().ok_or_else(missing)?;
        let arn = summary.stream_arn;
        let request = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
        let mut description = database.describe_stream(request)?.stream_description;
        let shard = description.shards.pop().ok_or_else(missing)?;
        let request = GetShardIteratorRequest {
            stream_arn: arn.clone(),
            shard_id: shard.shard_id,
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let iterator = database.get_shard_iterator(request)?.shard_iterator.ok_or_else(missing)?;
        let not_before = clock.now_unix_secs_f64() - max_age.as_secs_f64();
        Ok(Self { database, arn, iterator, not_before })
    }

    /// Hands the records on to the lanes until the lanes are gone. Records of one item always take the same
    /// lane, so they stay in order.
    pub async fn run(mut self, lanes: Vec<mpsc::Sender<Record>>) {
        loop {
            let page = match self.read().await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error, "the table's stream cannot be read");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                    continue;
                }
            };
            if let Some(next) = page.next_shard_iterator {
                self.iterator = next;
            }
            let nothing_new = page.records.is_empty();
            for record in page.records.iter().filter(|record| wanted(record)) {
                if record.dynamodb.approximate_creation_date_time < self.not_before {
                    continue;
                }
                let lane = &lanes[lane(record, lanes.len())];
                if lane.send(convert(record, &self.arn)).await.is_err() {
                    return;
                }
            }
            if nothing_new {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        }
    }

    async fn read(&self) -> Result<GetRecordsResponse, String> {
        let database = self.database.clone();
        let request = GetRecordsRequest { shard_iterator: self.iterator.clone(), limit: None };
        let read = tokio::task::spawn_blocking(move || database.get_records(request)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

fn wanted(record: &get_records::Record) -> bool {
    matches!(record.event_name.as_str(), "INSERT" | "MODIFY")
        && record.dynamodb.new_image.as_ref().is_some_and(|image| image.contains_key(FILTER_ATTRIBUTE))
}

fn lane(record: &get_records::Record, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    if let Some(AttributeValue::S(key)) = record.dynamodb.keys.get("pk") {
        key.hash(&mut hasher);
    }
    let lanes = u64::try_from(lanes).unwrap_or(1);
    usize::try_from(hasher.finish() % lanes).unwrap_or_default()
}

/// The record as it stands in a function's event, see
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.
fn convert(record: &get_records::Record, arn: &str) -> Record {
    let stream_record = &record.dynamodb;
    let mut event = json!({
        "eventID": record.event_id,
        "eventName": record.event_name,
        "eventVersion": record.event_version,
        "eventSource": record.event_source,
        "awsRegion": "eu-north-1",
        "eventSourceARN": arn,
        "dynamodb": {
            "ApproximateCreationDateTime": stream_record.approximate_creation_date_time,
            "Keys": stream_record.keys,
            "SequenceNumber": stream_record.sequence_number,
            "SizeBytes": stream_record.size_bytes,
            "StreamViewType": stream_record.stream_view_type,
        },
    });
    let images = [("NewImage", &stream_record.new_image), ("OldImage", &stream_record.old_image)];
    for (name, image) in images {
        if let Some(image) = image {
            event["dynamodb"][name] = json!(image);
        }
    }
    Record {
        sequence_number: stream_record.sequence_number.clone(),
        created_at: stream_record.approximate_creation_date_time,
        event,
    }
}

#[cfg(test)]
mod tests {
    use dynoxide::storage_backend::clock::SystemClock;

    use super::*;
    use crate::table;
    use crate::table::tests::put;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn pending_items_reach_the_lane_of_their_key_in_order() {
        let clock = SystemClock::arc();
        let database = table::open(None, Arc::clone(&clock), "regain").unwrap();
        let value = || AttributeValue::S("x".to_owned());
        put(&database, "counter", "count", value());
        put(&database, "challenge", "pending", value());
        put(&database, "challenge", "state", value());
        put(&database, "challenge", "pending", AttributeValue::S("y".to_owned()));

        let (sender, mut receiver) = mpsc::channel(10);
        let stream = Stream::open(database, "regain", &clock, HOUR).unwrap();
        let arn = stream.arn.clone();
        let polling = tokio::spawn(stream.run(vec![sender]));
        let first = receiver.recv().await.unwrap();
        let second = receiver.recv().await.unwrap();
        polling.abort();

        assert!(first.sequence_number < second.sequence_number);
        assert_eq!(first.event["eventName"], "INSERT");
        assert_eq!(first.event["eventSource"], "aws:dynamodb");
        assert_eq!(first.event["eventSourceARN"], arn);
        assert_eq!(first.event["dynamodb"]["NewImage"]["pending"]["S"], "x");
        assert_eq!(first.event["dynamodb"]["Keys"]["pk"]["S"], "challenge");
        assert!(first.event["dynamodb"].get("OldImage").is_none());
        assert_eq!(second.event["eventName"], "MODIFY");
        assert_eq!(second.event["dynamodb"]["OldImage"]["state"]["S"], "x");
    }

    #[test]
    fn the_lane_depends_on_the_key_alone() {
        let record = |key: &str, event: &str| get_records::Record {
            event_name: event.to_owned(),
            dynamodb: get_records::StreamRecord {
                keys: [("pk".to_owned(), AttributeValue::S(key.to_owned()))].into(),
                ..Default::default()
            },
            ..Default::default()
        };
        assert_eq!(lane(&record("a", "INSERT"), 4), lane(&record("a", "MODIFY"), 4));
        let used: std::collections::HashSet<_> =
            (0..64).map(|key| lane(&record(&key.to_string(), "INSERT"), 4)).collect();
        assert_eq!(used.len(), 4);
    }
}
