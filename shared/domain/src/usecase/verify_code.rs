//! A person types the code.
//!
//! Charge, compare, then make the transition: a guess is paid for before its result is known, so no
//! number of parallel guesses gets more of them evaluated than there are attempts (CVE-2023-47111).

use futures_util::future::join;

use crate::limit::{Counter, HOUR};
use crate::port::{Charge, Redeemed, VerifyStore};
use crate::{
    Armed, Challenge, ChallengeId, ChallengePolicy, Code, Environment, Fault, Limited, Limits, Refusal,
    SourceAddress, Timestamp, VerificationToken,
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
}

/// The code was right.
#[derive(Debug)]
pub struct Verified {
    /// Allows one new password.
    pub token: VerificationToken,
    /// When it stops working.
    pub expires_at: Timestamp,
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
    /// Guessed too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct VerifyCode<S> {
    /// The table.
    pub store: S,
    /// Time, randomness, keys.
    pub environment: Environment,
    /// The numbers of a challenge's life.
    pub policy: ChallengePolicy,
    /// How often it may be tried.
    pub limits: Limits,
}

impl<S: VerifyStore> VerifyCode<S> {
    /// Takes a guess. One round for a wrong one, two for the right one.
    pub async fn run(&self, guess: Guess) -> Result<Verified, VerifyError> {
        let now = self.environment.clock.now();
        let challenge = self.charge(&guess, now).await?;

        // The code is derived and compared whether the challenge is armed or not, for the same time.
        let prf = self.environment.prf.as_ref();
        let right = Code::of(&challenge, prf, self.policy.code_length)?.ct_eq(&guess.code);
        match challenge.armed {
            Some(armed) if right.into() => self.redeem(&challenge, armed, now).await,
            _ => Err(self.incorrect(&challenge)),
        }
    }

    /// Charges the guess and counts the caller's address in the same round. A caller over its limit has
    /// its guess given back: it was never compared.
    async fn charge(&self, guess: &Guess, now: Timestamp) -> Result<Challenge, VerifyError> {
        let by_address = Counter::of_address(
            "verify-address",
            guess.source,
            HOUR,
            self.limits.verifies_per_address_per_hour,
            now,
            self.environment.prf.as_ref(),
        )?;
        let (counted, charge) = join(
            self.store.count(vec![by_address]),
            self.store.charge_attempt(guess.challenge, now, &self.policy),
        )
        .await;
        let charge = charge?;
        if let Some(limited) = counted?.limited {
            if let Charge::Charged(challenge) = charge {
                self.store.refund_attempt(challenge.id).await?;
            }
            return Err(limited.into());
        }
        match charge {
            Charge::Charged(challenge) => Ok(challenge),
            Charge::Refused(None) => Err(Refusal::NotFound.into()),
            Charge::Refused(Some(challenge)) => Err(challenge
                .refuse_guess(now, &self.policy)
                .ok_or_else(|| Fault::internal("the store refused a guess that the rules allow"))?
                .into()),
        }
    }

    async fn redeem(
        &self,
        challenge: &Challenge,
        armed: Armed,
        now: Timestamp,
    ) -> Result<Verified, VerifyError> {
        let token = VerificationToken::new(challenge.id, self.environment.random_bytes()?);
        let hash = token.hash(self.environment.prf.as_ref())?;
        let expires_at = now.plus(self.policy.token_lifetime);
        match self.store.redeem(challenge, armed, &hash, expires_at).await? {
            Redeemed::Done => Ok(Verified { token, expires_at }),
            Redeemed::AlreadyUsed => Err(Refusal::Used.into()),
            Redeemed::Stale => Err(self.incorrect(challenge)),
        }
    }

    fn incorrect(&self, challenge: &Challenge) -> VerifyError {
        match challenge.attempts_remaining(&self.policy) {
            0 => Refusal::AttemptsExhausted.into(),
            attempts_remaining => VerifyError::Incorrect { attempts_remaining },
        }
    }
}
