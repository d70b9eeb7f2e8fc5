//! Fault injection: which sends fail, and how. What a fault looks like to the sender stands with each service
//! (`ses`, `sns`), how faults are set in `api::faults`.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::inbox::{Channel, normalize_address};

/// How many faults can be set at once.
pub(crate) const FAULT_LIMIT: usize = 1_000;

/// The fate of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Refused for now: too many requests.
    Throttle,
    /// Refused for now: the service failed.
    ServerError,
    /// Never answered, nothing kept, until the client gives up or the gateway shuts down.
    Hang,
    /// Kept, but the connection breaks before the answer, so the sender cannot know.
    DropAfterAccept,
    /// Taken, but the address does not exist: nothing is kept, and the service tells later, by an event.
    Bounce,
    /// Refused for good and at once: the recipient does not want messages.
    OptedOut,
    /// Refused until the operator mends something: the sender is not verified, or a permission is missing.
    Operator,
    /// The account has spent what it may. SES refuses at once; SNS takes the message, loses it, and tells later.
    QuotaSpent,
}

impl Kind {
    /// Every kind, in the order of the page.
    pub(crate) const ALL: [Self; 8] = [
        Self::Bounce,
        Self::OptedOut,
        Self::Throttle,
        Self::ServerError,
        Self::Hang,
        Self::DropAfterAccept,
        Self::Operator,
        Self::QuotaSpent,
    ];

    /// The name, as `/faults` has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::ServerError => "server_error",
            Self::Hang => "hang",
            Self::DropAfterAccept => "drop_after_accept",
            Self::Bounce => "bounce",
            Self::OptedOut => "opted_out",
            Self::Operator => "operator",
            Self::QuotaSpent => "quota_spent",
        }
    }

    /// The meaning in a few words, for a list to choose from.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Throttle => "refused for now: too many requests",
            Self::ServerError => "refused for now: the service fails",
            Self::Hang => "never answered",
            Self::DropAfterAccept => "kept, and the connection breaks before the answer",
            Self::Bounce => "taken, and the address does not exist",
            Self::OptedOut => "refused for good: the person wants no messages",
            Self::Operator => "refused until an operator mends it",
            Self::QuotaSpent => "the account has spent what it may",
        }
    }
}

/// A fault as it is set and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Only sends of this channel.
    #[serde(default)]
    pub(crate) channel: Option<Channel>,
    /// Only sends to this address.
    #[serde(default)]
    pub(crate) to: Option<String>,
    #[serde(rename = "fault")]
    pub(crate) kind: Kind,
    /// How many more matching sends it applies to; all, when absent.
    #[serde(default)]
    pub(crate) count: Option<NonZeroU32>,
    /// The probability that a matching send fails, above 0 and at most 1.
    #[serde(default = "always")]
    pub(crate) rate: f64,
}

fn always() -> f64 {
    1.0
}

/// Why a fault cannot be set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum FaultError {
    #[error("rate must be above 0 and at most 1")]
    Rate,
    #[error("to must be an email address or a phone number")]
    To,
    #[error("there are {FAULT_LIMIT} faults already; clear them with DELETE /faults")]
    TooMany,
}

/// The faults in force. At most one for each pair of channel and address.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    fault: Fault,
    dice: Dice,
}

impl Faults {
    /// Sets a fault, in place of the earlier one for the same channel and address.
    ///
    /// Its dice start anew, so the same fault and the same sends give the same failures.
    pub(crate) fn set(&mut self, mut fault: Fault) -> Result<(), FaultError> {
        if !(fault.rate > 0.0 && fault.rate <= 1.0) {
            return Err(FaultError::Rate);
        }
        fault.to = fault.to.as_deref().map(normalize_address);
        if fault.to.as_ref().is_some_and(String::is_empty) {
            return Err(FaultError::To);
        }
        self.active.retain(|active| (active.fault.channel, &active.fault.to) != (fault.channel, &fault.to));
        if self.active.len() >= FAULT_LIMIT {
            return Err(FaultError::TooMany);
        }
        self.active.push(Active { fault, dice: Dice::default() });
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    /// The faults in force, `count` being what is left.
    pub(crate) fn list(&self) -> Vec<&Fault> {
        self.active.iter().map(|active| &active.fault).collect()
    }

    /// The fault that a send meets, if any.
    ///
    /// The most specific matching fault decides: one for an address before one for a channel before one for all.
    /// It counts the send down whether or not its dice let it fail.
    pub(crate) fn strike(&mut self, channel: Channel, recipients: &[String]) -> Option<Kind> {
        let recipients: Vec<String> = recipients.iter().map(|to| normalize_address(to)).collect();
        let (index, _) = self
            .active
            .iter()
            .enumerate()
            .filter(|(_, active)| active.fault.channel.is_none_or(|wanted| wanted == channel))
            .filter(|(_, active)| active.fault.to.as_ref().is_none_or(|to| recipients.contains(to)))
            .max_by_key(|(_, active)| (active.fault.to.is_some(), active.fault.channel.is_some()))?;
        let active = self.active.get_mut(index)?;
        let struck = active.dice.roll() < active.fault.rate;
        let kind = active.fault.kind;
        if let Some(count) = active.fault.count {
            match NonZeroU32::new(count.get() - 1) {
                Some(left) => active.fault.count = Some(left),
                None => drop(self.active.remove(index)),
            }
        }
        struck.then_some(kind)
    }
}

/// A repeatable sequence of numbers: [SplitMix64](https://prng.di.unimi.it/splitmix64.c) from a fixed seed.
#[derive(Debug, Default)]
struct Dice {
    state: u64,
}

impl Dice {
    /// The next number, at least 0 and below 1.
    fn roll(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let upper = u32::try_from(mixed >> 32).unwrap_or_default();
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: Kind) -> Fault {
        Fault { channel: None, to: None, kind, count: None, rate: 1.0 }
    }

    fn anna() -> Vec<String> {
        vec!["anna@example.com".to_owned()]
    }

    #[test]
    fn a_kind_is_set_by_the_name_that_it_is_told_by() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn a_count_runs_out() {
        let mut faults = Faults::default();
        faults.set(Fault { count: NonZeroU32::new(2), ..fault(Kind::Throttle) }).unwrap();
        let struck: Vec<_> = (0..3).map(|_| faults.strike(Channel::Email, &anna())).collect();
        assert_eq!(struck, [Some(Kind::Throttle), Some(Kind::Throttle), None]);
        assert!(faults.list().is_empty());
    }

    #[test]
    fn the_most_specific_fault_decides() {
        let mut faults = Faults::default();
        faults.set(Fault { to: Some(" Anna@Example.com".to_owned()), ..fault(Kind::Bounce) }).unwrap();
        faults.set(Fault { channel: Some(Channel::Email), ..fault(Kind::Throttle) }).unwrap();
        faults.set(fault(Kind::ServerError)).unwrap();
        assert_eq!(faults.strike(Channel::Email, &anna()), Some(Kind::Bounce));
        assert_eq!(faults.strike(Channel::Email, &["bo@example.com".to_owned()]), Some(Kind::Throttle));
        assert_eq!(faults.strike(Channel::Sms, &["+46700000000".to_owned()]), Some(Kind::ServerError));
    }

    #[test]
    fn a_fault_replaces_its_like() {
        let mut faults = Faults::default();
        faults.set(fault(Kind::Hang)).unwrap();
        faults.set(fault(Kind::Throttle)).unwrap();
        assert_eq!(faults.list(), [&fault(Kind::Throttle)]);
    }

    #[test]
    fn a_rate_strikes_about_that_often_and_repeatably() {
        let run = || {
            let mut faults = Faults::default();
            faults.set(Fault { rate: 0.25, ..fault(Kind::Throttle) }).unwrap();
            (0..1_000).map(|_| faults.strike(Channel::Email, &anna()).is_some()).collect::<Vec<_>>()
        };
        let struck = run().iter().filter(|struck| **struck).count();
        assert!((200..300).contains(&struck), "{struck}");
        assert_eq!(run(), run());
    }

    #[test]
    fn bad_faults_are_refused() {
        let mut faults = Faults::default();
        for rate in [0.0, -0.5, 1.01, f64::NAN] {
            assert_eq!(faults.set(Fault { rate, ..fault(Kind::Hang) }), Err(FaultError::Rate));
        }
        assert_eq!(faults.set(Fault { to: Some("  ".to_owned()), ..fault(Kind::Hang) }), Err(FaultError::To));
        for n in 0..FAULT_LIMIT {
            faults.set(Fault { to: Some(n.to_string()), ..fault(Kind::Hang) }).unwrap();
        }
        assert_eq!(faults.set(fault(Kind::Hang)), Err(FaultError::TooMany));
    }
}
