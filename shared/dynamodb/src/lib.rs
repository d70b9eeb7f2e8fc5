//! The store: one DynamoDB table, on which every transition is one conditional write or one transaction.
//!
//! | module | items |
//! | --- | --- |
//! | `challenges` | `CHALLENGE#<id>` |
//! | `accounts` | `ACCOUNT#<id>`, `IDENTIFIER#<keyed hash>` |
//! | `sessions` | `SESSION#<id>` |
//! | `counters` | `LIMIT#<scope>#<keyed hash>#<window>` |
//!
//! `item` names every attribute and turns items into domain types and back; `transaction` holds the
//! retries; `fault` says which errors may pass. The conformance suite in `tests/` runs against any
//! endpoint. To extend: a port's method becomes one write here, with its condition beside the rule's
//! name, and a case in the suite for each way in which the condition fails.

mod accounts;
mod challenges;
mod conditional;
mod counters;
mod fault;
mod item;
mod schema;
mod sessions;
mod transaction;

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
