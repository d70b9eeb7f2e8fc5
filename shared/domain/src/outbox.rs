//! The outbox: messages that nobody waits for on a page, each tried for [`WORTH_TRYING`].
//!
//! ```text
//! refused request ─┐                        ┌─► password changed ─┐
//! spent budget ────┼─► Lookup ─► account ───┼─► recovery link ────┼─► Entry of the account's outbox ─► sent
//! wrong passwords ─┘                        └─► sign-in failures ─┘
//! ```
//!
//! An [`Entry`] belongs to an account. The account's entries of a kind are sent in the order in which they came: one
//! that fails holds up those of its kind behind it, and nothing of another kind or account. A [`Lookup`] is queued by
//! identifier, by a function that must not know whether the identifier is anybody's; its handler finds the account, if
//! there is one, and turns it into an entry, in one transaction.
//!
//! To extend: a message is a variant of [`EntryKind`], with its handler in
//! [`usecase::outbox`](crate::usecase::outbox); what is queued by identifier is a variant of [`LookupKind`] too.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::{
    AccountId, Backoff, ChallengeId, Channel, CredentialVersion, EntryId, FailureBudget, IdentifierHash,
    Locale, SecretHash, Timestamp, Window,
};

/// How long something of the outbox is tried: for as long as a stream keeps a record.
pub const WORTH_TRYING: Duration = Duration::from_hours(24);

/// The kind of a look-up by identifier.
#[derive(Clone, Debug)]
pub enum LookupKind {
    /// Codes are refused for the identifier: a link takes their place, if the identifier is somebody's.
    RecoveryLink {
        /// The keyed hash of the postal code that was given, if it is asked for.
        postal_code: Option<SecretHash>,
        /// The language that was asked for, if any.
        locale: Option<Locale>,
    },
    /// Somebody tries passwords for the identifier.
    SignInFailures {
        /// The credential version that they were tried under.
        version: CredentialVersion,
        /// How many there were.
        count: u32,
        /// Whether no more are allowed.
        are_spent: bool,
    },
}

impl LookupKind {
    /// The word for it in the table and in logs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RecoveryLink { .. } => "link",
            Self::SignInFailures { .. } => "sign_in_failures",
        }
    }
}

/// A message for whoever has an identifier, if anybody has.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The subject.
    pub kind: LookupKind,
    /// The keyed hash of the identifier.
    pub identifier: IdentifierHash,
    /// When it was queued.
    pub at: Timestamp,
}

impl Lookup {
    /// A recovery link in the place of codes that are refused.
    #[must_use]
    pub const fn recovery_link(
        identifier: IdentifierHash,
        postal_code: Option<SecretHash>,
        locale: Option<Locale>,
        at: Timestamp,
    ) -> Self {
        Self { kind: LookupKind::RecoveryLink { postal_code, locale }, identifier, at }
    }

    /// A notice of so many wrong passwords.
    #[must_use]
    pub const fn sign_in_failures(budget: &FailureBudget, count: u32) -> Self {
        let kind =
            LookupKind::SignInFailures { version: budget.version, count, are_spent: count >= budget.limit };
        Self { kind, identifier: budget.identifier, at: budget.now }
    }

    /// Names it: queued again under the same name, it is there already. Of links there is one for each identifier (with
    /// the postal code, so that a wrong one takes nothing from who knows the right one) and hour, of failures one for
    /// each identifier, credential version and count.
    #[must_use]
    pub fn name(&self) -> LookupName {
        let mut subject = *self.identifier.as_bytes();
        let which = match &self.kind {
            LookupKind::RecoveryLink { postal_code, .. } => {
                if let Some(postal_code) = postal_code {
                    postal_code.mix_into(&mut subject);
                }
                Window::hour(self.at).start().as_unix().to_string()
            }
            LookupKind::SignInFailures { version, count, .. } => format!("{}-{count}", version.0),
        };
        LookupName(format!("{}#{}#{which}", self.kind.as_str(), BASE64URL_NOPAD.encode(&subject)))
    }

    /// When it is given up.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.at.plus(WORTH_TRYING)
    }
}

/// The name of a [`Lookup`]: made of words, keyed hashes and times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LookupName(String);

impl LookupName {
    /// From the table's key.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the table's key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The kind of an entry of an account's outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The password was changed; every address hears of it.
    PasswordChanged,
    /// A recovery link, for one address.
    RecoveryLink {
        /// The challenge behind it.
        link: ChallengeId,
    },
    /// Somebody tried wrong passwords; every address hears of it.
    SignInFailures {
        /// Whether no more are allowed.
        are_spent: bool,
    },
}

impl EntryKind {
    /// The word for it in the table and in logs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::RecoveryLink { .. } => "recovery_link",
            Self::SignInFailures { .. } => "sign_in_failures",
        }
    }
}

/// A message for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Names it within the account's outbox; added again under the same id it is the same entry.
    pub id: EntryId,
    /// The kind.
    pub kind: EntryKind,
    /// When that happened.
    pub at: Timestamp,
    /// The kinds of addresses that it has reached.
    pub reached: Vec<Channel>,
}

impl Entry {
    /// The notice that a challenge has changed the password.
    #[must_use]
    pub const fn password_changed(challenge: ChallengeId, at: Timestamp) -> Self {
        let id = EntryId::from_bytes(*challenge.as_bytes());
        Self { id, kind: EntryKind::PasswordChanged, at, reached: Vec::new() }
    }

    /// A recovery link.
    #[must_use]
    pub const fn recovery_link(link: ChallengeId, at: Timestamp) -> Self {
        let id = EntryId::from_bytes(*link.as_bytes());
        Self { id, kind: EntryKind::RecoveryLink { link }, at, reached: Vec::new() }
    }

    /// The notice of wrong passwords.
    #[must_use]
    pub const fn sign_in_failures(id: EntryId, are_spent: bool, at: Timestamp) -> Self {
        Self { id, kind: EntryKind::SignInFailures { are_spent }, at, reached: Vec::new() }
    }

    /// When it is given up.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.at.plus(WORTH_TRYING)
    }
}

/// An account's outbox, as it was read.
#[derive(Clone, Debug)]
pub struct AccountOutbox {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The waiting entries, in the order in which they were added.
    pub entries: Vec<Entry>,
    /// How many entries it has had: it is empty for good if nothing was added since it was read.
    pub added: u64,
    /// How often it was postponed since an entry was last sent.
    pub postponed: u32,
    /// Nothing of it is tried before.
    pub not_before: Option<Timestamp>,
}

impl AccountOutbox {
    /// Whether it is too early to try it again.
    #[must_use]
    pub fn must_wait(&self, now: Timestamp) -> bool {
        self.not_before.is_some_and(|not_before| now < not_before)
    }

    /// When it may be tried again after it has failed now, by [`Backoff::OUTBOX`]; `chance` may be any number.
    #[must_use]
    pub fn next_try(&self, now: Timestamp, chance: u64) -> Timestamp {
        now.plus(Backoff::OUTBOX.pause(self.postponed, chance))
    }
}

/// Something of the outbox that waits to be handled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// The entries of an account.
    Account(AccountId),
    /// A look-up.
    Lookup(LookupName),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_less_and_less_often() {
        let outbox = |postponed| AccountOutbox {
            account: AccountId::from_bytes([1; 16]),
            entries: Vec::new(),
            added: 1,
            postponed,
            not_before: None,
        };
        let now = Timestamp::from_unix(1_800_000_000);
        let pause = |postponed| now.seconds_until(outbox(postponed).next_try(now, 0));
        assert_eq!([pause(0), pause(1), pause(7), pause(8)], [2, 4, 256, 300]);
        let next = outbox(0).next_try(now, 0);
        let waiting = AccountOutbox { not_before: Some(next), ..outbox(1) };
        assert!(waiting.must_wait(now) && !waiting.must_wait(next));
    }

    use crate::{Counter, KeyVersion, Scope};

    #[test]
    fn a_lookup_is_one_for_its_identifier_postal_code_and_hour() {
        let name = |identifier, postal_code: Option<u8>, seconds| {
            let postal_code = postal_code.map(|byte| SecretHash::from_parts(KeyVersion(1), [byte; 32]));
            let identifier = IdentifierHash::from_bytes([identifier; 32]);
            Lookup::recovery_link(identifier, postal_code, None, Timestamp::from_unix(seconds)).name()
        };
        let one = name(1, None, 7_200);
        assert_eq!(one, name(1, None, 10_799));
        for other in [name(1, None, 10_800), name(2, None, 7_200), name(1, Some(5), 7_200)] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_lookup_of_failures_is_one_for_its_identifier_version_and_count() {
        let name = |identifier, version, count, seconds| {
            let now = Timestamp::from_unix(seconds);
            let budget = FailureBudget {
                identifier: IdentifierHash::from_bytes([identifier; 32]),
                version: CredentialVersion(version),
                from_network: Counter::new(Scope::SignInFailures, [0; 32], 10, now),
                limit: 25,
                now,
            };
            Lookup::sign_in_failures(&budget, count).name()
        };
        let one = name(1, 2, 10, 0);
        assert_eq!(one, name(1, 2, 10, 100_000));
        for other in [name(2, 2, 10, 0), name(1, 3, 10, 0), name(1, 2, 25, 0)] {
            assert_ne!(one, other);
        }
    }
}
