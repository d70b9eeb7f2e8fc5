//! The table's stream: which records the event source mappings let through, and what a record announces.

use regain_domain::outbox::{LookupName, Waiting};
use regain_domain::{AccountId, ChallengeId, Generation};
use serde_dynamo::AttributeValue;

use crate::attribute::PK;
pub use crate::item::{PENDING, SENDING};
use crate::kind::ItemKind;

/// The kinds of changes that a mapping lets through. What is deleted announces nothing.
const WRITES: [&str; 2] = ["INSERT", "MODIFY"];

/// The filter of one event source mapping: writes after which something of an item of these kinds waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter(&'static [ItemKind]);

impl Filter {
    /// Codes that wait for delivery.
    pub const CODES: Self = Self(&[ItemKind::Challenge]);
    /// The items of the outbox.
    pub const OUTBOX: Self = Self(&[ItemKind::Outbox, ItemKind::Lookup]);

    /// The pattern of the mapping's filter, in the syntax of
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>.
    #[must_use]
    pub fn pattern(self) -> String {
        let [insert, modify] = WRITES;
        let prefixes: Vec<_> =
            self.0.iter().map(|kind| format!(r#"{{"prefix":"{}"}}"#, kind.prefix())).collect();
        format!(
            r#"{{"eventName":["{insert}","{modify}"],"dynamodb":{{"Keys":{{"{PK}":{{"S":[{}]}}}},"NewImage":{{"{PENDING}":{{"N":[{{"exists":true}}]}}}}}}}}"#,
            prefixes.join(",")
        )
    }

    /// The same, for a stream that is read without Lambda: whether the record of a change passes, after which the item
    /// of that key has these attributes.
    pub fn passes<'a>(self, change: &str, key: &str, mut attributes: impl Iterator<Item = &'a str>) -> bool {
        WRITES.contains(&change)
            && self.0.iter().any(|kind| kind.name_in(key).is_some())
            && attributes.any(|name| name == PENDING)
    }
}

/// The announcement of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// A send of a challenge.
    Code(ChallengeId, Generation),
    /// Something of the outbox.
    Waiting(Waiting),
}

impl Announced {
    /// Reads an item as a record shows it; `None` if nothing of it waits.
    #[must_use]
    pub fn from_image(image: &serde_dynamo::Item) -> Option<Self> {
        let Some(AttributeValue::S(key)) = image.get(PK) else { return None };
        let Some(AttributeValue::N(pending)) = image.get(PENDING) else { return None };
        let pending = pending.parse().ok()?;
        if let Some(id) = ItemKind::Challenge.name_in(key) {
            return Some(Self::Code(ChallengeId::parse(id)?, Generation(pending)));
        }
        if let Some(account) = ItemKind::Outbox.name_in(key) {
            return Some(Self::Waiting(Waiting::Account(AccountId::parse(account)?)));
        }
        let name = ItemKind::Lookup.name_in(key)?;
        Some(Self::Waiting(Waiting::Lookup(LookupName::from_text(name))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn image(key: &str, pending: AttributeValue) -> serde_dynamo::Item {
        let attributes =
            [("pk".to_owned(), AttributeValue::S(key.to_owned())), ("pending".to_owned(), pending)];
        serde_dynamo::Item::from(HashMap::from(attributes))
    }

    fn announced(key: &str, pending: &str) -> Option<Announced> {
        Announced::from_image(&image(key, AttributeValue::N(pending.to_owned())))
    }

    #[test]
    fn an_item_announces_a_code_or_something_of_the_outbox() {
        let id = ChallengeId::from_bytes([3; 16]);
        assert_eq!(announced(&format!("CHALLENGE#{id}"), "2"), Some(Announced::Code(id, Generation(2))));
        let account = AccountId::from_bytes([3; 16]);
        assert_eq!(
            announced(&format!("OUTBOX#{account}"), "1"),
            Some(Announced::Waiting(Waiting::Account(account)))
        );
        let name = LookupName::from_text("link#AAAA#7200");
        assert_eq!(announced("LOOKUP#link#AAAA#7200", "1"), Some(Announced::Waiting(Waiting::Lookup(name))));
    }

    #[test]
    fn other_items_announce_nothing() {
        for (key, pending) in [
            ("", "1"),
            ("ACCOUNT#AwMDAwMDAwMDAwMDAwMDAw", "1"),
            ("CHALLENGE#x", "1"),
            ("OUTBOX#x", "1"),
            ("CHALLENGE#AwMDAwMDAwMDAwMDAwMDAw", "one"),
        ] {
            assert_eq!(announced(key, pending), None, "{key}");
        }
        let key = "CHALLENGE#AwMDAwMDAwMDAwMDAwMDAw";
        assert_eq!(Announced::from_image(&image(key, AttributeValue::S("1".to_owned()))), None);
        let mut without_key = image(key, AttributeValue::N("1".to_owned()));
        without_key.inner_mut().remove("pk");
        assert_eq!(Announced::from_image(&without_key), None);
    }

    #[test]
    fn a_filter_lets_writes_of_its_kinds_through_while_something_waits() {
        let codes =
            |change, key, attributes: &[&str]| Filter::CODES.passes(change, key, attributes.iter().copied());
        assert!(codes("INSERT", "CHALLENGE#x", &["pk", "pending"]));
        assert!(codes("MODIFY", "CHALLENGE#x", &["pk", "pending"]));
        assert!(!codes("REMOVE", "CHALLENGE#x", &["pk", "pending"]));
        assert!(!codes("INSERT", "CHALLENGE#x", &["pk", "state"]));
        assert!(!codes("INSERT", "OUTBOX#x", &["pk", "pending"]));
        assert_eq!(
            Filter::OUTBOX.pattern(),
            r#"{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"OUTBOX#"},{"prefix":"LOOKUP#"}]}},"NewImage":{"pending":{"N":[{"exists":true}]}}}}"#
        );
    }
}
