//! Waiting for what a stack does.

use std::process::ExitStatus;
use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use regain_dynamodb::stream::{PENDING, SENDING};
use serde_json::{Value, json};

use crate::harness::Stack;
use crate::timeouts::TIMEOUT;

impl Stack {
    /// Waits until it has ended, which something has asked of it.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let process = self.process();
        let ended = async {
            loop {
                if let Some(status) = process.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let ended = tokio::time::timeout(TIMEOUT, ended).await;
        // A stack that is dropped is killed.
        ended.unwrap_or_else(|_| panic!("the stack does not end: {}", self.log()))
    }

    /// Waits until one of these is logged.
    pub(crate) async fn logged(&self, any: &[&str]) {
        let seen = async {
            while !any.iter().any(|text| self.log().contains(text)) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(TIMEOUT, seen).await.unwrap_or_else(|_| panic!("none of {any:?} is logged"));
    }

    /// Waits until nothing of a challenge is left to deliver: neither a code or a link, nor the notice of a new
    /// password. Whatever it sends is in the inbox by then.
    ///
    /// "Nothing came" says something only after this. The stream's records are spread over batches, so what has come
    /// to one person, or for one challenge, says nothing of what may still come to another.
    ///
    /// The table of a stage is out of reach. There, a code that somebody asks for now has to do: it comes later as
    /// a rule.
    pub(crate) async fn delivered(&self, challenge: &str) {
        if !self.is_its_own() {
            self.client().code_for(&self.person().email).await;
            return;
        }
        let delivered = async {
            while self.has_something_to_deliver(challenge).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let delivered = tokio::time::timeout(TIMEOUT, delivered).await;
        delivered.unwrap_or_else(|_| panic!("the challenge {challenge} is not delivered"));
    }

    async fn has_something_to_deliver(&self, challenge: &str) -> bool {
        let item = self.item(&ItemKind::Challenge.key(challenge)).await;
        let send = item.as_object().unwrap_or_else(|| panic!("there is no challenge {challenge}"));
        if send.contains_key(PENDING) || send.contains_key(SENDING) {
            return true;
        }
        // A link that was asked for in the hour of the challenge, then what waits for its account.
        let identifier = BASE64.decode(item["identifier"]["B"].as_str().unwrap().as_bytes()).unwrap();
        let created: i64 = item["created_at"]["N"].as_str().unwrap().parse().unwrap();
        let hour = created - created.rem_euclid(3_600);
        let lookup =
            ItemKind::Lookup.key(format_args!("link#{}#{hour}", BASE64URL_NOPAD.encode(&identifier)));
        let outbox = ItemKind::Outbox.key(item["account"]["S"].as_str().unwrap());
        !self.item(&lookup).await[PENDING].is_null() || !self.item(&outbox).await.is_null()
    }

    /// Waits until nothing is left in the outbox. Whatever it sends is in the inbox by then.
    pub(crate) async fn outbox_is_empty(&self) {
        let waits = |items: &Value| {
            items["Items"].as_array().unwrap().iter().any(|item| {
                let key = item[KEY]["S"].as_str().unwrap();
                ItemKind::Outbox.name_in(key).is_some()
                    || ItemKind::Lookup.name_in(key).is_some() && item.get(PENDING).is_some()
            })
        };
        let scan = json!({"TableName": self.table, "ConsistentRead": true});
        let emptied = async {
            while waits(&self.dynamodb("DynamoDB_20120810.Scan", scan.clone()).await) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(TIMEOUT, emptied).await.expect("the outbox is not emptied");
    }

    /// An item of the table as it is now.
    pub(crate) async fn item(&self, key: &str) -> Value {
        let read = json!({"TableName": self.table, "ConsistentRead": true, "Key": {KEY: {"S": key}}});
        self.dynamodb("DynamoDB_20120810.GetItem", read).await["Item"].take()
    }
}
