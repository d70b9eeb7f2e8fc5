//! A person asks for the code again, or by the other channel.
//!
//! A new send has a new code; the old one stops working in the same write, and spent guesses stay spent.

use futures_util::future::join;
use tracing::field::Empty;

use super::challenge_view::{ChallengeView, SendAttempt};
use crate::port::{Resend, ResendStore, Resent};
use crate::{
    Call, Challenge, ChallengeId, ChallengePolicy, Channel, Context, Fault, IdempotencyKey, KeyReused,
    Limited, Refusal, RequestsPerAddress, Salt, SourceAddress, Timestamp, idempotency,
};

/// The request of a person.
#[derive(Debug)]
pub struct ResendRequest {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// Where they want the code now; as before by default.
    pub channel: Option<Channel>,
    /// Where the call comes from.
    pub source: SourceAddress,
    /// Makes the call safe to repeat.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Why there is no new code.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The challenge doesn't allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key came with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// Asked for too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct ResendCode<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
    /// The numbers of a challenge's life.
    pub policy: ChallengePolicy,
    /// Requests and resends from one address.
    pub per_address: RequestsPerAddress,
}

impl<S: ResendStore> ResendCode<S> {
    /// Starts the next send. Two round trips: the counter and the challenge together, then the write.
    #[tracing::instrument(name = "resend_code", skip_all, fields(challenge = Empty, channel = Empty, reference = Empty))]
    pub async fn run(&self, request: ResendRequest, now: Timestamp) -> Result<ChallengeView, ResendError> {
        let prf = self.context.prf.as_ref();
        self.context.note_challenge(request.challenge);
        let call = match &request.idempotency_key {
            None => None,
            Some(key) => {
                let body = [request.channel.map_or("", Channel::as_str).as_bytes()];
                Some(Call::of(prf, key, "resend", request.challenge.as_bytes(), &body)?)
            }
        };
        let by_address = self.per_address.counter(request.source, now, prf)?;
        let (challenge, counted) =
            join(self.store.challenge(request.challenge), self.store.consume(vec![by_address])).await;
        let (challenge, counted) = (challenge?, counted?);

        // The caller first: what it asks for again counts too.
        if let Some(limited) = counted.limited {
            return Err(limited.into());
        }
        if let Some(answer) = self.repeat(challenge.as_ref(), call.as_ref(), now)? {
            return Ok(answer);
        }
        let challenge = challenge.ok_or(Refusal::NotFound)?;
        if let Some(refusal) = challenge.refuse_resend(now, &self.policy) {
            return Err(refusal.into());
        }
        let resend = Resend {
            challenge: &challenge,
            channel: request.channel.unwrap_or(challenge.channel),
            salt: Salt::from_bytes(self.context.random_bytes()?),
            now,
            expires_at: self.policy.expiry(challenge.created_at, now),
            policy: &self.policy,
            caller: request.source.site_hash(prf)?,
            call: call.clone(),
        };
        tracing::Span::current().record("channel", resend.channel.as_str());
        match self.store.resend(resend).await? {
            Resent::Done(challenge) => Ok(self.answer(&challenge, now)?),
            Resent::Refused(current) => self.refused(current, call.as_ref(), now),
        }
    }

    /// The write met another challenge than the one that was read: somebody was faster.
    fn refused(
        &self,
        current: Option<Challenge>,
        call: Option<&Call>,
        now: Timestamp,
    ) -> Result<ChallengeView, ResendError> {
        if let Some(answer) = self.repeat(current.as_ref(), call, now)? {
            return Ok(answer);
        }
        let current = current.ok_or(Refusal::NotFound)?;
        // Without a cool-down nothing but the faster resend itself is in the way: this one is too soon after it.
        let available_at = current.sent_at.plus(self.policy.resend_cooldown);
        let too_soon = Refusal::ResendTooSoon { available_at };
        Err(current.refuse_resend(now, &self.policy).unwrap_or(too_soon).into())
    }

    /// The answer that an earlier same call was given, for as long as it is given.
    fn repeat(
        &self,
        challenge: Option<&Challenge>,
        call: Option<&Call>,
        now: Timestamp,
    ) -> Result<Option<ChallengeView>, ResendError> {
        let Some(challenge) = challenge.filter(|c| c.refuse_repeat(now).is_none()) else { return Ok(None) };
        let Some(record) = idempotency::earlier(&challenge.idempotency_records, call)? else {
            return Ok(None);
        };
        let send = SendAttempt {
            generation: record.generation,
            channel: record.channel,
            at: record.at,
            attempts: record.attempts,
        };
        let answer = ChallengeView::of(challenge, send, &self.policy, self.context.prf.as_ref(), now)?;
        if now < answer.expires_at { Ok(Some(answer)) } else { Err(Refusal::Expired.into()) }
    }

    fn answer(&self, challenge: &Challenge, now: Timestamp) -> Result<ChallengeView, Fault> {
        let send = SendAttempt {
            generation: challenge.generation,
            channel: challenge.channel,
            at: challenge.sent_at,
            attempts: challenge.attempts,
        };
        ChallengeView::of(challenge, send, &self.policy, self.context.prf.as_ref(), now)
    }
}
