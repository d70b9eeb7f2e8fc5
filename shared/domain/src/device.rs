//! Known devices: whoever signed in, or set a password, gets a token that gives later sign-ins a budget of failures of
//! their own. Strangers who spend the identifier's failures then keep nobody out who comes from a known device.
//!
//! A device lets no wrong password in. It belongs to one account and one credential version; to every other identifier,
//! and after the next password, it is a stranger.

use std::time::Duration;

use crate::account::Standing;
use crate::{AccountId, CredentialVersion, DeviceId, DeviceToken, Fault, Prf, SecretHash, Timestamp};

/// How long a device is known, from the sign-in or the password that it was made known by.
pub const DEVICE_LIFETIME: Duration = Duration::from_hours(90 * 24);

/// Failures from a device since its last success that make it a stranger for good.
pub const FAILURES_PER_DEVICE: u32 = 10;

/// A known device as the table holds it.
#[derive(Clone, Debug)]
pub struct Device {
    /// Names the device.
    pub id: DeviceId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// The credential version that it is known for.
    pub credential_version: CredentialVersion,
    /// The keyed hash of the token's secret.
    pub secret_hash: SecretHash,
    /// When it is a stranger again.
    pub expires_at: Timestamp,
    /// Failures since the last success, tries that are still being compared among them.
    pub failures: u32,
}

impl Device {
    /// The device that a token makes known from now on.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn new(
        token: &DeviceToken,
        account: AccountId,
        credential_version: CredentialVersion,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<Self, Fault> {
        Ok(Self {
            id: token.id(),
            account,
            credential_version,
            secret_hash: token.hash(prf)?,
            expires_at: now.plus(DEVICE_LIFETIME),
            failures: 0,
        })
    }

    /// Whether a try can be charged to it at a time.
    #[must_use]
    pub fn takes_try(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.failures < FAILURES_PER_DEVICE
    }

    /// Whether it is known to an account at a time.
    #[must_use]
    pub fn is_known_to(&self, account: &Standing, now: Timestamp) -> bool {
        self.account == account.id
            && self.credential_version == account.credential_version
            && self.takes_try(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn a_device_is_known_to_its_account_and_password_for_ninety_days_and_nine_failures() {
        let now = Timestamp::from_unix(1_800_000_000);
        let account = |byte, version| Standing {
            id: AccountId::from_bytes([byte; 16]),
            credential_version: CredentialVersion(version),
            disabled: false,
        };
        let token = DeviceToken::new(DeviceId::from_bytes([1; 16]), [2; 32]);
        let owner = account(1, 3);
        let device = Device::new(&token, owner.id, owner.credential_version, now, &TestPrf).unwrap();
        assert!(device.is_known_to(&owner, now));
        assert!(!device.is_known_to(&account(2, 3), now), "somebody else's");
        assert!(!device.is_known_to(&account(1, 4), now), "a new password");
        let end = Timestamp::from_unix(1_800_000_000 + 7_776_000);
        assert_eq!(device.expires_at, end);
        assert!(!device.is_known_to(&owner, end));
        assert!(Device { failures: 9, ..device.clone() }.is_known_to(&owner, now));
        assert!(!Device { failures: 10, ..device }.is_known_to(&owner, now));
    }
}
