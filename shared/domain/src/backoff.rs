//! Pauses between tries. They double up to a longest one, and chance takes up to a half off each, so that those who
//! failed together don't come back together ("equal jitter": AWS Architecture Blog, "Exponential Backoff And Jitter").

use std::time::Duration;

/// The pauses of one kind of retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// For a write that meets a transaction on its item, which is over within milliseconds.
    pub const CONFLICT: Self = Self { first: Duration::from_millis(40), longest: Duration::from_millis(160) };
    /// For the outbox of an account whose messages can't be sent now. An email whose answer is lost arrives each time.
    pub const OUTBOX: Self = Self { first: Duration::from_secs(2), longest: Duration::from_mins(5) };

    /// The pause after a failure that has had so many others before it. `chance` may be any number: it decides how much,
    /// to the millisecond and at most a half, is taken off.
    #[must_use]
    pub fn pause(&self, failed_before: u32, chance: u64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failed_before)).min(self.longest);
        let half = u64::try_from(doubled.as_millis() / 2).unwrap_or(u64::MAX - 1);
        doubled.saturating_sub(Duration::from_millis(chance % (half + 1)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = |failed_before| Backoff::OUTBOX.pause(failed_before, 0).as_secs();
        assert_eq!(
            [seconds(0), seconds(1), seconds(7), seconds(8), seconds(u32::MAX)],
            [2, 4, 256, 300, 300]
        );
        let milliseconds = |failed_before| Backoff::CONFLICT.pause(failed_before, 0).as_millis();
        assert_eq!([milliseconds(0), milliseconds(1), milliseconds(2), milliseconds(3)], [40, 80, 160, 160]);
    }

    proptest! {
        #[test]
        fn chance_takes_off_a_half_at_the_most(failed_before: u32, chance: u64) {
            for backoff in [Backoff::CONFLICT, Backoff::OUTBOX] {
                let whole = backoff.pause(failed_before, 0);
                let pause = backoff.pause(failed_before, chance);
                prop_assert!(whole / 2 <= pause && pause <= whole);
            }
        }
    }
}
