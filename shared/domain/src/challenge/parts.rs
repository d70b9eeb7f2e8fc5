//! The parts of a challenge.

use crate::account::{FIRST_CREDENTIAL, Standing};
use crate::{AccountId, CallFingerprint, CredentialVersion, IdentifierHash, SecretHash, Timestamp};

/// The purpose of a challenge; a token of one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set a new password without the old one.
    PasswordReset,
}

impl Purpose {
    /// The word for it in the contract and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::PasswordReset.as_str()).then_some(Self::PasswordReset)
    }
}

/// Which send of a challenge a code belongs to; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u32);

impl Generation {
    /// That of the request.
    pub const FIRST: Self = Self(1);

    /// That of the next resend.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// 128 random bits, fresh for each send, that go into the code: the key alone gives no code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 16]);

impl Salt {
    /// From random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(redacted)")
    }
}

/// The account that a challenge may recover, noted by delivery once the account's budget allowed it. A
/// challenge that isn't armed yet, or is armed with a [decoy](Armed::decoy), never verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// The account that the challenge belongs to.
    pub account: AccountId,
    /// The version of the password when it was armed; a later one makes the code worthless.
    pub credential_version: CredentialVersion,
}

impl Armed {
    /// The arming of a challenge that may recover an account as it is now.
    #[must_use]
    pub const fn of(account: &Standing) -> Self {
        Self { account: account.id, credential_version: account.credential_version }
    }

    /// Whether what was armed with it may recover an account as it is now. The one place for this rule.
    #[must_use]
    pub fn may_recover(&self, account: &Standing) -> bool {
        account.is_active() && *self == Self::of(account)
    }

    /// The arming of a challenge that nobody may recover by, so that it looks like any other: the identifier's
    /// [decoy](AccountId::decoy).
    #[must_use]
    pub fn decoy(identifier: &IdentifierHash) -> Self {
        Self { account: AccountId::decoy(identifier), credential_version: FIRST_CREDENTIAL }
    }
}

/// Where the delivery of a challenge's current send stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// It waits for delivery.
    Pending,
    /// Delivery has armed the challenge and is about to send, or has failed to.
    Sending,
    /// It needs no delivery any more.
    Over,
}

/// A token that was given out for a challenge: a verification token, or that of a link.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// Its keyed hash.
    pub hash: SecretHash,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl IssuedToken {
    /// Whether it has stopped working.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

/// Where a challenge stands.
#[derive(Clone, Debug)]
pub enum State {
    /// Waits for its code.
    Open,
    /// The code was right; the token allows one new password until it expires.
    Verified {
        /// The token.
        token: IssuedToken,
    },
    /// A new password was set.
    Used {
        /// The token that set it. Until it would have expired the same call gets the same answer.
        token: IssuedToken,
        /// When it was set.
        changed_at: Timestamp,
        /// The call that set it, if it came with an idempotency key.
        call: Option<CallFingerprint>,
    },
}

impl State {
    /// The token that was given out, if the code was verified.
    #[must_use]
    pub const fn token(&self) -> Option<&IssuedToken> {
        match self {
            Self::Open => None,
            Self::Verified { token } | Self::Used { token, .. } => Some(token),
        }
    }
}
