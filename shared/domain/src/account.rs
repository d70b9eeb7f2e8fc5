//! Accounts, as far as recovery and sign-in need them.

mod view;

use zeroize::Zeroizing;

use crate::{AccountId, Channel, EmailAddress, Identifier, IdentifierHash, Locale, PhoneNumber};

pub use view::{DeliveryAccount, PasswordAccount, SessionAccount, SignInAccount, Standing};

/// Counts the passwords that an account has had. What was granted under one version (a challenge that
/// was armed, a token) is worth nothing under the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CredentialVersion(pub u64);

impl CredentialVersion {
    /// That of the password after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The version that a new account starts with.
pub const FIRST_CREDENTIAL: CredentialVersion = CredentialVersion(1);

/// Counts the times that everyone was signed out. A session of an earlier epoch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionEpoch(pub u64);

/// A password hash that can be verified, as a PHC string that names its scheme, such as `$argon2id$v=19$…`. Absent
/// from `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// From the table, or from the hasher. What anybody else gives is a [`ForeignHash`].
    #[must_use]
    pub fn from_phc(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string, for the table and the hasher.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

/// A claimed password hash of another program. It may be anything, a plain password
/// too: [`PasswordHasher::import`](crate::port::PasswordHasher::import) says whether it can be verified.
/// Cleared when dropped, absent from `Debug`.
#[derive(Clone)]
pub struct ForeignHash(Zeroizing<String>);

impl ForeignHash {
    /// Takes any text.
    #[must_use]
    pub const fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text, for the hasher.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForeignHash(redacted)")
    }
}

/// Why a hash that another program made can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashUnsupported {
    /// Another scheme, or no hash at all.
    #[error("it names no scheme that is verified here")]
    Scheme,
    /// A known scheme, but nothing that a program of its kind writes.
    #[error("it is not written as hashes of its scheme are")]
    Malformed,
    /// A version of Argon2 that was never published.
    #[error("its version of Argon2 is neither 16 nor 19")]
    Version,
    /// One sign-in would take more memory or time than a function has for it.
    #[error("a sign-in with its parameters would cost too much")]
    TooCostly,
}

/// An account, whole. Its addresses are verified ones: an address that isn't yet is no part of an account. Functions
/// read a view of it instead, with what they need and no more.
#[derive(Clone, Debug)]
pub struct Account {
    /// Names the account.
    pub id: AccountId,
    /// The verified email address.
    pub email: Option<EmailAddress>,
    /// The verified mobile number.
    pub phone: Option<PhoneNumber>,
    /// The language that the person prefers.
    pub locale: Option<Locale>,
    /// The name that the person goes by.
    pub name: Option<PersonalText>,
    /// The postal code, as it was given.
    pub postal_code: Option<PersonalText>,
    /// The password's hash; without one nobody can sign in until a recovery sets it.
    pub password_hash: Option<PasswordHash>,
    /// The version of the password.
    pub credential_version: CredentialVersion,
    /// The epoch of sessions that count.
    pub session_epoch: SessionEpoch,
    /// A disabled account neither signs in nor recovers, and looks like an unknown one.
    pub disabled: bool,
}

/// Free text about a person. Absent from `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalText(pub String);

impl std::fmt::Debug for PersonalText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalText(redacted)")
    }
}

/// Where a message goes: an address that is stored and verified, never one that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// A mailbox.
    Email(EmailAddress),
    /// A mobile phone.
    Phone(PhoneNumber),
}

impl Contact {
    /// The channel that reaches it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }

    /// The identifier that it is too: what is known of an address is kept with it.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        match self {
            Self::Email(address) => Identifier::Email(address.clone()),
            Self::Phone(number) => Identifier::Phone(number.clone()),
        }
    }
}

impl AccountId {
    /// An account that can't be, in the place of one that there isn't: named by the identifier, so that every
    /// identifier has one of its own. Account ids are 128 random bits, so none is ever this one.
    #[must_use]
    pub fn decoy(identifier: &IdentifierHash) -> Self {
        Self::from_bytes(identifier.as_bytes().first_chunk().copied().unwrap_or_default())
    }
}
