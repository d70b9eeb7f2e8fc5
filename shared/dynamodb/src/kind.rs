//! The kinds of items, by what their keys begin with.

use std::fmt::Display;

/// A kind of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// A person's account.
    Account,
    /// A challenge, or the challenge behind a recovery link.
    Challenge,
    /// A counter of a limit.
    Counter,
    /// A known device.
    Device,
    /// The failures of an identifier.
    Failures,
    /// An identifier, which leads to its account.
    Identifier,
    /// A look-up that waits in the outbox.
    Lookup,
    /// A message on its way.
    Message,
    /// An account's outbox.
    Outbox,
    /// A session.
    Session,
}

impl ItemKind {
    /// The prefix of its items' keys.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Account => "ACCOUNT#",
            Self::Challenge => "CHALLENGE#",
            Self::Counter => "LIMIT#",
            Self::Device => "DEVICE#",
            Self::Failures => "FAILURES#",
            Self::Identifier => "IDENTIFIER#",
            Self::Lookup => "LOOKUP#",
            Self::Message => "MESSAGE#",
            Self::Outbox => "OUTBOX#",
            Self::Session => "SESSION#",
        }
    }

    /// The key of its item of that name.
    #[must_use]
    pub fn key(self, name: impl Display) -> String {
        format!("{}{name}", self.prefix())
    }

    /// The name in a key, if it is one of this kind.
    #[must_use]
    pub fn name_in(self, key: &str) -> Option<&str> {
        key.strip_prefix(self.prefix())
    }
}
