//! The numbers of a challenge's life.

use std::time::Duration;

use crate::{CodeLength, Generation, Timestamp};

/// The numbers of a challenge's life. Durations are whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct ChallengePolicy {
    /// Its codes, and the guesses at them.
    pub guesses: GuessPolicy,
    /// How long a code works.
    pub code_lifetime: Duration,
    /// How long a challenge can be extended by resends, from its request.
    pub challenge_lifetime: Duration,
    /// Resends.
    pub resends: u32,
    /// Wait before a resend.
    pub resend_cooldown: Duration,
}

/// The codes of a challenge, and the guesses at them.
#[derive(Clone, Copy, Debug)]
pub struct GuessPolicy {
    /// Digits in a code.
    pub code_length: CodeLength,
    /// Guesses, over all sends.
    pub attempts: u32,
}

impl ChallengePolicy {
    /// Resends that are left after the send of a generation.
    #[must_use]
    pub fn resends_remaining(&self, generation: Generation) -> u32 {
        self.resends.saturating_sub(generation.0.saturating_sub(1))
    }

    /// When a code that is sent at `now` stops working, for a challenge that was requested at `created_at`.
    #[must_use]
    pub fn expiry(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        now.plus(self.code_lifetime).min(created_at.plus(self.challenge_lifetime))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::policy;

    #[test]
    fn a_send_lives_ten_minutes_and_a_challenge_thirty() {
        let policy = policy();
        let created_at = Timestamp::from_unix(1_800_000_000);
        let at = |seconds| created_at.plus(Duration::from_secs(seconds));
        assert_eq!(policy.expiry(created_at, at(0)), at(600));
        assert_eq!(policy.expiry(created_at, at(1_100)), at(1_700));
        assert_eq!(policy.expiry(created_at, at(1_500)), at(1_800));
    }
}
