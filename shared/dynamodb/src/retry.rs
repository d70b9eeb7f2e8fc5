//! Retries of what meets a transaction: one policy, for single writes and for transactions.
//!
//! The SDK tries again by itself what is throttled or gets no answer, as its client is set to. It takes a conflict for
//! final, and would wait too long after one: docs/measurements.md has both.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

/// The longest pauses before the second, the third and the fourth try, in milliseconds. Then the caller is told to come
/// back.
const PAUSES: [u64; 3] = [40, 80, 160];

/// Sends, again while it meets a conflict, within the policy.
pub(crate) async fn past_conflicts<T, F: Future<Output = T>>(
    send: impl Fn() -> F,
    is_conflict: impl Fn(&T) -> bool,
) -> T {
    for longest in PAUSES {
        let result = send().await;
        if !is_conflict(&result) {
            return result;
        }
        tokio::time::sleep(jittered(longest)).await;
    }
    send().await
}

/// A pause of any length up to the longest ("full jitter": Amazon Builders' Library, "Timeouts, retries, and backoff
/// with jitter"), so that those who met don't meet again. Nothing else depends on the chance in it.
fn jittered(longest: u64) -> Duration {
    Duration::from_millis(RandomState::new().hash_one(longest) % (longest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_none_is_longer_than_the_longest() {
        let pauses: Vec<_> = (0..100).map(|_| jittered(160)).collect();
        assert!(pauses.iter().all(|pause| *pause <= Duration::from_millis(160)));
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}
