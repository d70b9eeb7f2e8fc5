//! Ports for requests, resends and guesses, by intent.

use std::future::Future;

use super::Counters;
use super::sms::ConversionStore;
use crate::outbox::Lookup;
use crate::{
    Armed, Call, CallerHash, Challenge, ChallengeId, ChallengePolicy, Channel, Fault, GuessPolicy, Salt,
    SecretHash, State, Timestamp,
};

/// The table's operations for `request-code`. It can't read accounts.
pub trait RequestStore: Counters {
    /// The challenge that an idempotency key names, if an earlier call made it.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// Queues a look-up, unless one of its name is there.
    fn queue(&self, lookup: &Lookup) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Adds a challenge; if there is one of its id or of another of these ids already, gives that.
    fn open_challenge(
        &self,
        challenge: &Challenge,
        other_ids: &[ChallengeId],
    ) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;
}

/// The table's operations for `resend-code`. It can't read accounts.
pub trait ResendStore: Counters {
    /// The challenge.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// Starts the next send of a challenge for which [`Challenge::refuse_resend`] says nothing and that
    /// nobody has resent since it was read.
    fn resend(&self, resend: Resend<'_>) -> impl Future<Output = Result<Resent, Fault>> + Send;
}

/// A send to be started.
#[derive(Debug)]
pub struct Resend<'a> {
    /// The challenge as it was read.
    pub challenge: &'a Challenge,
    /// Where the code goes.
    pub channel: Channel,
    /// A fresh salt.
    pub salt: Salt,
    /// When.
    pub now: Timestamp,
    /// When the code stops working.
    pub expires_at: Timestamp,
    /// The numbers of a challenge's life.
    pub policy: &'a ChallengePolicy,
    /// The network of whoever asks for it.
    pub caller: CallerHash,
    /// The call, if it came with an idempotency key.
    pub call: Option<Call>,
}

/// The result of a resend.
#[derive(Debug)]
pub enum Resent {
    /// The next send is on its way; the challenge is as it stands after that.
    Done(Challenge),
    /// It was not started; the challenge as it stands, if there is one.
    Refused(Option<Challenge>),
}

/// The result of charging a guess.
#[derive(Debug)]
pub enum Charge {
    /// The guess was charged; the challenge is as it stands after that.
    Charged(Challenge),
    /// It was not; the challenge as it stands, if there is one.
    Refused(Option<Challenge>),
}

/// The table's operations for `verify-code`.
pub trait VerifyStore: Counters + ConversionStore {
    /// Charges one guess to a challenge for which [`Challenge::refuse_guess`] says nothing and that no call
    /// with the same key has charged already.
    fn charge_attempt(
        &self,
        id: ChallengeId,
        now: Timestamp,
        policy: &GuessPolicy,
        call: Option<&Call>,
    ) -> impl Future<Output = Result<Charge, Fault>> + Send;

    /// In one transaction: the challenge, still open, of the same generation and not expired, becomes
    /// verified, and its account still has the credential version that it was armed with.
    fn redeem(
        &self,
        challenge: &Challenge,
        armed: Armed,
        token_hash: &SecretHash,
        now: Timestamp,
        token_expires_at: Timestamp,
    ) -> impl Future<Output = Result<Redeemed, Fault>> + Send;
}

/// The result of a right code.
#[derive(Debug)]
pub enum Redeemed {
    /// The challenge is verified.
    Done,
    /// Somebody was faster with the same code; where the challenge stands since.
    AlreadyUsed(State),
    /// The code is no longer the challenge's, or the account has moved on: it is as good as a wrong one.
    Stale,
}
