//! A person asks for a code.
//!
//! No account is looked up: a known and an unknown identifier take the same steps here, and delivery
//! finds out later, where nobody can watch.

use crate::limit::{Counter, DAY, HOUR};
use crate::port::RequestStore;
use crate::{
    Challenge, ChallengeId, ChallengePolicy, Channel, Environment, Fault, Generation, Identifier,
    IdentifierHash, KeyUse, Limited, Limits, Locale, Purpose, Reference, Salt, SourceAddress, State,
    Timestamp,
};

/// What a person asks for.
#[derive(Debug)]
pub struct Request {
    /// Who they say they are.
    pub identifier: Identifier,
    /// Where they want the code; the identifier's own kind by default.
    pub channel: Option<Channel>,
    /// What it is for.
    pub purpose: Purpose,
    /// The language they read.
    pub locale: Option<Locale>,
    /// Where the call comes from.
    pub source: SourceAddress,
}

/// What a person is told about a challenge, the same whether there is an account or not.
#[derive(Debug, PartialEq, Eq)]
pub struct Requested {
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
    /// When another can be asked for, if at all.
    pub resend_available_at: Option<Timestamp>,
    /// Guesses that are left.
    pub attempts_remaining: u32,
    /// Resends that are left.
    pub resends_remaining: u32,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Asked for too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct RequestCode<S> {
    /// The table.
    pub store: S,
    /// Time, randomness, keys.
    pub environment: Environment,
    /// The numbers of a challenge's life.
    pub policy: ChallengePolicy,
    /// How often it may be asked for.
    pub limits: Limits,
}

impl<S: RequestStore> RequestCode<S> {
    /// Opens a challenge. Two rounds: the counters together, then the challenge.
    pub async fn run(&self, request: Request) -> Result<Requested, RequestError> {
        let Environment { clock, prf, .. } = &self.environment;
        let now = clock.now();
        let identifier = IdentifierHash::of(prf.as_ref(), &request.identifier)?;

        let counters = self.counters(&identifier, request.source, now)?;
        if let Some(limited) = self.store.count(counters).await?.limited {
            return Err(limited.into());
        }

        let challenge = Challenge {
            id: ChallengeId::from_bytes(self.environment.random_bytes()?),
            purpose: request.purpose,
            identifier,
            channel: request.channel.unwrap_or(request.identifier.channel()),
            generation: Generation(1),
            salt: Salt::from_bytes(self.environment.random_bytes()?),
            code_key: prf.current(KeyUse::Code),
            locale: request.locale,
            created_at: now,
            expires_at: self.policy.expiry(now, now),
            attempts: 0,
            rejections: 0,
            state: State::Open,
            armed: None,
            pending: true,
        };
        let answer = self.describe(&challenge, now)?;
        self.store.open_challenge(&challenge).await?;
        Ok(answer)
    }

    fn counters(
        &self,
        identifier: &IdentifierHash,
        source: SourceAddress,
        now: Timestamp,
    ) -> Result<Vec<Counter>, Fault> {
        let limits = &self.limits;
        Ok(vec![
            Counter::of_identifier(
                "request-hour",
                identifier,
                HOUR,
                limits.requests_per_identifier_per_hour,
                now,
            ),
            Counter::of_identifier(
                "request-day",
                identifier,
                DAY,
                limits.requests_per_identifier_per_day,
                now,
            ),
            Counter::of_address(
                "request-address",
                source,
                HOUR,
                limits.requests_per_address_per_hour,
                now,
                self.environment.prf.as_ref(),
            )?,
        ])
    }

    fn describe(&self, challenge: &Challenge, sent_at: Timestamp) -> Result<Requested, Fault> {
        let resends_remaining = challenge.resends_remaining(&self.policy);
        Ok(Requested {
            id: challenge.id,
            channel: challenge.channel,
            reference: Reference::of(challenge, self.environment.prf.as_ref())?,
            code_length: self.policy.code_length.digits(),
            expires_at: challenge.expires_at,
            resend_available_at: (resends_remaining > 0).then(|| sent_at.plus(self.policy.resend_cooldown)),
            attempts_remaining: challenge.attempts_remaining(&self.policy),
            resends_remaining,
        })
    }
}
