//! The challenge: one person's try to prove who they are with a one-time code.
//!
//! ```text
//!            resend (new generation)
//!             ┌────┐
//! request ─► Open ─┴─ right code ─► Verified ── new password ─► Used
//!             │ └─ wrong code: an attempt is spent
//!             └─ expired, attempts spent: refused for good
//! ```
//!
//! Every arrow is one conditional write of the store. The conditions there and [`Challenge::refuse_guess`]
//! here say the same; the store's conformance suite holds them together.

mod parts;
mod policy;

use std::ops::Deref;
use std::time::Duration;

use crate::outbox::{Lookup, WORTH_TRYING};
use crate::{
    CallFingerprint, CallerHash, ChallengeId, Channel, IdempotencyRecord, IdentifierHash, KeyVersion, Locale,
    SecretHash, SmsDestination, Timestamp,
};

pub use parts::{Armed, Generation, IssuedToken, Purpose, Salt, SendState, State};
pub use policy::{ChallengePolicy, GuessPolicy};

/// A challenge. It comes into being by [`Challenge::open`] or [`Challenge::of_link`], and out of the store; what it
/// holds can be read and not written, for every step of its life is a write of the store.
#[derive(Clone, Debug)]
pub struct Challenge(ChallengeRecord);

impl Deref for Challenge {
    type Target = ChallengeRecord;

    fn deref(&self) -> &ChallengeRecord {
        &self.0
    }
}

/// A challenge as the table holds it.
#[derive(Clone, Debug)]
pub struct ChallengeRecord {
    /// Names it; from a secure source, 128 bits.
    pub id: ChallengeId,
    /// The purpose.
    pub purpose: Purpose,
    /// The keyed hash of what was typed.
    pub identifier: IdentifierHash,
    /// Where the current code goes.
    pub channel: Channel,
    /// The current send.
    pub generation: Generation,
    /// The current send's salt.
    pub salt: Salt,
    /// The version of the key that derives its codes.
    pub code_key: KeyVersion,
    /// The language that was asked for, if any.
    pub locale: Option<Locale>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the current code was asked for.
    pub sent_at: Timestamp,
    /// When the current code stops working.
    pub expires_at: Timestamp,
    /// Guesses spent, over all sends.
    pub attempts: u32,
    /// Passwords that were rejected under its verification token.
    pub rejections: u32,
    /// Where it stands.
    pub state: State,
    /// The arming by delivery: an account, or a [decoy](Armed::decoy).
    pub armed: Option<Armed>,
    /// Where the delivery of the current send stands.
    pub send: SendState,
    /// The keyed hash of the postal code that was given, if it is asked for.
    pub postal_code: Option<SecretHash>,
    /// The network of whoever asked for the current send; a recovery link's is of no account.
    pub caller: Option<CallerHash>,
    /// Where an SMS of its last send went, or may have gone.
    pub sms_sent_to: Option<SmsDestination>,
    /// The calls with an idempotency key that changed it.
    pub idempotency_records: Vec<IdempotencyRecord>,
    /// The channels by which a message of it did not arrive: its next sends take the other one.
    pub undeliverable: Vec<Channel>,
}

/// How long an expired challenge still answers that it is over, before it answers that it isn't there.
pub const RETENTION: Duration = Duration::from_hours(24);

/// Rejected passwords that spend a verification token: enough for a person, too few to probe a list.
pub const REJECTIONS_PER_TOKEN: u32 = 10;

/// Why a challenge can't do what was asked, in the order in which they win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// There is none (any more).
    #[error("there is no such challenge")]
    NotFound,
    /// Its code was already verified.
    #[error("the challenge was used")]
    Used,
    /// Its code has expired.
    #[error("the challenge has expired")]
    Expired,
    /// All guesses are spent.
    #[error("no attempts are left")]
    AttemptsExhausted,
    /// All resends are spent.
    #[error("no resends are left")]
    ResendLimitReached {
        /// When the challenge expires: nothing changes before.
        expires_at: Timestamp,
    },
    /// The last send is too recent.
    #[error("the last code was sent too recently")]
    ResendTooSoon {
        /// When a resend is possible.
        available_at: Timestamp,
    },
}

/// Why a token allows no new password, in the order in which they win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// No code was verified.
    NotIssued,
    /// It has expired.
    Expired,
    /// It has set a password, or [`REJECTIONS_PER_TOKEN`] were rejected under it.
    Spent,
}

/// The parts of a new challenge.
#[derive(Debug)]
pub struct NewChallenge {
    /// Names it.
    pub id: ChallengeId,
    /// The purpose.
    pub purpose: Purpose,
    /// The keyed hash of what was typed.
    pub identifier: IdentifierHash,
    /// Where the code goes.
    pub channel: Channel,
    /// A fresh salt.
    pub salt: Salt,
    /// The version of the key that derives its codes.
    pub code_key: KeyVersion,
    /// The language that was asked for, if any.
    pub locale: Option<Locale>,
    /// The keyed hash of the postal code that was given, if it is asked for.
    pub postal_code: Option<SecretHash>,
    /// The network of whoever asks.
    pub caller: CallerHash,
    /// The record that the call leaves, if it came with an idempotency key.
    pub call: Option<CallFingerprint>,
    /// When it is requested.
    pub now: Timestamp,
}

/// The parts of a recovery link.
#[derive(Debug)]
pub struct NewLink {
    /// Named by the link's token.
    pub id: ChallengeId,
    /// The salt that the token is derived of, under this version of the key for codes.
    pub salt: Salt,
    /// See [`NewLink::salt`].
    pub code_key: KeyVersion,
    /// The keyed hash of the token.
    pub token_hash: SecretHash,
    /// The address that it goes to.
    pub identifier: IdentifierHash,
    /// The kind of that address.
    pub channel: Channel,
    /// The account that it recovers.
    pub armed: Armed,
    /// The language that was asked for, if any.
    pub locale: Option<Locale>,
    /// When it is made.
    pub now: Timestamp,
}

/// How long a recovery link works, from when it was sent first: as long as NIST SP 800-63B-4, section 4.2.1.2, lets
/// a recovery code sent by email.
pub const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// When a challenge that expires at a time may be purged.
#[must_use]
pub fn purge_at(expires_at: Timestamp) -> Timestamp {
    expires_at.plus(RETENTION)
}

impl Challenge {
    /// The challenge of a request: open, and its first send waits for delivery.
    #[must_use]
    pub fn open(new: NewChallenge, policy: &ChallengePolicy) -> Self {
        let NewChallenge { now, channel, .. } = new;
        let generation = Generation::FIRST;
        let record = |call| IdempotencyRecord { call, generation, attempts: 0, channel, at: now };
        Self(ChallengeRecord {
            id: new.id,
            purpose: new.purpose,
            identifier: new.identifier,
            channel,
            generation,
            salt: new.salt,
            code_key: new.code_key,
            locale: new.locale,
            created_at: now,
            sent_at: now,
            expires_at: policy.expiry(now, now),
            attempts: 0,
            rejections: 0,
            state: State::Open,
            armed: None,
            send: SendState::Pending,
            postal_code: new.postal_code,
            caller: Some(new.caller),
            sms_sent_to: None,
            idempotency_records: new.call.into_iter().map(record).collect(),
            undeliverable: Vec::new(),
        })
    }

    /// The challenge behind a recovery link: verified from the start, so that there is nothing to guess. Until the
    /// link is sent, nobody has its token; it lasts as long as that may take, and then [`LINK_LIFETIME`].
    #[must_use]
    pub fn of_link(link: NewLink) -> Self {
        let expires_at = link.now.plus(WORTH_TRYING).plus(LINK_LIFETIME);
        Self(ChallengeRecord {
            id: link.id,
            purpose: Purpose::PasswordReset,
            identifier: link.identifier,
            channel: link.channel,
            generation: Generation::FIRST,
            salt: link.salt,
            code_key: link.code_key,
            locale: link.locale,
            created_at: link.now,
            sent_at: link.now,
            expires_at,
            attempts: 0,
            rejections: 0,
            state: State::Verified { token: IssuedToken { hash: link.token_hash, expires_at } },
            armed: Some(link.armed),
            send: SendState::Over,
            postal_code: None,
            caller: None,
            sms_sent_to: None,
            idempotency_records: Vec::new(),
            undeliverable: Vec::new(),
        })
    }

    /// A challenge that a store has read.
    #[must_use]
    pub const fn from_record(record: ChallengeRecord) -> Self {
        Self(record)
    }

    /// When the item may be purged: what is asked of it from then on answers as if it had never been.
    #[must_use]
    pub fn purge_at(&self) -> Timestamp {
        purge_at(self.expires_at)
    }

    /// Whether it waits for a code that works at a time.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Open) && now < self.expires_at
    }

    /// Why a guess isn't taken at a time; `None` if it is. The one place for this rule and its order.
    #[must_use]
    pub fn refuse_guess(&self, now: Timestamp, policy: &GuessPolicy) -> Option<Refusal> {
        if now >= self.purge_at() {
            Some(Refusal::NotFound)
        } else if !matches!(self.state, State::Open) {
            Some(Refusal::Used)
        } else if now >= self.expires_at {
            Some(Refusal::Expired)
        } else if self.attempts >= policy.attempts {
            Some(Refusal::AttemptsExhausted)
        } else {
            None
        }
    }

    /// Why there is no resend at a time; `None` if there is. What refuses a guess wins.
    #[must_use]
    pub fn refuse_resend(&self, now: Timestamp, policy: &ChallengePolicy) -> Option<Refusal> {
        let available_at = self.sent_at.plus(policy.resend_cooldown);
        self.refuse_guess(now, &policy.guesses).or(if policy.resends_remaining(self.generation) == 0 {
            Some(Refusal::ResendLimitReached { expires_at: self.expires_at })
        } else if now < available_at {
            Some(Refusal::ResendTooSoon { available_at })
        } else {
            None
        })
    }

    /// Why the token that was given out for it allows no new password at a time; `None` if it does. The one place for
    /// this rule and its order.
    #[must_use]
    pub fn refuse_token(&self, now: Timestamp) -> Option<TokenRefusal> {
        let Some(token) = self.state.token() else { return Some(TokenRefusal::NotIssued) };
        if token.is_over(now) {
            Some(TokenRefusal::Expired)
        } else if matches!(self.state, State::Used { .. }) || self.rejections >= REJECTIONS_PER_TOKEN {
            Some(TokenRefusal::Spent)
        } else {
            None
        }
    }

    /// Why a call that changed it isn't answered again as before; `None` if it is. The answer lasts as long as
    /// what it speaks of: the code, or once that was verified, the token.
    #[must_use]
    pub fn refuse_repeat(&self, now: Timestamp) -> Option<Refusal> {
        if now >= self.purge_at() {
            Some(Refusal::NotFound)
        } else if matches!(self.state, State::Open) && now >= self.expires_at {
            Some(Refusal::Expired)
        } else {
            None
        }
    }

    /// The look-up that sends a recovery link in the place of its code, if its identifier is somebody's.
    #[must_use]
    pub fn link_instead(&self, now: Timestamp) -> Lookup {
        Lookup::recovery_link(self.identifier, self.postal_code.clone(), self.locale.clone(), now)
    }

    /// The account that it may recover, if it was armed for one.
    #[must_use]
    pub fn owner(&self) -> Option<Armed> {
        self.armed.filter(|armed| *armed != Armed::decoy(&self.identifier))
    }

    /// Whether a delivery of `generation` is still wanted at a time.
    #[must_use]
    pub fn wants_delivery(&self, generation: Generation, now: Timestamp) -> bool {
        self.send != SendState::Over && self.generation == generation && self.is_open(now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{challenge, policy, verified};

    fn at(challenge: &Challenge, seconds: i64) -> Timestamp {
        Timestamp::from_unix(challenge.created_at.as_unix() + seconds)
    }

    #[test]
    fn refusals_win_in_their_order() {
        let policy = policy();
        let mut c = challenge();
        assert_eq!(c.refuse_guess(at(&c, 599), &policy.guesses), None);
        assert_eq!(c.refuse_guess(at(&c, 600), &policy.guesses), Some(Refusal::Expired));
        c.0.attempts = 5;
        assert_eq!(c.refuse_guess(at(&c, 599), &policy.guesses), Some(Refusal::AttemptsExhausted));
        assert_eq!(c.refuse_guess(at(&c, 600), &policy.guesses), Some(Refusal::Expired));
        c.0.state = verified();
        assert_eq!(c.refuse_guess(at(&c, 600), &policy.guesses), Some(Refusal::Used));
        assert_eq!(c.refuse_guess(at(&c, 600 + 86_399), &policy.guesses), Some(Refusal::Used));
        assert_eq!(c.refuse_guess(at(&c, 600 + 86_400), &policy.guesses), Some(Refusal::NotFound));
    }

    #[test]
    fn an_answer_is_repeated_until_what_it_speaks_of_is_over() {
        let mut c = challenge();
        c.0.attempts = 5;
        assert_eq!(c.refuse_repeat(at(&c, 599)), None);
        assert_eq!(c.refuse_repeat(at(&c, 600)), Some(Refusal::Expired));
        assert_eq!(c.refuse_repeat(at(&c, 600 + 86_400)), Some(Refusal::NotFound));
        c.0.state = verified();
        assert_eq!(c.refuse_repeat(at(&c, 600)), None);
        assert_eq!(c.refuse_repeat(at(&c, 600 + 86_400)), Some(Refusal::NotFound));
    }

    #[test]
    fn a_token_allows_a_password_until_it_expires_or_is_spent() {
        let mut c = challenge();
        assert_eq!(c.refuse_token(at(&c, 0)), Some(TokenRefusal::NotIssued));
        c.0.state = verified();
        c.0.rejections = 9;
        assert_eq!([599, 600].map(|s| c.refuse_token(at(&c, s))), [None, Some(TokenRefusal::Expired)]);
        c.0.rejections = 10;
        let refusals = [599, 600].map(|s| c.refuse_token(at(&c, s)));
        assert_eq!(refusals, [Some(TokenRefusal::Spent), Some(TokenRefusal::Expired)]);
    }

    #[test]
    fn delivery_is_wanted_once_for_the_current_send() {
        let mut c = challenge();
        c.0.send = SendState::Pending;
        assert!(c.wants_delivery(Generation(1), at(&c, 0)));
        assert!(!c.wants_delivery(Generation(2), at(&c, 0)));
        assert!(!c.wants_delivery(Generation(1), at(&c, 600)));
        c.0.send = SendState::Sending;
        assert!(c.wants_delivery(Generation(1), at(&c, 0)), "an earlier try has failed");
        c.0.send = SendState::Over;
        assert!(!c.wants_delivery(Generation(1), at(&c, 0)));
    }

    #[test]
    fn a_resend_waits_and_runs_out_after_what_refuses_a_guess() {
        let policy = policy();
        let mut c = challenge();
        let available_at = at(&c, 60);
        assert_eq!(c.refuse_resend(at(&c, 59), &policy), Some(Refusal::ResendTooSoon { available_at }));
        assert_eq!(c.refuse_resend(at(&c, 60), &policy), None);
        c.0.generation = Generation(4);
        let expires_at = c.expires_at;
        let limit = Refusal::ResendLimitReached { expires_at };
        assert_eq!(c.refuse_resend(at(&c, 59), &policy), Some(limit));
        c.0.attempts = 5;
        assert_eq!(c.refuse_resend(at(&c, 59), &policy), Some(Refusal::AttemptsExhausted));
        assert_eq!(c.refuse_resend(at(&c, 600), &policy), Some(Refusal::Expired));
    }

    proptest! {
        #[test]
        fn a_refused_guess_stays_refused(
            attempts in 0_u32..8, used: bool, early in 0_i64..200_000, later in 0_i64..200_000
        ) {
            let policy = policy();
            let mut c = challenge();
            c.0.attempts = attempts;
            if used {
                c.0.state = verified();
            }
            let (early, later) = (early.min(later), early.max(later));
            if c.refuse_guess(at(&c, early), &policy.guesses).is_some() {
                prop_assert!(c.refuse_guess(at(&c, later), &policy.guesses).is_some());
            }
        }
    }
}
