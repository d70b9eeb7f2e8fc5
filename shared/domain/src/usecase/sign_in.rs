//! A person signs in.
//!
//! Four round trips: the caller's network is counted, identifier and device read side by side; the account; the try
//! charged, and the password compared; the session, a new device and what the try was charged, side by side. An unknown
//! identifier and a disabled account take the same. Two round trips more where the owner is to be told of failures.
//! The limits are those of [`SignInLimits`].

use std::time::Duration;

use futures_util::future::{join, join3};
use tracing::field::Empty;

use crate::account::SignInAccount;
use crate::outbox::Lookup;
use crate::port::{Directory, DirectoryEntry, FailureCharge, SignInStore};
use crate::sign_in::FailureRefusal;
use crate::{
    Context, Device, DeviceId, DeviceToken, FailureBudget, Failures, Fault, Identifier, IdentifierHash,
    Limited, Password, Session, SessionId, SessionToken, SignInLimits, SourceAddress, Timestamp,
};

/// A try to sign in.
#[derive(Debug)]
pub struct SignInRequest {
    /// The claimed identifier.
    pub identifier: Identifier,
    /// The password.
    pub password: Password,
    /// The client's device token, if it sends one.
    pub device: Option<ClaimedDevice>,
    /// Where the call comes from.
    pub source: SourceAddress,
}

/// A text that a client calls a device token. It may be anything.
#[derive(Debug)]
pub struct ClaimedDevice(Option<DeviceToken>);

impl ClaimedDevice {
    /// Takes any text: what can't be read is a stranger's, and no error.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(DeviceToken::parse(text))
    }
}

/// A person is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Proves it.
    pub token: SessionToken,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The seconds until then.
    pub expires_in: u64,
    /// The device: the known one that was claimed, or one that is known from now on.
    pub device: DeviceToken,
}

/// Why a person is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account has this identifier and this password. Which of the two is wrong, nobody is told.
    #[error("identifier or password is wrong")]
    CredentialsInvalid,
    /// There were too many failures for the identifier: no password is compared any more.
    #[error("the identifier's failures are spent")]
    RecoveryRequired,
    /// Tried too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The budget that a try was charged to.
enum Charged {
    /// A known device.
    Device(DeviceToken),
    /// The identifier's failures, which stand so after it.
    Failures(FailureBudget, Failures),
}

/// The use case.
pub struct SignIn<S, D> {
    /// The table.
    pub store: S,
    /// Knows the password.
    pub directory: D,
    /// Randomness, keys.
    pub context: Context,
    /// How often it may be tried.
    pub limits: SignInLimits,
    /// How long a session lasts at the most.
    pub lifetime: Duration,
}

impl<S: SignInStore, D: Directory> SignIn<S, D> {
    /// Signs in.
    #[tracing::instrument(name = "sign_in", skip_all, fields(account = Empty))]
    pub async fn run(&self, request: SignInRequest, now: Timestamp) -> Result<SignedIn, SignInError> {
        let prf = self.context.prf.as_ref();
        let identifier = IdentifierHash::of(prf, &request.identifier)?;
        let tries = self.limits.tries(request.source, now, prf)?;
        let (counted, owner, device) = join3(
            self.store.consume(vec![tries]),
            self.store.owner(&identifier),
            self.claimed(request.device),
        )
        .await;
        if let Some(limited) = counted?.limited {
            return Err(limited.into());
        }

        let account = self.store.account_of(&identifier, owner?).await?;
        let device = device?;
        let standing = account.as_ref().map(|account| &account.standing);
        let budget = self.limits.failures(identifier, standing, request.source, now, prf)?;
        let account = account.filter(|account| account.standing.is_active());
        self.context.note_account(account.as_ref().map(|account| account.standing.id));
        let is_known =
            |device: &Device| account.as_ref().is_some_and(|a| device.is_known_to(&a.standing, now));
        let known = device.filter(|(_, device)| is_known(device));
        let charged = self.charge(known.map(|(token, _)| token), budget).await?;

        let entry = account.as_ref().map_or_else(|| DirectoryEntry::decoy(&identifier), SignInAccount::entry);
        let is_right = self.directory.verify(&entry, &request.password).await?;
        let Some(account) = account.filter(|_| is_right) else {
            if let Charged::Failures(budget, failures) = &charged {
                self.tell(budget, failures).await?;
            }
            return Err(SignInError::CredentialsInvalid);
        };
        Ok(self.open(&account, charged, now).await?)
    }

    /// The device of a token, if it is its token. A text that isn't one is looked up as a token of nobody's.
    async fn claimed(&self, claimed: Option<ClaimedDevice>) -> Result<Option<(DeviceToken, Device)>, Fault> {
        let Some(ClaimedDevice(token)) = claimed else { return Ok(None) };
        let token = token.map_or_else(|| self.new_device(), Ok)?;
        let device = self.store.device(token.id()).await?;
        let device = device.filter(|device| token.matches(self.context.prf.as_ref(), &device.secret_hash));
        Ok(device.map(|device| (token, device)))
    }

    fn new_device(&self) -> Result<DeviceToken, Fault> {
        let id = DeviceId::from_bytes(self.context.random_bytes()?);
        Ok(DeviceToken::new(id, self.context.random_bytes()?))
    }

    /// Charges the try before its password is compared: to a known device, if it is still good for one, else to the
    /// identifier's failures.
    async fn charge(
        &self,
        known: Option<DeviceToken>,
        budget: FailureBudget,
    ) -> Result<Charged, SignInError> {
        if let Some(token) = known
            && self.store.charge_device(token.id(), budget.now).await?
        {
            return Ok(Charged::Device(token));
        }
        let failures = match self.store.charge_failure(&budget).await? {
            FailureCharge::Charged(failures) => return Ok(Charged::Failures(budget, failures)),
            FailureCharge::Refused(failures) => failures,
        };
        self.tell(&budget, &failures).await?;
        Err(match budget.refusal(&failures) {
            Some(FailureRefusal::RecoveryRequired) => SignInError::RecoveryRequired,
            Some(FailureRefusal::Limited(limited)) => limited.into(),
            None => Fault::internal("the store refused a sign-in that the rules allow").into(),
        })
    }

    /// Tells whoever has the identifier of its failures, if it is time to. Queued first and noted then: what breaks off
    /// in between is queued again, under the same name.
    async fn tell(&self, budget: &FailureBudget, failures: &Failures) -> Result<(), Fault> {
        let Some(count) = budget.to_tell(failures) else { return Ok(()) };
        self.store.queue(&Lookup::sign_in_failures(budget, count)).await?;
        self.store.note_told(budget, failures, count).await
    }

    /// Opens the session, makes the device known, and refunds what the try was charged.
    async fn open(
        &self,
        account: &SignInAccount,
        charged: Charged,
        now: Timestamp,
    ) -> Result<SignedIn, Fault> {
        let prf = self.context.prf.as_ref();
        let standing = account.standing;
        let id = SessionId::from_bytes(self.context.random_bytes()?);
        let token = SessionToken::new(id, self.context.random_bytes()?);
        let session = Session {
            id,
            account: standing.id,
            epoch: account.session_epoch,
            secret_hash: token.hash(prf)?,
            created_at: now,
            expires_at: now.plus(self.lifetime),
        };
        let open = self.store.open_session(&session);
        let device = match charged {
            Charged::Device(token) => {
                let (opened, cleared) = join(open, self.store.clear_device(token.id())).await;
                opened.and(cleared)?;
                token
            }
            Charged::Failures(budget, failures) => {
                let token = self.new_device()?;
                let device = Device::new(&token, standing.id, standing.credential_version, now, prf)?;
                let refund = self.store.refund_failure(&budget, &failures);
                let (opened, added, given) = join3(open, self.store.add_device(&device), refund).await;
                opened.and(added).and(given)?;
                token
            }
        };
        let expires_at = session.expires_at;
        Ok(SignedIn { token, expires_at, expires_in: now.seconds_until(expires_at), device })
    }
}
