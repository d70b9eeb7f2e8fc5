//! Views of an account: what each function reads of it, and no more.

use super::{Contact, CredentialVersion, PasswordHash, PersonalText, SessionEpoch};
use crate::port::DirectoryEntry;
use crate::{AccountId, Channel, EmailAddress, Locale, PhoneNumber, PostalCode, Prf, SecretHash, Timestamp};

/// Whether an account may be used, and under which version of its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Names the account.
    pub id: AccountId,
    /// The version of the password.
    pub credential_version: CredentialVersion,
    /// A disabled account neither signs in nor recovers, and looks like an unknown one.
    pub disabled: bool,
}

impl Standing {
    /// Whether its owner may sign in and recover it.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.disabled
    }
}

/// An account as delivery sees it: where messages go to, and in which language.
#[derive(Clone, Debug)]
pub struct DeliveryAccount {
    /// Whether it may be used.
    pub standing: Standing,
    /// The verified email address.
    pub email: Option<EmailAddress>,
    /// The verified mobile number.
    pub phone: Option<PhoneNumber>,
    /// The language that the person prefers.
    pub locale: Option<Locale>,
    /// The postal code, as it was given.
    pub postal_code: Option<PersonalText>,
}

impl DeliveryAccount {
    /// Whether the postal code that was given, if one was asked for, is the account's. An account that has none can't
    /// be asked for it.
    #[must_use]
    pub fn is_postal_code_right(&self, given: Option<&SecretHash>, prf: &dyn Prf) -> bool {
        let stored = self.postal_code.as_ref().and_then(|text| PostalCode::parse(&text.0));
        match (given, stored) {
            (Some(given), Some(stored)) => stored.matches(prf, given),
            _ => true,
        }
    }

    /// The account's address for a channel, if it has one.
    #[must_use]
    pub fn contact(&self, channel: Channel) -> Option<Contact> {
        match channel {
            Channel::Email => self.email.clone().map(Contact::Email),
            Channel::Sms => self.phone.clone().map(Contact::Phone),
        }
    }
}

/// An account as the setting of a password sees it: what the password is compared with.
#[derive(Clone, Debug)]
pub struct PasswordAccount {
    /// Whether it may be used.
    pub standing: Standing,
    /// The verified email address.
    pub email: Option<EmailAddress>,
    /// The verified mobile number.
    pub phone: Option<PhoneNumber>,
    /// The name that the person goes by.
    pub name: Option<PersonalText>,
    /// The postal code, as it was given.
    pub postal_code: Option<PersonalText>,
    /// The hash of the current password, where the directory is ours.
    pub password_hash: Option<PasswordHash>,
}

impl PasswordAccount {
    /// The account whose password is meant.
    #[must_use]
    pub fn entry(&self) -> DirectoryEntry {
        DirectoryEntry { account: self.standing.id, password_hash: self.password_hash.clone() }
    }
}

/// An account as a sign-in sees it.
#[derive(Clone, Debug)]
pub struct SignInAccount {
    /// Whether it may be used.
    pub standing: Standing,
    /// The epoch of sessions that count.
    pub session_epoch: SessionEpoch,
    /// The hash of the password, where the directory is ours.
    pub password_hash: Option<PasswordHash>,
}

impl SignInAccount {
    /// The account whose password is meant.
    #[must_use]
    pub fn entry(&self) -> DirectoryEntry {
        DirectoryEntry { account: self.standing.id, password_hash: self.password_hash.clone() }
    }
}

/// An account as the check of a session sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionAccount {
    /// The epoch of sessions that count.
    pub session_epoch: SessionEpoch,
    /// No session of a disabled account counts.
    pub disabled: bool,
    /// When the password was last changed, if it was.
    pub password_changed_at: Option<Timestamp>,
    /// When the account was last recovered, if it was.
    pub recovered_at: Option<Timestamp>,
}
