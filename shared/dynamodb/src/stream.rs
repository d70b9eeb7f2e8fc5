//! What records of the table's stream announce, by the names that stand in the table.

use regain_domain::outbox::{LookupName, Waiting};
use regain_domain::{AccountId, ChallengeId, Generation};

use crate::attribute::PK;
use crate::item::{CHALLENGE, PENDING};
use crate::outbox::{LOOKUP, OUTBOX};

/// What the keys of items begin with whose codes wait for delivery.
pub const CODES: &[&str] = &[CHALLENGE];
/// What the keys of items begin with that wait in the outbox.
pub const WAITING: &[&str] = &[OUTBOX, LOOKUP];
/// The attribute that an item has while something of it waits: what the stream's filters look for.
pub const FILTER: &str = PENDING;
/// The attribute that holds an item's key.
pub const KEY: &str = PK;

/// What an item announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// A send of a challenge.
    Code(ChallengeId, Generation),
    /// Something of the outbox.
    Waiting(Waiting),
}

impl Announced {
    /// Reads an item by its key and by the number that stands in [`FILTER`]; `None` if nothing of it waits.
    #[must_use]
    pub fn read(key: &str, pending: &str) -> Option<Self> {
        let pending = pending.parse().ok()?;
        if let Some(id) = key.strip_prefix(CHALLENGE) {
            return Some(Self::Code(ChallengeId::parse(id)?, Generation(pending)));
        }
        if let Some(account) = key.strip_prefix(OUTBOX) {
            return Some(Self::Waiting(Waiting::Account(AccountId::parse(account)?)));
        }
        let name = key.strip_prefix(LOOKUP)?;
        Some(Self::Waiting(Waiting::Lookup(LookupName::from_text(name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_announces_a_code_or_something_of_the_outbox() {
        let id = ChallengeId::from_bytes([3; 16]);
        assert_eq!(
            Announced::read(&format!("CHALLENGE#{id}"), "2"),
            Some(Announced::Code(id, Generation(2)))
        );
        let account = AccountId::from_bytes([3; 16]);
        assert_eq!(
            Announced::read(&format!("OUTBOX#{account}"), "1"),
            Some(Announced::Waiting(Waiting::Account(account)))
        );
        let name = LookupName::from_text("link#AAAA#7200");
        assert_eq!(
            Announced::read("LOOKUP#link#AAAA#7200", "1"),
            Some(Announced::Waiting(Waiting::Lookup(name)))
        );
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
            assert_eq!(Announced::read(key, pending), None, "{key}");
        }
    }
}
