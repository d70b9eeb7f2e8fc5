//! The store: one DynamoDB table, on which every transition is one conditional write or one transaction.
//!
//! | item | key |
//! | --- | --- |
//! | challenge, recovery link | `CHALLENGE#<id>` |
//! | an account's outbox | `OUTBOX#<account id>` |
//! | look-up | `LOOKUP#<kind>#<keyed hash>#<window>` |
//! | account | `ACCOUNT#<id>` |
//! | identifier | `IDENTIFIER#<keyed hash>` |
//! | session | `SESSION#<id>` |
//! | known device | `DEVICE#<id>` |
//! | failures of an identifier | `FAILURES#<keyed hash>#<credential version>` |
//! | counter | `LIMIT#<scope>#<keyed hash>#<window>` |
//! | message on its way | `MESSAGE#<keyed hash>` |
//!
//! There is a file for each function's port (`request`, `resend`, `verify`, `password`, `delivery`, `outbox`,
//! `feedback`, `sign_in`, `sessions`), one for the counting of SMS (`sms`), one that reads accounts, by view, and adds
//! them (`accounts`) and one for an operator's commands (`operator`). `kind` has what keys begin with, `schema` the
//! table's shape, `stream` what its records say. `attribute` puts values into items and reads them, `item` names them
//! and turns items into domain types and back, `sign_in` does so for devices and failures, `idempotency_records` for
//! idempotency; `predicate` has every condition, beside the domain's rule that it stands for; `conditional` and
//! `transaction` send writes whose conditions may fail; `fault` says which errors may pass, `retry` how a write is
//! tried again that meets a transaction. The conformance suite in `tests/` runs against any endpoint. To extend: a
//! port's method becomes one write here, whose condition is a predicate, and a case in the suite for each way in which
//! it fails.

mod accounts;
mod attribute;
mod conditional;
mod counters;
mod delivery;
mod fault;
mod feedback;
mod idempotency_records;
mod item;
pub mod kind;
mod operator;
mod outbox;
mod password;
mod predicate;
mod read;
mod request;
mod resend;
mod retry;
pub mod schema;
mod sessions;
mod sign_in;
mod sms;
pub mod stream;
mod transaction;
mod verify;

use aws_sdk_dynamodb::Client;

/// The table, through a client.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of that name; it isn't contacted yet.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}
