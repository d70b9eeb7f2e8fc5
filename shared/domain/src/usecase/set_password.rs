//! A person who proved who they are sets a new password.
//!
//! The token comes first: a forged one never reaches the hash. The change is one transaction, so there
//! is never a new password with old sessions, nor a spent token with the old password.

use tracing::field::Empty;

use super::accept_password::violations;
use crate::account::PasswordAccount;
use crate::challenge::TokenRefusal;
use crate::port::{Directory, PasswordChange, PasswordChecks, PasswordSetting, PasswordStore};
use crate::prf::Output;
use crate::{
    Call, Challenge, ChallengeId, Context, Device, DeviceId, DeviceToken, Fault, IdempotencyKey, KeyReused,
    Password, PasswordPolicy, RecoveryToken, State, Timestamp, Violation, idempotency,
};

/// The request of a person.
#[derive(Debug)]
pub struct NewPassword {
    /// Proves who they are.
    pub token: RecoveryToken,
    /// The password.
    pub password: Password,
    /// Makes the call safe to repeat.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The password is changed.
#[derive(Debug)]
pub struct PasswordSet {
    /// When.
    pub changed_at: Timestamp,
    /// Makes the device that it was set from a known one.
    pub device: DeviceToken,
}

/// Why it is not.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The token is unknown, expired, used, or its account has moved on.
    #[error("the verification token is not valid")]
    TokenInvalid,
    /// The password isn't good enough; the token stays good for nine more tries.
    #[error("the password was rejected")]
    Rejected(Vec<Violation>),
    /// The key came with another password.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct SetPassword<S, D, C> {
    /// The table.
    pub store: S,
    /// Takes the password.
    pub directory: D,
    /// Knows passwords that nobody should have.
    pub checks: C,
    /// Randomness, keys.
    pub context: Context,
    /// The requirements on the form of a password.
    pub policy: PasswordPolicy,
}

impl<S: PasswordStore, D: Directory, C: PasswordChecks> SetPassword<S, D, C> {
    /// Sets the password. Three round trips: the challenge, the account, the transaction.
    #[tracing::instrument(name = "set_password", skip_all, fields(challenge = Empty, account = Empty))]
    pub async fn run(&self, request: &NewPassword, now: Timestamp) -> Result<PasswordSet, SetPasswordError> {
        let (challenge, refusal) = self.proven(&request.token, now).await?;
        let issued = challenge.state.token().ok_or(SetPasswordError::TokenInvalid)?;
        let call = self.call(request)?;
        let earlier = idempotency::earlier(&challenge.idempotency_records, call.as_ref())?;
        // A token that its last rejection has spent still answers that rejection's call again.
        let is_verified = matches!(challenge.state, State::Verified { .. });
        if refusal.is_some() && !(is_verified && earlier.is_some()) {
            return self.repeated(&challenge, request, call.as_ref());
        }
        let armed = challenge.armed.ok_or(SetPasswordError::TokenInvalid)?;
        let may_recover = |account: &PasswordAccount| armed.may_recover(&account.standing);
        let Some(account) = self.store.account(armed.account).await?.filter(may_recover) else {
            return self.overtaken(request, call.as_ref()).await;
        };

        let token_hash = &issued.hash;
        let mut violations = violations(&self.policy, &self.checks, &request.password, &account).await;
        if violations.is_empty() {
            let record = call.as_ref().map(|call| call.fingerprint);
            let token = self.devices(request)?.into_iter().next();
            let token = token.ok_or_else(|| Fault::internal("no key to derive a device from"))?;
            let version = armed.credential_version.next();
            let device = Device::new(&token, armed.account, version, now, self.context.prf.as_ref())?;
            let change = PasswordChange { challenge: challenge.id, token_hash, armed, now, record, device };
            match self.directory.set_password(&account.entry(), &request.password, change).await? {
                PasswordSetting::Set => return Ok(PasswordSet { changed_at: now, device: token }),
                PasswordSetting::Overtaken => return self.overtaken(request, call.as_ref()).await,
                PasswordSetting::SameAsCurrent => violations.push(Violation::SameAsCurrent),
            }
        }
        // A rejection that is repeated was counted already, perhaps while this call was on its way.
        let counts = earlier.is_some()
            || self.store.note_rejection(challenge.id, token_hash, now, call.as_ref()).await?
            || self.is_noted(challenge.id, call.as_ref()).await?;
        Err(if counts { SetPasswordError::Rejected(violations) } else { SetPasswordError::TokenInvalid })
    }

    /// Until when a token allows a new password, for who has one and no password yet. It is not spent. Whether the account
    /// has moved on meanwhile is for [`Self::run`]. One round trip.
    #[tracing::instrument(name = "check_token", skip_all, fields(challenge = Empty, account = Empty))]
    pub async fn check(&self, token: &RecoveryToken, now: Timestamp) -> Result<Timestamp, SetPasswordError> {
        let (challenge, refusal) = self.proven(token, now).await?;
        let issued = challenge.state.token().filter(|_| refusal.is_none());
        issued.map(|token| token.expires_at).ok_or(SetPasswordError::TokenInvalid)
    }

    /// The challenge that a token is for, and whether it is spent.
    async fn proven(
        &self,
        token: &RecoveryToken,
        now: Timestamp,
    ) -> Result<(Challenge, Option<TokenRefusal>), SetPasswordError> {
        let challenge = self.store.challenge(token.id()).await?.ok_or(SetPasswordError::TokenInvalid)?;
        let issued = challenge.state.token().ok_or(SetPasswordError::TokenInvalid)?;
        let refusal = challenge.refuse_token(now);
        if !token.matches(self.context.prf.as_ref(), &issued.hash)
            || refusal.is_some_and(|refusal| refusal != TokenRefusal::Spent)
        {
            return Err(SetPasswordError::TokenInvalid);
        }
        self.context.note_challenge(challenge.id);
        self.context.note_account(challenge.armed.map(|armed| armed.account));
        Ok((challenge, refusal))
    }

    /// Whether the same call has left its record by now.
    async fn is_noted(&self, id: ChallengeId, call: Option<&Call>) -> Result<bool, SetPasswordError> {
        if call.is_none() {
            return Ok(false);
        }
        let challenge = self.store.challenge(id).await?;
        let records = challenge.as_ref().map_or(&[][..], |challenge| &challenge.idempotency_records);
        Ok(idempotency::earlier(records, call)?.is_some())
    }

    /// The account has moved on or the token was spent meanwhile: perhaps by the same call, in parallel.
    async fn overtaken(
        &self,
        request: &NewPassword,
        call: Option<&Call>,
    ) -> Result<PasswordSet, SetPasswordError> {
        match self.store.challenge(request.token.id()).await? {
            Some(challenge) if call.is_some() => self.repeated(&challenge, request, call),
            _ => Err(SetPasswordError::TokenInvalid),
        }
    }

    fn call(&self, request: &NewPassword) -> Result<Option<Call>, Fault> {
        let Some(key) = &request.idempotency_key else { return Ok(None) };
        // The token is part of the scope, so that nobody without it can try passwords against the record.
        let scope = request.token.reveal();
        let body = [request.password.reveal()];
        let prf = self.context.prf.as_ref();
        Call::of(prf, key, "password", scope.as_bytes(), &body).map(Some)
    }

    /// The device that the call makes known: with an idempotency key the same one each time, by each version of
    /// our own key.
    fn devices(&self, request: &NewPassword) -> Result<Vec<DeviceToken>, Fault> {
        let Some(key) = &request.idempotency_key else {
            let id = DeviceId::from_bytes(self.context.random_bytes()?);
            return Ok(vec![DeviceToken::new(id, self.context.random_bytes()?)]);
        };
        let (prf, scope) = (self.context.prf.as_ref(), request.token.reveal());
        let ids = key.derive(prf, "device", scope.as_bytes())?;
        let secrets = key.derive(prf, "device token", scope.as_bytes())?;
        let token = |(id, secret): (Output, &Output)| DeviceToken::new(DeviceId::of_output(&id), **secret);
        Ok(ids.into_iter().zip(&secrets).map(token).collect())
    }

    /// The answer to a call whose token is spent: as before, if this call spent it.
    fn repeated(
        &self,
        challenge: &Challenge,
        request: &NewPassword,
        call: Option<&Call>,
    ) -> Result<PasswordSet, SetPasswordError> {
        let (State::Used { call: Some(first), changed_at, .. }, Some(call)) = (&challenge.state, call) else {
            return Err(SetPasswordError::TokenInvalid);
        };
        let Some(same) = call.named(&first.name) else { return Err(SetPasswordError::TokenInvalid) };
        if first.fingerprint != same.fingerprint {
            return Err(KeyReused.into());
        }
        let devices = self.devices(request)?;
        let device = call.derived_with(&first.name, &devices).cloned();
        let device = device.ok_or_else(|| Fault::internal("a record of no known version"))?;
        Ok(PasswordSet { changed_at: *changed_at, device })
    }
}
