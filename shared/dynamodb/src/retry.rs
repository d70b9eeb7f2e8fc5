//! Retries of what meets a transaction, for single writes and for transactions, by [`Backoff::CONFLICT`].
//!
//! The SDK tries again by itself what is throttled or gets no answer, as its client is set to. It takes a conflict for
//! final, and would wait too long after one: docs/measurements.md has both.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use regain_domain::Backoff;

/// Tries of a write that meets conflicts. Then the caller is told to come back.
const TRIES: u32 = 4;

/// Sends, again while it meets a conflict, within the policy.
pub(crate) async fn past_conflicts<T, F: Future<Output = T>>(
    send: impl Fn() -> F,
    is_conflict: impl Fn(&T) -> bool,
) -> T {
    for failed_before in 0..TRIES - 1 {
        let result = send().await;
        if !is_conflict(&result) {
            return result;
        }
        tokio::time::sleep(Backoff::CONFLICT.pause(failed_before, chance())).await;
    }
    send().await
}

/// Any number. It shortens a pause, and nothing else depends on it.
fn chance() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_differs_from_try_to_try() {
        let first = chance();
        assert!((0..100).any(|_| chance() != first));
    }
}
