//! The budget of guesses: how many an account stands until its owner succeeds.
//!
//! A challenge takes guesses once it is armed for an account, so what is counted is the challenges that are armed. An
//! account's budget is one, whatever the identifier, channel or caller, and a new password starts it again.

use crate::{Armed, Challenge, Counter, GuessPolicy, Scope, Timestamp};

/// The most failures in a row that an account may take (NIST SP 800-63B-4, section 3.2.2).
pub const MAX_GUESSES: u32 = 100;

/// How many challenges may be armed for an account.
#[derive(Clone, Copy, Debug)]
pub struct GuessBudget {
    /// In a day.
    pub challenges_per_day: u32,
    /// Since its last success, a new password.
    pub challenges_since_success: u32,
}

impl GuessBudget {
    /// The guesses at codes that an account takes until its owner succeeds: at most [`MAX_GUESSES`], which is checked
    /// where the settings are read.
    #[must_use]
    pub const fn max_guesses(&self, policy: &GuessPolicy) -> u32 {
        self.challenges_since_success.saturating_mul(policy.attempts)
    }

    /// The charge for arming a challenge. A challenge that is armed again, for a resend, is charged once; nobody's is
    /// charged where nothing is ever refused.
    #[must_use]
    pub fn charge(&self, challenge: &Challenge, armed: Armed, now: Timestamp) -> GuessCharge {
        let is_decoy = armed == Armed::decoy(&challenge.identifier);
        let is_charged = challenge.armed == Some(armed);
        let limited = |limit| if is_decoy || is_charged { u32::MAX } else { limit };
        GuessCharge {
            per_day: Counter::new(Scope::Armed, armed.account, limited(self.challenges_per_day), now),
            since_success: if is_decoy {
                SinceSuccess::Decoy(Counter::new(Scope::Decoys, challenge.identifier, u32::MAX, now))
            } else {
                SinceSuccess::Account { limit: limited(self.challenges_since_success) }
            },
            challenges: u32::from(!is_charged),
        }
    }
}

/// The charge for arming a challenge to a [`GuessBudget`].
#[derive(Clone, Debug)]
pub struct GuessCharge {
    /// The challenges of the day.
    pub per_day: Counter,
    /// Those since the last success.
    pub since_success: SinceSuccess,
    /// The number added to both: 1, or 0 if an earlier send of the challenge was charged.
    pub challenges: u32,
}

/// Where challenges count that were armed since the last success.
#[derive(Clone, Debug)]
pub enum SinceSuccess {
    /// In the account.
    Account {
        /// The most.
        limit: u32,
    },
    /// In a counter in its place: nobody's challenge takes the same writes.
    Decoy(Counter),
}

impl SinceSuccess {
    /// Whether an account is refused another challenge that has had so many.
    #[must_use]
    pub const fn is_spent(&self, challenges: u32) -> bool {
        match self {
            Self::Account { limit } => challenges >= *limit,
            Self::Decoy(counter) => counter.is_full(challenges),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{but, challenge, policy};
    use crate::{AccountId, CredentialVersion};

    const BUDGET: GuessBudget = GuessBudget { challenges_per_day: 10, challenges_since_success: 20 };

    #[test]
    fn an_account_stands_so_many_guesses_as_its_challenges_have_together() {
        assert_eq!(BUDGET.max_guesses(&policy().guesses), MAX_GUESSES);
        let without_end = GuessBudget { challenges_since_success: u32::MAX, ..BUDGET };
        assert_eq!(without_end.max_guesses(&policy().guesses), u32::MAX);
    }

    #[test]
    fn a_challenge_is_charged_once_and_nobodys_is_never_refused() {
        let now = Timestamp::from_unix(1_800_000_000);
        let armed =
            Armed { account: AccountId::from_bytes([9; 16]), credential_version: CredentialVersion(1) };
        let first = BUDGET.charge(&challenge(), armed, now);
        assert_eq!((first.challenges, first.per_day.limit()), (1, 10));
        assert!(!first.since_success.is_spent(19) && first.since_success.is_spent(20));
        let again = BUDGET.charge(&but(&challenge(), |record| record.armed = Some(armed)), armed, now);
        assert_eq!((again.challenges, again.per_day.limit()), (0, u32::MAX));
        assert!(!again.since_success.is_spent(1_000));
        let decoy = BUDGET.charge(&challenge(), Armed::decoy(&challenge().identifier), now);
        assert_eq!((decoy.challenges, decoy.per_day.limit()), (1, u32::MAX));
        assert!(matches!(decoy.since_success, SinceSuccess::Decoy(_)));
    }
}
