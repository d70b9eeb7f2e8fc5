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

use std::time::Duration;

use crate::account::FIRST_CREDENTIAL;
use crate::outbox::WORTH_TRYING;
use crate::{
    AccountId, CallMark, CallerHash, ChallengeId, Channel, CodeLength, CredentialVersion, IdentifierHash,
    KeyVersion, Locale, Mark, SecretHash, SmsDestination, Timestamp,
};

/// What a challenge is for; a token of one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set a new password without the old one.
    PasswordReset,
}

impl Purpose {
    /// The word for it in the contract and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::PasswordReset.as_str()).then_some(Self::PasswordReset)
    }
}

/// Which send of a challenge a code belongs to; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u32);

/// 128 random bits, fresh for each send, that go into the code: the key alone gives no code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 16]);

impl Salt {
    /// From random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(redacted)")
    }
}

/// The account that a challenge may recover, noted by delivery once the account's budget allowed it. A
/// challenge that isn't armed yet, or is armed with a [decoy](Armed::decoy), never verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// Whose challenge it is.
    pub account: AccountId,
    /// The version of the password when it was armed; a later one makes the code worthless.
    pub credential_version: CredentialVersion,
}

impl Armed {
    /// What a challenge that nobody may recover by is armed with, so that it looks like any other: an account that
    /// can't be, named by the identifier. Account ids are 128 random bits, so none is ever this one.
    #[must_use]
    pub fn decoy(identifier: &IdentifierHash) -> Self {
        let id = identifier.as_bytes().first_chunk().copied().unwrap_or_default();
        Self { account: AccountId::from_bytes(id), credential_version: FIRST_CREDENTIAL }
    }
}

/// Where the delivery of a challenge's current send stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// It waits for delivery.
    Pending,
    /// Delivery has armed the challenge and is about to send, or has failed to.
    Sending,
    /// It needs no delivery any more.
    Over,
}

/// Where a challenge stands.
#[derive(Clone, Debug)]
pub enum State {
    /// Waits for its code.
    Open,
    /// The code was right; the token allows one new password until it expires.
    Verified {
        /// The keyed hash of the verification token.
        token_hash: SecretHash,
        /// When the token stops working.
        token_expires_at: Timestamp,
    },
    /// A new password was set.
    Used {
        /// The keyed hash of the token that set it.
        token_hash: SecretHash,
        /// Until when the same call gets the same answer.
        token_expires_at: Timestamp,
        /// When it was set.
        changed_at: Timestamp,
        /// The call that set it, if it came with an idempotency key.
        call: Option<CallMark>,
    },
}

/// A challenge as the table holds it.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Names it; from a secure source, 128 bits.
    pub id: ChallengeId,
    /// What it is for.
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
    /// What delivery has armed it with: an account, or a [decoy](Armed::decoy).
    pub armed: Option<Armed>,
    /// Where the delivery of the current send stands.
    pub send: SendState,
    /// The keyed hash of the postal code that was given, if it is asked for.
    pub postal_code: Option<SecretHash>,
    /// The network of whoever asked for the current send; a recovery link's is of no account.
    pub caller: Option<CallerHash>,
    /// Where an SMS of its last send went, or may have gone.
    pub texted_to: Option<SmsDestination>,
    /// The calls with an idempotency key that changed it.
    pub marks: Vec<Mark>,
    /// The channels by which a message of it did not arrive: its next sends take the other one.
    pub undeliverable: Vec<Channel>,
}

/// The numbers of a challenge's life. Durations are whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct ChallengePolicy {
    /// Digits in a code.
    pub code_length: CodeLength,
    /// How long a code works.
    pub code_lifetime: Duration,
    /// How long a challenge can be extended by resends, from its request.
    pub challenge_lifetime: Duration,
    /// Guesses, over all sends.
    pub attempts: u32,
    /// Resends.
    pub resends: u32,
    /// Wait before a resend.
    pub resend_cooldown: Duration,
    /// How long the verification token works.
    pub token_lifetime: Duration,
}

/// How long an expired challenge still answers that it is over, before it answers that it isn't there.
pub const REMEMBERED: Duration = Duration::from_hours(24);

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

/// What a recovery link is made of.
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

impl Challenge {
    /// The challenge behind a recovery link: verified from the start, so that there is nothing to guess. Until the
    /// link is sent, nobody has its token; it lasts as long as that may take, and then [`LINK_LIFETIME`].
    #[must_use]
    pub fn of_link(link: NewLink) -> Self {
        let NewLink { id, salt, code_key, token_hash, identifier, channel, armed, locale, now } = link;
        let expires_at = now.plus(WORTH_TRYING).plus(LINK_LIFETIME);
        Self {
            id,
            purpose: Purpose::PasswordReset,
            identifier,
            channel,
            generation: Generation(1),
            salt,
            code_key,
            locale,
            created_at: now,
            sent_at: now,
            expires_at,
            attempts: 0,
            rejections: 0,
            state: State::Verified { token_hash, token_expires_at: expires_at },
            armed: Some(armed),
            send: SendState::Over,
            postal_code: None,
            caller: None,
            texted_to: None,
            marks: Vec::new(),
            undeliverable: Vec::new(),
        }
    }

    /// When the item may be purged: what is asked of it from then on answers as if it had never been.
    #[must_use]
    pub fn purge_at(&self) -> Timestamp {
        self.expires_at.plus(REMEMBERED)
    }

    /// Why a guess isn't taken at a time; `None` if it is. The one place for this rule and its order.
    #[must_use]
    pub fn refuse_guess(&self, now: Timestamp, policy: &ChallengePolicy) -> Option<Refusal> {
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
        self.refuse_guess(now, policy).or(if policy.resends_remaining(self.generation) == 0 {
            Some(Refusal::ResendLimitReached { expires_at: self.expires_at })
        } else if now < available_at {
            Some(Refusal::ResendTooSoon { available_at })
        } else {
            None
        })
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

    /// The account that it may recover, if it was armed for one.
    #[must_use]
    pub fn owner(&self) -> Option<Armed> {
        self.armed.filter(|armed| *armed != Armed::decoy(&self.identifier))
    }

    /// Whether a delivery of `generation` is still wanted at a time.
    #[must_use]
    pub fn wants_delivery(&self, generation: Generation, now: Timestamp) -> bool {
        self.send != SendState::Over
            && self.generation == generation
            && matches!(self.state, State::Open)
            && now < self.expires_at
    }
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
        assert_eq!(c.refuse_guess(at(&c, 599), &policy), None);
        assert_eq!(c.refuse_guess(at(&c, 600), &policy), Some(Refusal::Expired));
        c.attempts = 5;
        assert_eq!(c.refuse_guess(at(&c, 599), &policy), Some(Refusal::AttemptsExhausted));
        assert_eq!(c.refuse_guess(at(&c, 600), &policy), Some(Refusal::Expired));
        c.state = verified();
        assert_eq!(c.refuse_guess(at(&c, 600), &policy), Some(Refusal::Used));
        assert_eq!(c.refuse_guess(at(&c, 600 + 86_399), &policy), Some(Refusal::Used));
        assert_eq!(c.refuse_guess(at(&c, 600 + 86_400), &policy), Some(Refusal::NotFound));
    }

    #[test]
    fn an_answer_is_repeated_until_what_it_speaks_of_is_over() {
        let mut c = challenge();
        c.attempts = 5;
        assert_eq!(c.refuse_repeat(at(&c, 599)), None);
        assert_eq!(c.refuse_repeat(at(&c, 600)), Some(Refusal::Expired));
        assert_eq!(c.refuse_repeat(at(&c, 600 + 86_400)), Some(Refusal::NotFound));
        c.state = verified();
        assert_eq!(c.refuse_repeat(at(&c, 600)), None);
        assert_eq!(c.refuse_repeat(at(&c, 600 + 86_400)), Some(Refusal::NotFound));
    }

    #[test]
    fn a_send_lives_ten_minutes_and_a_challenge_thirty() {
        let policy = policy();
        let c = challenge();
        assert_eq!(policy.expiry(c.created_at, at(&c, 0)), at(&c, 600));
        assert_eq!(policy.expiry(c.created_at, at(&c, 1_100)), at(&c, 1_700));
        assert_eq!(policy.expiry(c.created_at, at(&c, 1_500)), at(&c, 1_800));
    }

    #[test]
    fn delivery_is_wanted_once_for_the_current_send() {
        let mut c = challenge();
        c.send = SendState::Pending;
        assert!(c.wants_delivery(Generation(1), at(&c, 0)));
        assert!(!c.wants_delivery(Generation(2), at(&c, 0)));
        assert!(!c.wants_delivery(Generation(1), at(&c, 600)));
        c.send = SendState::Sending;
        assert!(c.wants_delivery(Generation(1), at(&c, 0)), "an earlier try has failed");
        c.send = SendState::Over;
        assert!(!c.wants_delivery(Generation(1), at(&c, 0)));
    }

    #[test]
    fn a_resend_waits_and_runs_out_after_what_refuses_a_guess() {
        let policy = policy();
        let mut c = challenge();
        let available_at = at(&c, 60);
        assert_eq!(c.refuse_resend(at(&c, 59), &policy), Some(Refusal::ResendTooSoon { available_at }));
        assert_eq!(c.refuse_resend(at(&c, 60), &policy), None);
        c.generation = Generation(4);
        let expires_at = c.expires_at;
        let limit = Refusal::ResendLimitReached { expires_at };
        assert_eq!(c.refuse_resend(at(&c, 59), &policy), Some(limit));
        c.attempts = 5;
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
            c.attempts = attempts;
            if used {
                c.state = verified();
            }
            let (early, later) = (early.min(later), early.max(later));
            if c.refuse_guess(at(&c, early), &policy).is_some() {
                prop_assert!(c.refuse_guess(at(&c, later), &policy).is_some());
            }
        }
    }
}
