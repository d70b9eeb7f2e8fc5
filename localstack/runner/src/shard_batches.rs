//! Delivering the records of one batch in order, in batches, until they are delivered or too old.
//!
//! The rules are those of a stream's event source mapping with `ReportBatchItemFailures`, see
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use dynoxide::storage_backend::clock::Clock;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::functions::DELIVERY;
use crate::runtime_api::RuntimeApi;
use crate::stream::{BATCH_SIZE, Record};

/// How many batches there are: the mapping's parallelisation factor.
pub(crate) const PARALLELIZATION_FACTOR: usize = 4;
/// How many records may wait in a batch before the poller waits too.
pub(crate) const SHARD_BATCH_CAPACITY: usize = 1_000;

const FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);

/// How failed records are tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retries {
    /// The pause after the first failure; it doubles with each further one.
    pub(crate) first_pause: Duration,
    /// The longest pause.
    pub(crate) longest_pause: Duration,
    /// The age at which a record is given up.
    pub(crate) max_age: Duration,
}

impl Retries {
    /// The usual pauses with this age limit.
    pub(crate) fn until(max_age: Duration) -> Self {
        Self { first_pause: Duration::from_millis(200), longest_pause: Duration::from_secs(5), max_age }
    }
}

/// Records that were given up, in the place of the dead-letter queue. Clones share the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeadLetters(Arc<Mutex<Vec<Record>>>);

impl DeadLetters {
    /// How many records were given up so far.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn push(&self, record: Record) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }
}

/// One batch: the records of some items, each item's in order.
pub(crate) struct ShardBatch {
    /// Where the function is invoked.
    pub(crate) api: RuntimeApi,
    /// The database's clock, by which records age.
    pub(crate) clock: Arc<dyn Clock>,
    /// How failures are handled.
    pub(crate) retries: Retries,
    /// Where records go that were given up.
    pub(crate) dead_letters: DeadLetters,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: Option<String>,
}

impl ShardBatch {
    /// Delivers what arrives until the sender is gone.
    pub(crate) async fn run(self, mut records: mpsc::Receiver<Record>) {
        let mut batch = Vec::with_capacity(BATCH_SIZE);
        while records.recv_many(&mut batch, BATCH_SIZE).await > 0 {
            self.deliver(batch.drain(..).collect()).await;
        }
    }

    /// Delivers one batch; later records wait until every record of it is delivered or given up.
    async fn deliver(&self, mut batch: VecDeque<Record>) {
        let mut pause = self.retries.first_pause;
        loop {
            self.give_up_old(&mut batch);
            if batch.is_empty() {
                return;
            }
            let delivered = self.invoke(&batch).await;
            if delivered > 0 {
                batch.drain(..delivered);
                pause = self.retries.first_pause;
            }
            if batch.is_empty() {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.retries.longest_pause);
        }
    }

    /// Invokes the function and returns how many records, from the first, are delivered.
    async fn invoke(&self, batch: &VecDeque<Record>) -> usize {
        let events: Vec<_> = batch.iter().map(|record| &record.event).collect();
        let payload = Bytes::from(json!({ "Records": events }).to_string());
        match self.api.invoke(DELIVERY, payload, FUNCTION_TIMEOUT).await {
            Ok(answer) => delivered(&answer, batch),
            Err(error) => {
                tracing::warn!(%error, records = batch.len(), "a delivery failed and is tried again");
                0
            }
        }
    }

    fn give_up_old(&self, batch: &mut VecDeque<Record>) {
        let oldest = self.clock.now_unix_secs_f64() - self.retries.max_age.as_secs_f64();
        for record in std::mem::take(batch) {
            if record.created_at >= oldest {
                batch.push_back(record);
            } else {
                tracing::error!(
                    sequence_number = record.sequence_number,
                    "a delivery is given up for its age"
                );
                self.dead_letters.push(record);
            }
        }
    }
}

/// How many records lie before the first that failed. No failure named means that all are delivered; an
/// answer that names a failure without saying which, or that makes no sense, means that none is.
fn delivered(answer: &[u8], batch: &VecDeque<Record>) -> usize {
    let answer = match serde_json::from_slice::<Option<Answer>>(answer) {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "the delivery's answer is not understood");
            return 0;
        }
    };
    let failures = answer.and_then(|answer| answer.batch_item_failures).unwrap_or_default();
    let place = |failure: &Failure| {
        let identifier = failure.item_identifier.as_deref()?;
        batch.iter().position(|record| record.sequence_number == identifier)
    };
    failures.iter().map(|failure| place(failure).unwrap_or(0)).min().unwrap_or(batch.len())
}

#[cfg(test)]
mod tests {
    use dynoxide::storage_backend::clock::{ManualClock, SystemClock};

    use super::*;

    const QUICK: Retries = Retries {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        max_age: Duration::from_mins(10),
    };

    fn record(number: u32, created_at: f64) -> Record {
        let sequence_number = format!("{number:021}");
        Record { event: json!({ "n": number }), sequence_number, created_at }
    }

    fn failures(numbers: &[u32]) -> String {
        let failures: Vec<_> =
            numbers.iter().map(|number| json!({ "itemIdentifier": format!("{number:021}") })).collect();
        json!({ "batchItemFailures": failures }).to_string()
    }

    /// Runs a batch over the records with these answers of the function, one an invocation, and returns the
    /// records of each invocation.
    async fn run(clock: Arc<dyn Clock>, records: Vec<Record>, answers: Vec<&str>) -> (Vec<Vec<u64>>, usize) {
        let api = RuntimeApi::new([DELIVERY]);
        let dead_letters = DeadLetters::default();
        let batch =
            ShardBatch { api: api.clone(), clock, retries: QUICK, dead_letters: dead_letters.clone() };
        let (sender, receiver) = mpsc::channel(SHARD_BATCH_CAPACITY);
        for record in records {
            sender.send(record).await.unwrap();
        }
        drop(sender);
        let running = tokio::spawn(batch.run(receiver));
        let mut seen = Vec::new();
        for answer in answers {
            let payload = api.play(DELIVERY, answer).await;
            let event: serde_json::Value = serde_json::from_slice(&payload).unwrap();
            let numbers = event["Records"].as_array().unwrap().iter();
            seen.push(numbers.map(|record| record["n"].as_u64().unwrap()).collect());
        }
        running.await.unwrap();
        (seen, dead_letters.len())
    }

    #[tokio::test]
    async fn batches_are_of_ten_and_in_order() {
        let now = SystemClock.now_unix_secs_f64();
        let records = (1..=12).map(|number| record(number, now)).collect();
        let (seen, dead) =
            run(SystemClock::arc(), records, vec!["null", r#"{"batchItemFailures":[]}"#]).await;
        assert_eq!(seen, [(1..=10).collect::<Vec<_>>(), vec![11, 12]]);
        assert_eq!(dead, 0);
    }

    #[tokio::test]
    async fn the_first_failed_record_and_all_after_it_are_tried_again() {
        let now = SystemClock.now_unix_secs_f64();
        let records = (1..=4).map(|number| record(number, now)).collect();
        let first = failures(&[3, 2]);
        let (seen, _) = run(SystemClock::arc(), records, vec![&first, "crash", "nonsense", "null"]).await;
        assert_eq!(seen, [vec![1, 2, 3, 4], vec![2, 3, 4], vec![2, 3, 4], vec![2, 3, 4]]);
    }

    #[tokio::test]
    async fn a_failure_that_names_no_record_fails_all() {
        let now = SystemClock.now_unix_secs_f64();
        let answers = vec![
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            "{}",
        ];
        let (seen, _) = run(SystemClock::arc(), vec![record(1, now), record(2, now)], answers).await;
        assert_eq!(seen, [vec![1, 2], vec![1, 2], vec![1, 2]]);
    }

    #[tokio::test]
    async fn records_that_are_too_old_are_given_up() {
        let clock = Arc::new(ManualClock::new(10_000));
        let records = vec![record(1, 9_399.0), record(2, 9_400.0)];
        let (seen, dead) = run(clock, records, vec!["null"]).await;
        assert_eq!(seen, [vec![2]]);
        assert_eq!(dead, 1);
    }
}
