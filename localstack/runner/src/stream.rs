//! The event source mappings between the table's stream and `deliver-messages`: polling, filtering and
//! spreading the records over batches. What happens within a batch belongs to `shard_batches`.

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
use regain_domain::outbox::WORTH_TRYING;
use regain_dynamodb::schema::KEY;
use regain_dynamodb::stream::Filter;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const POLL_INTERVAL: Duration = Duration::from_millis(50);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// The most records of an invocation; the mappings on AWS say the same.
pub const BATCH_SIZE: usize = 10;

/// One event source mapping; those on AWS are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The records that it takes out of the stream.
    pub filter: Filter,
    /// The age at which its records are given up.
    pub max_age: Duration,
}

impl Mapping {
    /// The mappings, with codes that live this long. Nobody waits for a code that is over, so its record is
    /// not tried for longer; what is in the outbox is worth sending for as long as a stream keeps it.
    #[must_use]
    pub fn all(code_lifetime: Duration) -> [Self; 2] {
        [
            Self { filter: Filter::CODES, max_age: code_lifetime },
            Self { filter: Filter::OUTBOX, max_age: WORTH_TRYING },
        ]
    }
}

/// A mapping and the batches that its records take.
pub struct Queue {
    /// The records that it takes.
    pub mapping: Mapping,
    /// Where it goes: records of one item always to the same.
    pub batches: Vec<mpsc::Sender<Record>>,
}

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
    /// When it was opened, by the database's clock. Records that were too old by then are left out.
    opened_at: f64,
}

impl Stream {
    /// Opens the stream at its oldest record: a record that was not delivered when the stack ended is
    /// delivered now, and one that was delivered is recognised by the function.
    ///
    /// # Errors
    /// If the table has no stream.
    pub fn open(database: Database, table: &str, clock: &Arc<dyn Clock>) -> Result<Self, DynoxideError> {
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
        Ok(Self { database, arn, iterator, opened_at: clock.now_unix_secs_f64() })
    }

    /// Hands the records on to the batches until the batches are gone. Records of one item always take the same
    /// batch, so they stay in order.
    pub async fn run(mut self, queues: Vec<Queue>) {
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
            for record in &page.records {
                let Some(Queue { mapping, batches }) =
                    queues.iter().find(|q| takes(q.mapping.filter, record))
                else {
                    continue;
                };
                let not_before = self.opened_at - mapping.max_age.as_secs_f64();
                if record.dynamodb.approximate_creation_date_time < not_before {
                    continue;
                }
                let batch = &batches[batch(record, batches.len())];
                if batch.send(convert(record, &self.arn)).await.is_err() {
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

fn takes(filter: Filter, record: &get_records::Record) -> bool {
    let attributes = record.dynamodb.new_image.iter().flat_map(|image| image.keys().map(String::as_str));
    key(record).is_some_and(|key| filter.passes(&record.event_name, key, attributes))
}

fn key(record: &get_records::Record) -> Option<&str> {
    match record.dynamodb.keys.get(KEY) {
        Some(AttributeValue::S(key)) => Some(key),
        _ => None,
    }
}

fn batch(record: &get_records::Record, batches: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key(record).hash(&mut hasher);
    let batches = u64::try_from(batches).unwrap_or(1);
    usize::try_from(hasher.finish() % batches).unwrap_or_default()
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
    if let Some(image) = &stream_record.new_image {
        event["dynamodb"]["NewImage"] = json!(image);
    }
    Record {
        sequence_number: stream_record.sequence_number.clone(),
        created_at: stream_record.approximate_creation_date_time,
        event,
    }
}

#[cfg(test)]
mod tests {
    use dynoxide::storage_backend::clock::{ManualClock, SystemClock};
    use regain_dynamodb::kind::ItemKind;
    use regain_dynamodb::stream::PENDING;

    use super::*;
    use crate::table;
    use crate::table::tests::put;

    #[tokio::test]
    async fn pending_items_reach_the_lane_of_their_key_in_order() {
        let clock = SystemClock::arc();
        let database = table::open(None, Arc::clone(&clock), "regain").unwrap();
        let value = || AttributeValue::N("1".to_owned());
        let [challenge, outbox] = [ItemKind::Challenge, ItemKind::Outbox].map(|kind| kind.key(1));
        put(&database, &ItemKind::Counter.key(1), PENDING, value());
        put(&database, &ItemKind::Account.key(1), PENDING, value());
        put(&database, &challenge, PENDING, value());
        put(&database, &challenge, "state", value());
        put(&database, &outbox, PENDING, value());
        put(&database, &challenge, PENDING, AttributeValue::N("2".to_owned()));

        let (codes, mut code_receiver) = mpsc::channel(10);
        let (waiting, mut waiting_receiver) = mpsc::channel(10);
        let stream = Stream::open(database, "regain", &clock).unwrap();
        let arn = stream.arn.clone();
        let [for_codes, for_outbox] = Mapping::all(Duration::from_hours(1));
        let queues = vec![
            Queue { mapping: for_codes, batches: vec![codes] },
            Queue { mapping: for_outbox, batches: vec![waiting] },
        ];
        let polling = tokio::spawn(stream.run(queues));
        let first = code_receiver.recv().await.unwrap();
        let second = code_receiver.recv().await.unwrap();
        let third = waiting_receiver.recv().await.unwrap();
        polling.abort();
        assert!(code_receiver.try_recv().is_err() && waiting_receiver.try_recv().is_err());
        assert_eq!(third.event["dynamodb"]["Keys"][KEY]["S"], outbox);

        assert!(first.sequence_number < second.sequence_number);
        assert_eq!(first.event["eventName"], "INSERT");
        assert_eq!(first.event["eventSource"], "aws:dynamodb");
        assert_eq!(first.event["eventSourceARN"], arn);
        assert_eq!(first.event["dynamodb"]["NewImage"][PENDING]["N"], "1");
        assert_eq!(first.event["dynamodb"]["Keys"][KEY]["S"], challenge);
        assert_eq!(second.event["eventName"], "MODIFY");
        assert_eq!(second.event["dynamodb"]["StreamViewType"], "NEW_IMAGE");
        assert!([first, second].iter().all(|record| record.event["dynamodb"].get("OldImage").is_none()));
    }

    #[tokio::test]
    async fn each_mapping_leaves_out_what_was_too_old_for_it_at_the_start() {
        let clock: Arc<ManualClock> = Arc::new(ManualClock::new(100_000));
        let database = table::open(None, clock.clone(), "regain").unwrap();
        for kind in [ItemKind::Challenge, ItemKind::Outbox] {
            put(&database, &kind.key(1), PENDING, AttributeValue::N("1".to_owned()));
        }
        clock.set(100_000 + 700);
        let clock: Arc<dyn Clock> = clock;
        let (sender, mut receiver) = mpsc::channel(10);
        let stream = Stream::open(database, "regain", &clock).unwrap();
        let mappings = Mapping::all(Duration::from_mins(10));
        let queues = mappings.map(|mapping| Queue { mapping, batches: vec![sender.clone()] }).into();
        let polling = tokio::spawn(stream.run(queues));
        let only = receiver.recv().await.unwrap();
        polling.abort();
        assert_eq!(only.event["dynamodb"]["Keys"][KEY]["S"], ItemKind::Outbox.key(1));
    }

    #[test]
    fn the_lane_depends_on_the_key_alone() {
        let record = |key: &str, event: &str| get_records::Record {
            event_name: event.to_owned(),
            dynamodb: get_records::StreamRecord {
                keys: [(KEY.to_owned(), AttributeValue::S(key.to_owned()))].into(),
                ..Default::default()
            },
            ..Default::default()
        };
        assert_eq!(batch(&record("a", "INSERT"), 4), batch(&record("a", "MODIFY"), 4));
        let used: std::collections::HashSet<_> =
            (0..64).map(|key| batch(&record(&key.to_string(), "INSERT"), 4)).collect();
        assert_eq!(used.len(), 4);
    }
}
