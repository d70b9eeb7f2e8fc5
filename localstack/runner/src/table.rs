//! The embedded DynamoDB: opening it, its table and its TTL. Its HTTP endpoint is `table_server`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::DynoxideError;
use dynoxide::actions::create_table::{CreateTableRequest, StreamSpecification};
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::storage_backend::clock::Clock;
use dynoxide::types::{AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType};
use regain_dynamodb::schema::{BILLING_MODE, EXPIRY, KEY, STREAM_VIEW};
use thiserror::Error;

use crate::ids;

const FILE_NAME: &str = "regain.sqlite";

/// DynamoDB keeps a stream's records for a day.
const STREAM_RETENTION_SECONDS: u64 = 24 * 60 * 60;

const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Why there is no database.
#[derive(Debug, Error)]
pub enum TableError {
    /// The emulator refused.
    #[error("the local DynamoDB: {0}")]
    Emulator(#[from] DynoxideError),
    /// Its file could not be prepared.
    #[error("the file of the local DynamoDB: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A directory or thread could not be made.
    #[error("the local DynamoDB: {0}")]
    System(#[from] std::io::Error),
    /// The path is not one that SQLite takes.
    #[error("{0} is not valid UTF-8")]
    Path(String),
}

/// Opens the database in the data directory, or one in memory that reads time from `clock`, and makes the
/// table if it is not there. A database in a file reads the system's time.
pub fn open(data: Option<&Path>, clock: Arc<dyn Clock>, table: &str) -> Result<Database, TableError> {
    let database = match data {
        Some(directory) => open_file(&directory.join(FILE_NAME), clock.as_ref())?,
        None => open_memory(clock)?,
    };
    create_table(&database, table)?;
    Ok(database)
}

/// Deletes expired items about every second, for as long as the future is polled.
pub async fn sweep(database: Database) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "expired items cannot be deleted"),
            Err(error) => tracing::error!(%error, "the deletion of expired items failed"),
        }
    }
}

fn open_file(path: &Path, clock: &dyn Clock) -> Result<Database, TableError> {
    let database = Database::new(text(path)?)?;
    prepare_streams(path, clock)?;
    Ok(database)
}

/// A database in memory, copied from a file for the sake of the index: the emulator's own connection is out
/// of reach, and only a database in memory takes a clock.
fn open_memory(clock: Arc<dyn Clock>) -> Result<Database, TableError> {
    let directory = std::env::temp_dir().join(format!("regain-{}", ids::uuid()));
    std::fs::create_dir(&directory)?;
    let path = directory.join(FILE_NAME);
    let database = open_file(&path, clock.as_ref()).and_then(|template| {
        drop(template);
        let database = Database::memory_with_clock(clock)?;
        database.restore_from(text(&path)?)?;
        Ok(database)
    });
    std::fs::remove_dir_all(&directory)?;
    database
}

/// Gives the stream's records an index and drops those that DynamoDB would have dropped. Without the index,
/// every write and every poll reads all records there are, and the stack slows down as it is used.
fn prepare_streams(path: &Path, clock: &dyn Clock) -> Result<(), TableError> {
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS regain_stream_records
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
    )?;
    let oldest = clock.now_unix_secs().saturating_sub(STREAM_RETENTION_SECONDS);
    let oldest = i64::try_from(oldest).unwrap_or(i64::MAX);
    connection.execute("DELETE FROM _stream_records WHERE created_at < ?1", [oldest])?;
    Ok(())
}

fn text(path: &Path) -> Result<&str, TableError> {
    path.to_str().ok_or_else(|| TableError::Path(path.display().to_string()))
}

/// The table by the adapter's schema. The adapter's own `Table::create_if_absent` needs an endpoint, which isn't there
/// yet. A test compares them.
fn create_table(database: &Database, name: &str) -> Result<(), TableError> {
    match database.describe_table(DescribeTableRequest { table_name: name.to_owned() }) {
        Ok(_) => return Ok(()),
        Err(DynoxideError::ResourceNotFoundException(_)) => {}
        Err(error) => return Err(error.into()),
    }
    database.create_table(CreateTableRequest {
        table_name: name.to_owned(),
        key_schema: vec![KeySchemaElement { attribute_name: KEY.to_owned(), key_type: KeyType::HASH }],
        attribute_definitions: vec![AttributeDefinition {
            attribute_name: KEY.to_owned(),
            attribute_type: ScalarAttributeType::S,
        }],
        billing_mode: Some(BILLING_MODE.as_str().to_owned()),
        stream_specification: Some(StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some(STREAM_VIEW.as_str().to_owned()),
        }),
        ..CreateTableRequest::default()
    })?;
    database.update_time_to_live(UpdateTimeToLiveRequest {
        table_name: name.to_owned(),
        time_to_live_specification: TimeToLiveSpecification {
            attribute_name: EXPIRY.to_owned(),
            enabled: true,
        },
    })?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;

    use dynoxide::actions::get_item::GetItemRequest;
    use dynoxide::actions::put_item::PutItemRequest;
    use dynoxide::storage_backend::clock::SystemClock;
    use dynoxide::types::AttributeValue;

    use super::*;

    /// An item with this key and one more attribute.
    pub(crate) fn put(database: &Database, key: &str, attribute: &str, value: AttributeValue) {
        let item = HashMap::from([
            (KEY.to_owned(), AttributeValue::S(key.to_owned())),
            (attribute.to_owned(), value),
        ]);
        let request = PutItemRequest { table_name: "regain".to_owned(), item, ..Default::default() };
        database.put_item(request).unwrap();
    }

    fn has(database: &Database, key: &str) -> bool {
        let key = HashMap::from([(KEY.to_owned(), AttributeValue::S(key.to_owned()))]);
        let request = GetItemRequest { table_name: "regain".to_owned(), key, ..Default::default() };
        database.get_item(request).unwrap().item.is_some()
    }

    #[test]
    fn expired_items_are_swept() {
        let database = open(None, SystemClock::arc(), "regain").unwrap();
        put(&database, "old", EXPIRY, AttributeValue::N("1700000000".to_owned()));
        put(&database, "new", EXPIRY, AttributeValue::N("4000000000".to_owned()));
        assert_eq!(database.sweep_ttl().unwrap(), 1);
        assert!(!has(&database, "old") && has(&database, "new"));
    }

    #[test]
    fn a_data_directory_keeps_the_items() {
        let directory = std::env::temp_dir().join(format!("regain-test-{}", ids::uuid()));
        std::fs::create_dir(&directory).unwrap();
        let database = open(Some(&directory), SystemClock::arc(), "regain").unwrap();
        put(&database, "kept", "state", AttributeValue::S("sent".to_owned()));
        drop(database);
        let database = open(Some(&directory), SystemClock::arc(), "regain").unwrap();
        assert!(has(&database, "kept"));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
