//! A person asks for a code.
//!
//! No account is looked up: a known and an unknown identifier take the same steps here, and delivery
//! finds out later, where nobody can watch.

use futures_util::future::{join3, try_join, try_join_all};
use tracing::field::Empty;

use super::challenge_view::{ChallengeView, SendAttempt};
use crate::challenge::{ChallengeRecord, NewChallenge};
use crate::limit::PerHourAndDay;
use crate::port::RequestStore;
use crate::{
    Call, Challenge, ChallengeId, ChallengePolicy, Channel, Consumed, Context, Fault, Generation,
    IdempotencyKey, Identifier, IdentifierHash, KeyReused, KeyUse, Limited, Locale, PostalCode, Purpose,
    Refusal, RequestLimits, Salt, SourceAddress, Timestamp, idempotency,
};

/// The request of a person.
#[derive(Debug)]
pub struct Request {
    /// The claimed identifier.
    pub identifier: Identifier,
    /// Where they want the code; the identifier's own kind by default.
    pub channel: Option<Channel>,
    /// The purpose.
    pub purpose: Purpose,
    /// The language they read.
    pub locale: Option<Locale>,
    /// The postal code, where it is asked for.
    pub postal_code: Option<PostalCode>,
    /// Where the call comes from.
    pub source: SourceAddress,
    /// Makes the call safe to repeat.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// A postal code is asked of everyone, and none was given.
    #[error("a postal code is required")]
    PostalCodeRequired,
    /// The key came with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The same call was answered before, and what it was told is over.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Asked for too often, for this identifier. A link is queued for whoever has it, if anybody has.
    #[error("codes are refused for the identifier")]
    Limited(#[source] Limited),
    /// Asked for too often, by this caller.
    #[error("codes are refused to the caller")]
    CallerLimited(#[source] Limited),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Whether a request must come with a postal code, which delivery then checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostalCodeCheck {
    /// It is accepted and ignored.
    Off,
    /// It is required of everyone alike.
    Required,
}

/// The use case.
pub struct RequestCode<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
    /// The numbers of a challenge's life.
    pub policy: ChallengePolicy,
    /// How often it may be asked for.
    pub limits: RequestLimits,
    /// Whether a postal code is asked for.
    pub postal_code_check: PostalCodeCheck,
}

/// A challenge to be opened, and what makes the call safe to repeat.
struct Opening {
    challenge: Challenge,
    call: Option<Call>,
    /// The challenge's id if an earlier same call made it under another version of our key.
    other_ids: Vec<ChallengeId>,
}

/// The facts known before a challenge is opened.
struct Before {
    /// The challenge that an earlier same call opened.
    earlier: Option<Challenge>,
    by_identifier: Consumed,
    by_caller: Consumed,
}

impl<S: RequestStore> RequestCode<S> {
    /// Opens a challenge. Two round trips: the counters together, then the challenge.
    #[tracing::instrument(name = "request_code", skip_all, fields(challenge = Empty, channel = Empty, reference = Empty))]
    pub async fn run(&self, request: Request, now: Timestamp) -> Result<ChallengeView, RequestError> {
        let opening = self.opening(&request, now)?;
        let (challenge, call) = (&opening.challenge, opening.call.as_ref());
        self.context.note_challenge(challenge.id);
        tracing::Span::current().record("channel", challenge.channel.as_str());

        let Before { earlier, by_identifier, by_caller } = self.count(&opening, request.source, now).await?;
        // The caller first: what it asks for again counts too, and over its limit nothing is queued for anybody.
        if let Some(limited) = by_caller.limited {
            self.store.refund(by_identifier.consumed).await?;
            return Err(RequestError::CallerLimited(limited));
        }
        if let Some(earlier) = earlier {
            return self.repeat(&earlier, call, by_identifier, now).await;
        }
        if let Some(limited) = by_identifier.limited {
            let link = challenge.link_instead(now);
            // A request that is refused counts nowhere: else the refusals of an hour would use up the day.
            try_join(self.store.refund(by_identifier.consumed), self.store.queue(&link)).await?;
            return Err(RequestError::Limited(limited));
        }
        match self.store.open_challenge(challenge, &opening.other_ids).await? {
            None => Ok(self.answer(challenge, challenge.channel, now)?),
            // The same call came in parallel, or the store has tried again after an answer that was lost.
            Some(earlier) => self.repeat(&earlier, call, by_identifier, now).await,
        }
    }

    /// The challenge to open. With an idempotency key its id comes out of the key, so that the same call
    /// meets the same item.
    fn opening(&self, request: &Request, now: Timestamp) -> Result<Opening, RequestError> {
        let prf = self.context.prf.as_ref();
        let identifier = IdentifierHash::of(prf, &request.identifier)?;
        let channel = request.channel.unwrap_or(request.identifier.channel());
        let postal_code = match (self.postal_code_check, &request.postal_code) {
            (PostalCodeCheck::Off, _) => None,
            (PostalCodeCheck::Required, None) => return Err(RequestError::PostalCodeRequired),
            (PostalCodeCheck::Required, Some(postal_code)) => Some(postal_code.hash(prf)?),
        };
        let (id, other_ids, call) = match &request.idempotency_key {
            None => (ChallengeId::from_bytes(self.context.random_bytes()?), Vec::new(), None),
            Some(key) => {
                let scope = idempotency::scope_of(&request.identifier);
                let ids = key.derive(prf, "challenge id", &scope)?;
                let mut ids = ids.iter().map(ChallengeId::of_output);
                let id = ids.next().ok_or_else(|| Fault::internal("no key to derive an id"))?;
                let body = [
                    channel.as_str().as_bytes(),
                    request.purpose.as_str().as_bytes(),
                    request.locale.as_ref().map_or("", Locale::as_str).as_bytes(),
                    request.postal_code.as_ref().map_or("", PostalCode::as_str).as_bytes(),
                ];
                let call = Call::of(prf, key, "request", &scope, &body)?;
                (id, ids.collect(), Some(call))
            }
        };
        let new = NewChallenge {
            id,
            purpose: request.purpose,
            identifier,
            channel,
            salt: Salt::from_bytes(self.context.random_bytes()?),
            code_key: prf.current(KeyUse::Code),
            locale: request.locale.clone(),
            postal_code,
            caller: request.source.site_hash(prf)?,
            call: call.as_ref().map(|call| call.fingerprint),
            now,
        };
        let challenge = Challenge::open(new, &self.policy);
        Ok(Opening { challenge, call, other_ids })
    }

    /// Counts the request and, if it may be a repeated one, looks for the first in the same round.
    async fn count(&self, opening: &Opening, source: SourceAddress, now: Timestamp) -> Result<Before, Fault> {
        let limits = &self.limits;
        let ChallengeRecord { identifier, postal_code, .. } = &*opening.challenge;
        let PerHourAndDay { hour, day } = limits.per_identifier(identifier, postal_code.as_ref(), now);
        let by_caller = limits.per_address.counter(source, now, self.context.prf.as_ref())?;
        // Without a key there is no earlier call to look for.
        let ids = opening
            .call
            .iter()
            .flat_map(|_| std::iter::once(&opening.challenge.id).chain(&opening.other_ids));
        let (earlier, by_identifier, by_caller) = join3(
            try_join_all(ids.map(|id| self.store.challenge(*id))),
            self.store.consume(vec![hour, day]),
            self.store.consume(vec![by_caller]),
        )
        .await;
        // What may be purged is as if it had never been, and makes way for a challenge of the same id.
        let is_remembered = |challenge: &Challenge| now < challenge.purge_at();
        let earlier = earlier?.into_iter().flatten().find(is_remembered);
        Ok(Before { earlier, by_identifier: by_identifier?, by_caller: by_caller? })
    }

    /// Answers as the first of several same calls was answered, for as long as that holds, and takes back what this
    /// one counted for the identifier.
    async fn repeat(
        &self,
        earlier: &Challenge,
        call: Option<&Call>,
        counted: Consumed,
        now: Timestamp,
    ) -> Result<ChallengeView, RequestError> {
        self.store.refund(counted.consumed).await?;
        let record = idempotency::earlier(&earlier.idempotency_records, call)?
            .ok_or_else(|| Fault::internal("a challenge with this id exists already"))?;
        let answer = self.answer(earlier, record.channel, now)?;
        if now < answer.expires_at { Ok(answer) } else { Err(Refusal::Expired.into()) }
    }

    /// The answer to the first send of a challenge.
    fn answer(
        &self,
        challenge: &Challenge,
        channel: Channel,
        now: Timestamp,
    ) -> Result<ChallengeView, Fault> {
        let send =
            SendAttempt { generation: Generation::FIRST, channel, at: challenge.created_at, attempts: 0 };
        ChallengeView::of(challenge, send, &self.policy, self.context.prf.as_ref(), now)
    }
}
