//! Wrong passwords: how many may be tried, and whose they are.
//!
//! A try is charged before its password is compared, and a right one gives its own charge back. So failures count and
//! successes don't, however many run at the same time. A try from a [known device](crate::device) is charged to the
//! device; every other one to the identifier, in one item that counts the failures of its window and, within them,
//! those of each caller's network and hour:
//!
//! ```text
//! tries of the network's hour spent    ─► Limited            (nothing else is charged)
//! failures spent                       ─► RecoveryRequired   (until a new password, or the window's end)
//! failures of the network's hour spent ─► Limited
//! else ─► charged ─► wrong: stays charged
//!                 └► right: refunded
//! ```
//!
//! The credential version is part of the item's key. A new password starts with nothing counted against it.

use std::time::Duration;

use crate::account::{FIRST_CREDENTIAL, Standing};
use crate::{
    Channel, Counter, CredentialVersion, Fault, IdentifierHash, Limited, Prf, Scope, SourceAddress, Timestamp,
};

/// How often a password may be tried.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// Tries from one network in an hour, right and wrong.
    pub per_address_per_hour: u32,
    /// Failures for one identifier from one network in an hour.
    pub failures_per_identifier_and_address_per_hour: u32,
    /// Failures for one identifier and credential version within [`FAILURE_WINDOW`].
    pub failures_per_identifier: u32,
}

/// The window in which the failures of an identifier add up, from the first of them.
pub const FAILURE_WINDOW: Duration = Duration::from_hours(365 * 24);

/// The failure at which the owner is told for the first time. The second time is the last one that is allowed.
pub const TOLD_AT: u32 = 10;

impl SignInLimits {
    /// The passwords that may be tried for an account by all of its identifiers: at most
    /// [`MAX_GUESSES`](crate::guess_budget::MAX_GUESSES), which is checked where the settings are read.
    #[must_use]
    pub fn max_guesses(&self) -> u32 {
        Channel::ALL.iter().fold(0, |sum, _| sum.saturating_add(self.failures_per_identifier))
    }

    /// The counter of tries from a network.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn tries(&self, source: SourceAddress, now: Timestamp, prf: &dyn Prf) -> Result<Counter, Fault> {
        let limit = self.per_address_per_hour;
        Ok(Counter::new(Scope::SignInsByAddress, source.subject(prf)?, limit, now))
    }

    /// The budget of an identifier's failures. An identifier that is nobody's has the first credential version.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn failures(
        &self,
        identifier: IdentifierHash,
        account: Option<&Standing>,
        source: SourceAddress,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<FailureBudget, Fault> {
        let per_hour = self.failures_per_identifier_and_address_per_hour;
        Ok(FailureBudget {
            identifier,
            version: account.map_or(FIRST_CREDENTIAL, |account| account.credential_version),
            from_network: Counter::new(Scope::SignInFailures, source.subject(prf)?, per_hour, now),
            limit: self.failures_per_identifier,
            now,
        })
    }
}

/// The budget of a try: the failures of an identifier and credential version.
#[derive(Clone, Debug)]
pub struct FailureBudget {
    /// The keyed hash of the identifier; part of the key.
    pub identifier: IdentifierHash,
    /// The version of the password; part of the key.
    pub version: CredentialVersion,
    /// The caller's network and the hour: counted within the identifier's failures.
    pub from_network: Counter,
    /// The most failures in a window.
    pub limit: u32,
    /// When the try is made.
    pub now: Timestamp,
}

/// The failures charged to a [`FailureBudget`], tries that are still being compared among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// In the window.
    pub count: u32,
    /// Of these, from the caller's network in this hour.
    pub from_network: u32,
    /// When the window ends: nothing of it counts from then on.
    pub window_end: Timestamp,
    /// At how many failures the owner was told last; 0 if never.
    pub told_at: u32,
}

/// Why a try is refused before its password is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureRefusal {
    /// The window's failures are spent.
    RecoveryRequired,
    /// Those of the network's hour are.
    Limited(Limited),
}

impl FailureBudget {
    /// When a window ends that begins with this try.
    #[must_use]
    pub fn window_end(&self) -> Timestamp {
        self.now.plus(FAILURE_WINDOW)
    }

    /// Why no more can be charged, if so. What no wait mends wins. The store's condition says the same.
    #[must_use]
    pub fn refusal(&self, failures: &Failures) -> Option<FailureRefusal> {
        if failures.window_end <= self.now {
            None
        } else if failures.count >= self.limit {
            Some(FailureRefusal::RecoveryRequired)
        } else if self.from_network.is_full(failures.from_network) {
            Some(FailureRefusal::Limited(Limited { until: self.from_network.window().end() }))
        } else {
            None
        }
    }

    /// How many failures the owner is to be told of now: at [`TOLD_AT`] and at the last, once each. Whoever meets one
    /// that was missed tells of it: the call that reached it may have been a right one, or have broken off.
    #[must_use]
    pub fn to_tell(&self, failures: &Failures) -> Option<u32> {
        let reached = [self.limit, TOLD_AT].into_iter().find(|at| failures.count >= *at)?;
        (failures.told_at < reached).then_some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const LIMITS: SignInLimits = SignInLimits {
        per_address_per_hour: 120,
        failures_per_identifier_and_address_per_hour: 10,
        failures_per_identifier: 25,
    };

    fn budget() -> FailureBudget {
        let identifier = IdentifierHash::from_bytes([1; 32]);
        LIMITS.failures(identifier, None, SourceAddress::unknown(), NOW, &TestPrf).unwrap()
    }

    fn failures(count: u32, from_network: u32) -> Failures {
        Failures { count, from_network, window_end: budget().window_end(), told_at: 0 }
    }

    #[test]
    fn what_no_wait_mends_wins_over_the_hour() {
        let budget = budget();
        let limited = FailureRefusal::Limited(Limited { until: budget.from_network.window().end() });
        assert_eq!(budget.version, FIRST_CREDENTIAL);
        assert_eq!(budget.refusal(&failures(24, 9)), None);
        assert_eq!(budget.refusal(&failures(24, 10)), Some(limited));
        assert_eq!(budget.refusal(&failures(25, 10)), Some(FailureRefusal::RecoveryRequired));
        assert_eq!(budget.refusal(&failures(25, 0)), Some(FailureRefusal::RecoveryRequired));
        let over = Failures { window_end: NOW, ..failures(25, 10) };
        assert_eq!(budget.refusal(&over), None, "the window is over, whatever is still stored");
        assert_eq!(NOW.seconds_until(budget.window_end()), 31_536_000);
    }

    #[test]
    fn the_owner_is_told_at_the_tenth_failure_and_at_the_last_once_each() {
        let budget = budget();
        let told = |count, told_at| budget.to_tell(&Failures { told_at, ..failures(count, 0) });
        assert_eq!([told(9, 0), told(10, 0), told(11, 0)], [None, Some(10), Some(10)]);
        assert_eq!([told(10, 10), told(24, 10), told(25, 10)], [None, None, Some(25)]);
        assert_eq!(told(25, 25), None);
        let small = FailureBudget { limit: 5, ..budget };
        assert_eq!(small.to_tell(&failures(4, 0)), None);
        assert_eq!(small.to_tell(&failures(5, 0)), Some(5));
    }
}
