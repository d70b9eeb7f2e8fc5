//! A person types the code.
//!
//! Charge, compare, then make the transition: a guess is paid for before its result is known, so no
//! number of parallel guesses gets more of them evaluated than there are attempts (CVE-2023-47111).

use std::time::Duration;

use futures_util::future::join;
use tracing::Span;
use tracing::field::Empty;

use crate::port::{Charge, Redeemed, VerifyStore};
use crate::sms_limits::verified;
use crate::{
    Armed, Call, Challenge, ChallengeId, Code, Context, Counter, Fault, Generation, GuessPolicy,
    IdempotencyKey, IdempotencyRecord, KeyReused, Limited, Refusal, Scope, SourceAddress, State, Timestamp,
    VerificationToken, idempotency,
};

/// A guess.
#[derive(Debug)]
pub struct Guess {
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// The code.
    pub code: Code,
    /// Where the call comes from.
    pub source: SourceAddress,
    /// Makes the call safe to repeat.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The code was right.
#[derive(Debug)]
pub struct Verified {
    /// Allows one new password.
    pub token: VerificationToken,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// The seconds until then.
    pub expires_in: u64,
}

impl Verified {
    fn new(token: VerificationToken, expires_at: Timestamp, now: Timestamp) -> Self {
        Self { token, expires_at, expires_in: now.seconds_until(expires_at) }
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The guess was not taken, or was the last one and wrong.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The code is not the right one.
    #[error("the code is not the right one")]
    Incorrect {
        /// Guesses that are left, at least 1.
        attempts_remaining: u32,
    },
    /// The key came with another guess.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// Guessed too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct VerifyCode<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
    /// The codes, and the guesses at them.
    pub policy: GuessPolicy,
    /// Guesses from one address in an hour.
    pub guesses_per_address_per_hour: u32,
    /// How long the verification token works.
    pub token_lifetime: Duration,
}

/// A guess that was charged, now or by an earlier call with the same key.
struct Charged {
    challenge: Challenge,
    /// Guesses spent after it.
    attempts: u32,
    /// The generation that it was a guess at.
    generation: Generation,
}

impl<S: VerifyStore> VerifyCode<S> {
    /// Takes a guess. Two round trips for a wrong one, three for the right one.
    #[tracing::instrument(name = "verify_code", skip_all, fields(challenge = Empty, account = Empty, channel = Empty, guess = Empty))]
    pub async fn run(&self, guess: Guess, now: Timestamp) -> Result<Verified, VerifyError> {
        let prf = self.context.prf.as_ref();
        self.context.note_challenge(guess.challenge);
        let charged = self.charge(&guess, now).await?;
        let challenge = &charged.challenge;
        Span::current().record("channel", challenge.channel.as_str());
        self.context.note_account(challenge.owner().map(|owner| owner.account));

        // The code is derived and compared whether the challenge is armed or not, for the same time. A
        // guess at an earlier generation that was right would have ended the challenge then.
        let right = Code::of(challenge, prf, self.policy.code_length)?.ct_eq(&guess.code);
        let is_current = challenge.generation == charged.generation;
        match challenge.armed {
            Some(armed) if right.into() && is_current => self.grant(&charged, armed, &guess, now).await,
            _ => {
                Span::current().record("guess", "wrong");
                Err(self.incorrect(&charged))
            }
        }
    }

    /// Counts the caller's address, then charges the guess. A caller over the limit is refused before anything
    /// is charged, so that whoever shares an address with somebody who guesses loses time and no attempt. What
    /// is charged afterwards is never refunded: a parallel call with the same key could take it in between,
    /// and be free.
    async fn charge(&self, guess: &Guess, now: Timestamp) -> Result<Charged, VerifyError> {
        let prf = self.context.prf.as_ref();
        let call = match &guess.idempotency_key {
            None => None,
            Some(key) => {
                let body = [guess.code.reveal().as_bytes()];
                Some(Call::of(prf, key, "verify", guess.challenge.as_bytes(), &body)?)
            }
        };
        let by_address = Counter::new(
            Scope::GuessesByAddress,
            guess.source.subject(prf)?,
            self.guesses_per_address_per_hour,
            now,
        );
        if let Some(limited) = self.store.consume(vec![by_address]).await?.limited {
            return Err(limited.into());
        }
        let charge = self.store.charge_attempt(guess.challenge, now, &self.policy, call.as_ref()).await;
        let challenge = match charge? {
            Charge::Charged(challenge) => {
                let (attempts, generation) = (challenge.attempts, challenge.generation);
                return Ok(Charged { challenge, attempts, generation });
            }
            Charge::Refused(None) => return Err(Refusal::NotFound.into()),
            Charge::Refused(Some(challenge)) => challenge,
        };
        if let Some(refusal) = challenge.refuse_repeat(now) {
            return Err(refusal.into());
        }
        if let Some(&IdempotencyRecord { attempts, generation, .. }) =
            idempotency::earlier(&challenge.idempotency_records, call.as_ref())?
        {
            return Ok(Charged { challenge, attempts, generation });
        }
        let refusal = challenge.refuse_guess(now, &self.policy);
        Err(refusal.ok_or_else(|| Fault::internal("the store refused a guess that the rules allow"))?.into())
    }

    /// The right code: makes the transition, unless an earlier same call has made it.
    async fn grant(
        &self,
        charged: &Charged,
        armed: Armed,
        guess: &Guess,
        now: Timestamp,
    ) -> Result<Verified, VerifyError> {
        let prf = self.context.prf.as_ref();
        let challenge = &charged.challenge;
        let tokens: Vec<VerificationToken> = match &guess.idempotency_key {
            None => vec![VerificationToken::new(challenge.id, self.context.random_bytes()?)],
            Some(key) => {
                let secrets = key.derive(prf, "verification token", challenge.id.as_bytes())?;
                secrets.iter().map(|secret| VerificationToken::new(challenge.id, **secret)).collect()
            }
        };
        if !matches!(challenge.state, State::Open) {
            return self.granted_before(tokens, &challenge.state, now);
        }
        let token = tokens.first().cloned().ok_or_else(|| Fault::internal("no key to derive a token"))?;
        let hash = token.hash(prf)?;
        let expires_at = now.plus(self.token_lifetime);
        let (redeemed, _) = join(
            self.store.redeem(challenge, armed, &hash, now, expires_at),
            // Only feeds the breaker of SMS: trouble here mustn't cost the person the code.
            self.count_conversion(challenge, now),
        )
        .await;
        match redeemed? {
            Redeemed::Done => Ok(Verified::new(token, expires_at, now)),
            Redeemed::AlreadyUsed(state) => self.granted_before(tokens, &state, now),
            Redeemed::Stale => Err(self.incorrect(charged)),
        }
    }

    /// Counts a right code where its SMS was counted.
    async fn count_conversion(&self, challenge: &Challenge, now: Timestamp) -> Result<(), Fault> {
        match challenge.sms_sent_to {
            Some(to) => self.store.count_verified(verified(to, challenge.caller, now)).await,
            None => Ok(()),
        }
    }

    /// The challenge was verified before: by this very call, if one of its tokens is the one that was given
    /// out.
    fn granted_before(
        &self,
        tokens: Vec<VerificationToken>,
        state: &State,
        now: Timestamp,
    ) -> Result<Verified, VerifyError> {
        let Some(issued) = state.token().filter(|issued| !issued.is_over(now)) else {
            return Err(Refusal::Used.into());
        };
        let prf = self.context.prf.as_ref();
        match tokens.into_iter().find(|token| token.matches(prf, &issued.hash)) {
            Some(token) => Ok(Verified::new(token, issued.expires_at, now)),
            None => Err(Refusal::Used.into()),
        }
    }

    fn incorrect(&self, charged: &Charged) -> VerifyError {
        match self.policy.attempts.saturating_sub(charged.attempts) {
            0 => Refusal::AttemptsExhausted.into(),
            attempts_remaining => VerifyError::Incorrect { attempts_remaining },
        }
    }
}
