//! The hold after a recovery: for a while, what can't be undone waits.
//!
//! Whoever has recovered an account may be its thief, and the owner, who was told of it, needs time to object. The
//! application holds back what it can't take back, such as a payout to a new account.

use std::time::Duration;

use crate::Timestamp;

/// How long it lasts; none if that is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryHold(pub Duration);

impl RecoveryHold {
    /// Until when the hold of an account's last recovery lasts; `None` if it is over, or there was none. Another
    /// recovery begins it anew, and so never shortens it.
    #[must_use]
    pub fn until(self, recovered_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        recovered_at.map(|at| at.plus(self.0)).filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_begins_with_the_last_recovery_and_ends() {
        let at = Timestamp::from_unix;
        let hold = RecoveryHold(Duration::from_secs(100));
        assert_eq!(hold.until(None, at(0)), None);
        assert_eq!(hold.until(Some(at(10)), at(10)), Some(at(110)));
        assert_eq!(hold.until(Some(at(10)), at(109)), Some(at(110)));
        assert_eq!(hold.until(Some(at(10)), at(110)), None);
        assert_eq!(hold.until(Some(at(60)), at(61)), Some(at(160)), "the second of two");
        assert_eq!(RecoveryHold(Duration::ZERO).until(Some(at(10)), at(10)), None);
    }
}
