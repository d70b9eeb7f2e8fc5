//! Sessions: proof of a sign-in, until they expire, are signed out, or the account's epoch moves on.

use crate::account::SessionAccount;
use crate::{AccountId, SecretHash, SessionEpoch, SessionId, Timestamp};

/// A session as the table holds it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// The account's epoch at the sign-in.
    pub epoch: SessionEpoch,
    /// The keyed hash of the token's secret.
    pub secret_hash: SecretHash,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether the session counts at a time, by what its account is at that time.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp, account: &SessionAccount) -> bool {
        now < self.expires_at && self.epoch == account.session_epoch && !account.disabled
    }
}
