//! The challenge as a person sees it, after a request and after a resend.

use tracing::Span;

use crate::{Challenge, ChallengeId, ChallengePolicy, Channel, Fault, Generation, Prf, Reference, Timestamp};

/// A send, the same whether there is an account or not.
#[derive(Debug, PartialEq, Eq)]
pub struct ChallengeView {
    /// Names the challenge.
    pub id: ChallengeId,
    /// Where the code goes.
    pub channel: Channel,
    /// Stands in the message too.
    pub reference: Reference,
    /// Digits in the code.
    pub code_length: usize,
    /// When the code stops working.
    pub expires_at: Timestamp,
    /// The seconds until then.
    pub expires_in: u64,
    /// When another can be asked for, if at all.
    pub resend_available_at: Option<Timestamp>,
    /// The seconds until then.
    pub resend_available_in: Option<u64>,
    /// Guesses that are left.
    pub attempts_remaining: u32,
    /// Resends that are left.
    pub resends_remaining: u32,
}

/// Which send of a challenge: the current one, or an earlier one whose answer is asked for again.
#[derive(Clone, Copy, Debug)]
pub(super) struct SendAttempt {
    pub(super) generation: Generation,
    pub(super) channel: Channel,
    pub(super) at: Timestamp,
    /// Guesses spent when it was asked for.
    pub(super) attempts: u32,
}

impl ChallengeView {
    /// The answer to a send, at a time. But for the seconds, which count from then, it depends on nothing but
    /// the challenge and the send, so that it can be given again. The reference is noted in the current span.
    pub(super) fn of(
        challenge: &Challenge,
        send: SendAttempt,
        policy: &ChallengePolicy,
        prf: &dyn Prf,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let resends_remaining = policy.resends_remaining(send.generation);
        let expires_at = policy.expiry(challenge.created_at, send.at);
        let resend_available_at = (resends_remaining > 0).then(|| send.at.plus(policy.resend_cooldown));
        let reference = Reference::of(challenge, send.generation, prf)?;
        Span::current().record("reference", reference.as_str());
        Ok(Self {
            id: challenge.id,
            channel: send.channel,
            reference,
            code_length: policy.guesses.code_length.digits(),
            expires_at,
            expires_in: now.seconds_until(expires_at),
            resend_available_at,
            resend_available_in: resend_available_at.map(|at| now.seconds_until(at)),
            attempts_remaining: policy.guesses.attempts.saturating_sub(send.attempts),
            resends_remaining,
        })
    }
}
