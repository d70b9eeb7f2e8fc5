//! The ids that services give to messages, by which they later tell what became of them.

use crate::{Channel, Fault, KeyUse, Prf};

/// A service's own id for a message that it took: 1 to 256 visible ASCII characters. Absent from `Debug`,
/// because a service's logs lead from it to an address.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// Reads an id; `None` if it isn't one in the sense of this type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        well_formed.then(|| Self(text.to_owned()))
    }
}

impl std::fmt::Debug for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MessageId(redacted)")
    }
}

/// The keyed hash of a message's id: the only trace of it in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageHash([u8; 32]);

impl MessageHash {
    /// Hashes the id of a message that went by a channel. Each channel's service has ids of its own.
    pub fn of(prf: &dyn Prf, channel: Channel, id: &MessageId) -> Result<Self, Fault> {
        let parts = [b"message".as_slice(), channel.as_str().as_bytes(), id.0.as_bytes()];
        Ok(Self(*prf.evaluate(KeyUse::Identifier, prf.current(KeyUse::Identifier), &parts)?))
    }

    /// From stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for MessageHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MessageHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn an_id_is_visible_ascii() {
        for id in ["0", "0107018b6f2f0a3c-3f3e-000000", &"x".repeat(256)] {
            assert!(MessageId::parse(id).is_some(), "{id}");
        }
        for wrong in ["", "a b", "a\n", "\u{e9}", &"x".repeat(257)] {
            assert_eq!(MessageId::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_same_id_of_two_services_is_two_messages() {
        let id = MessageId::parse("1").unwrap();
        let [email, sms] = [Channel::Email, Channel::Sms].map(|c| MessageHash::of(&TestPrf, c, &id).unwrap());
        assert_ne!(email, sms);
        assert_eq!(format!("{id:?} {email:?}"), "MessageId(redacted) MessageHash(redacted)");
    }
}
