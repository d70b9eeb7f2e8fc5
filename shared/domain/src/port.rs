//! What the outside has to do, by intent.
//!
//! A store's method that changes something is one atomic conditional write, or one transaction where it
//! says so; none is a read followed by a write. There is a trait for each function, so that its role at
//! AWS can be as narrow. An answer of `None` or a `bool` is a fact; [`Fault`] is trouble.

pub mod operator;
mod sessions;
pub mod sms;

use std::future::Future;
use std::sync::Arc;

use crate::account::Contact;
use crate::limit::Counted;
use crate::outbox::{AccountOutbox, Entry, Lookup, LookupName, Waiting};
use crate::{
    Account, AccountId, Armed, Call, CallMark, CallerHash, Challenge, ChallengeId, ChallengePolicy, Channel,
    Code, Counter, Country, Device, EntryId, Fault, ForeignHash, HashUnsupported, IdentifierHash, LinkToken,
    Locale, MessageHash, MessageId, Password, PasswordHash, PhoneNumber, Reference, Salt, SecretHash,
    SmsDestination, State, Timestamp,
};
use sms::{ConversionStore, SmsStore};

pub use sessions::{FailureCharge, SessionStore};

/// Counts calls against limits.
pub trait Counters: Send + Sync {
    /// Adds one to each counter that isn't full, all at the same time.
    fn count(&self, counters: Vec<Counter>) -> impl Future<Output = Result<Counted, Fault>> + Send;

    /// Takes one back from each counter: the call that they counted had no effect.
    fn give_back(&self, counters: Vec<Counter>) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// What `request-code` does to the table. It can't read accounts.
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

/// What `resend-code` does to the table. It can't read accounts.
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

/// What came of a resend.
#[derive(Debug)]
pub enum Resent {
    /// The next send is on its way; the challenge is as it stands after that.
    Done(Challenge),
    /// It was not started; the challenge as it stands, if there is one.
    Refused(Option<Challenge>),
}

/// What came of charging a guess.
#[derive(Debug)]
pub enum Charge {
    /// The guess was charged; the challenge is as it stands after that.
    Charged(Challenge),
    /// It was not; the challenge as it stands, if there is one.
    Refused(Option<Challenge>),
}

/// What `verify-code` does to the table.
pub trait VerifyStore: Counters + ConversionStore {
    /// Charges one guess to a challenge for which [`Challenge::refuse_guess`] says nothing and that no call
    /// with the same key has charged already.
    fn charge_attempt(
        &self,
        id: ChallengeId,
        now: Timestamp,
        policy: &ChallengePolicy,
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

/// What came of a right code.
#[derive(Debug)]
pub enum Redeemed {
    /// The challenge is verified.
    Done,
    /// Somebody was faster with the same code; where the challenge stands since.
    AlreadyUsed(State),
    /// The code is no longer the challenge's, or the account has moved on: it is as good as a wrong one.
    Stale,
}

/// What `set-password` does to the table.
pub trait PasswordStore: Send + Sync {
    /// The challenge.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// The account.
    fn account(&self, id: AccountId) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// Counts a rejected password against the token; `false` if the token is spent, by
    /// [`REJECTIONS_PER_TOKEN`](crate::challenge::REJECTIONS_PER_TOKEN) of them or by a new password.
    fn note_rejection(
        &self,
        id: ChallengeId,
        token_hash: &SecretHash,
        now: Timestamp,
        call: Option<&Call>,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// In one transaction: the token is spent; the account, still of that credential version, gets the
    /// hash, the next credential version and the next session epoch; the notice of it is queued in its outbox; the
    /// device is known. `false` if token or account had moved on.
    fn set_password(&self, change: PasswordChange<'_>) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// A password to be set by a verification token.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The verified challenge.
    pub challenge: ChallengeId,
    /// The hash of the token that allows it.
    pub token_hash: &'a SecretHash,
    /// The account and the credential version that the token is good for.
    pub armed: Armed,
    /// The new password's hash.
    pub password_hash: PasswordHash,
    /// When it is set.
    pub now: Timestamp,
    /// Marks the call, if it came with an idempotency key.
    pub mark: Option<CallMark>,
    /// The device that it is set from: from then on a known one.
    pub device: Device,
}

impl PasswordChange<'_> {
    /// The notice that belongs to the change.
    #[must_use]
    pub const fn notice(&self) -> Entry {
        Entry::password_changed(self.challenge, self.now)
    }
}

/// Whose an identifier is, and which addresses messages may go to.
pub trait AddressStore: Send + Sync {
    /// The account behind an identifier, in the same number of reads whether there is one or not.
    fn account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// Until when each of some addresses gets no messages, if that was ever said of it; all at the same time.
    fn suppressed_until(
        &self,
        addresses: &[IdentifierHash],
    ) -> impl Future<Output = Result<Vec<Option<Timestamp>>, Fault>> + Send;
}

/// What the delivery of codes does to the table.
pub trait DeliveryStore: Counters + SmsStore + AddressStore {
    /// The challenge as it stands now, not as an old record shows it.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// In one transaction of three parts, the same for everybody: notes in a challenge that still waits, armed as it
    /// was read, what it is armed with; and counts it against the budgets.
    fn arm(
        &self,
        challenge: &Challenge,
        armed: Armed,
        budget: &ArmingBudget,
    ) -> impl Future<Output = Result<Arming, Fault>> + Send;

    /// Notes that the current send needs no delivery any more, what the challenge is armed with after it, and beside
    /// that what became of its message. A challenge whose code went nowhere is armed with a decoy: nobody hears that
    /// somebody guesses at it. One whose code was sent is armed by whoever has sent it, although a second delivery of
    /// the same record may have found that it can't.
    /// Two writes at the same time: the message went out, whether or not the challenge has moved on.
    fn delivered(
        &self,
        challenge: &Challenge,
        armed: Armed,
        trace: &Trace,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Queues a look-up, unless one of its name is there.
    fn queue(&self, lookup: &Lookup) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// What the handlers of the outbox do to the table.
pub trait OutboxStore: Counters + SmsStore + AddressStore {
    /// A look-up that still waits.
    fn lookup(&self, name: &LookupName) -> impl Future<Output = Result<Option<Lookup>, Fault>> + Send;

    /// An account's outbox, if anything waits in it.
    fn outbox(&self, account: AccountId)
    -> impl Future<Output = Result<Option<AccountOutbox>, Fault>> + Send;

    /// The account.
    fn account(&self, id: AccountId) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// The challenge behind a link.
    fn challenge(&self, id: ChallengeId) -> impl Future<Output = Result<Option<Challenge>, Fault>> + Send;

    /// In one transaction: a look-up that still waits is over; the day's link is counted, the challenge behind it is
    /// added, and its entry is queued for the account.
    fn open_link(&self, opening: LinkOpening<'_>) -> impl Future<Output = Result<LinkOpened, Fault>> + Send;

    /// In one transaction: a look-up that still waits is over, and an entry is queued for the account; whether it was
    /// so. The look-up stays as [`OutboxStore::close_lookup`] says.
    fn queue_entry(
        &self,
        lookup: &LookupName,
        account: AccountId,
        entry: &Entry,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Notes that a look-up is over. It stays, so that it is not queued again in its hour.
    fn close_lookup(&self, name: &LookupName) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Notes that an entry has reached an address of a kind, or never will.
    fn reached(
        &self,
        account: AccountId,
        entry: EntryId,
        channel: Channel,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Notes that a link was sent for the first time, and how long it works from then on.
    fn link_sent(
        &self,
        link: ChallengeId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Removes an entry that is done with. `last_of` is how many entries the outbox had had if this was the last that
    /// waited: then the outbox goes too, unless another was added since.
    fn close_entry(
        &self,
        account: AccountId,
        entry: EntryId,
        last_of: Option<u64>,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Moves what waits to the end of the queue. Nothing if it doesn't wait any more.
    fn postpone(&self, waiting: &Waiting) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// A recovery link to be made.
#[derive(Debug)]
pub struct LinkOpening<'a> {
    /// The challenge behind it, verified from the start.
    pub link: &'a Challenge,
    /// The counter of the day's links to its address.
    pub day: Counter,
    /// Whose it is.
    pub account: AccountId,
    /// Its entry in the account's outbox.
    pub entry: &'a Entry,
    /// The look-up that asked for it.
    pub lookup: &'a LookupName,
}

/// What came of making a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It is made, and queued.
    Done,
    /// The address has its link of the day.
    AlreadyToday,
    /// The look-up was handled meanwhile.
    Stale,
}

/// What a send leaves behind, apart from being done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The message that is on its way, if there is one.
    pub message: Option<OnItsWay>,
    /// The channels whose service won't ever take a message for this person.
    pub refused: Vec<Channel>,
}

/// A message that a service has taken, or may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnItsWay {
    /// By this the challenge is found again if the message does not arrive.
    pub hash: Option<MessageHash>,
    /// Where it goes, if it is an SMS; or where one may have gone before this message.
    pub texted_to: Option<SmsDestination>,
}

/// What arming a challenge counts.
#[derive(Clone, Debug)]
pub struct ArmingBudget {
    /// The counter of the day.
    pub per_day: Counter,
    /// What counts beside it.
    pub beside: Beside,
    /// What is added to both: 1, or 0 if an earlier send of the challenge was counted.
    pub count: u32,
}

/// What counts an armed challenge beside the day.
#[derive(Clone, Debug)]
pub enum Beside {
    /// The account, as long as it has had fewer than this since its last success.
    Account {
        /// The most.
        limit: u32,
    },
    /// A counter in its place: nobody's challenge takes the same writes.
    Decoy(Counter),
}

/// What came of arming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arming {
    /// The challenge is armed.
    Armed,
    /// The account's budget is spent.
    BudgetSpent,
    /// The challenge or the account has changed since it was read: look again.
    Changed,
}

/// What `delivery-events` does to the table. It can't read accounts.
pub trait FeedbackStore: Send + Sync {
    /// Says until when an address gets no messages, and why. `false` if the address is nobody's: then
    /// nothing is written.
    fn suppress(
        &self,
        address: &IdentifierHash,
        reason: DeadAddress,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// The challenge that a message was sent for, as long as that can matter.
    fn challenge_of(
        &self,
        message: MessageHash,
    ) -> impl Future<Output = Result<Option<ChallengeId>, Fault>> + Send;

    /// Notes in a challenge that a message of it did not arrive by a channel. `false` if there is no such
    /// challenge any more: then nothing is written.
    fn mark_undeliverable(
        &self,
        id: ChallengeId,
        channel: Channel,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// Why an address gets no messages for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadAddress {
    /// There is no such mailbox, or it takes nothing.
    Bounced,
    /// The person called the message unwanted.
    Complained,
    /// There is no such number.
    InvalidNumber,
    /// The person wants no text messages.
    OptedOut,
    /// The phone or its operator takes no text messages from here.
    Blocked,
}

impl DeadAddress {
    /// The word for it in the table and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::InvalidNumber => "invalid_number",
            Self::OptedOut => "opted_out",
            Self::Blocked => "blocked",
        }
    }
}

/// What a service of the application's back end does to the table.
pub trait AccountStore: Send + Sync {
    /// In one transaction: adds the account and its identifiers, if none of them is taken.
    fn add_account(
        &self,
        account: &Account,
        identifiers: &[IdentifierHash],
    ) -> impl Future<Output = Result<Adding, Fault>> + Send;
}

/// What came of adding an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adding {
    /// It is there.
    Added,
    /// Nothing was added: for each of the identifiers, in their order, the account that has it already.
    Taken(Vec<Option<AccountId>>),
}

/// Hashes passwords. Slow on purpose; what it costs is the same for every password.
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password under current parameters with a fresh salt.
    fn hash(&self, password: &Password) -> Result<PasswordHash, Fault>;

    /// Takes a hash that another program made, if it can be verified here at a bearable cost.
    fn import(&self, foreign: &ForeignHash) -> Result<PasswordHash, HashUnsupported>;

    /// Whether a password is the hash's, in NFC or as it was sent. How often it is hashed depends on the
    /// password alone: once, or twice if it was not sent in NFC. Without a hash the same work is done for
    /// nothing.
    fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<PasswordMatch, Fault>;
}

/// What came of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordMatch {
    /// It isn't the password.
    No,
    /// It is.
    Yes,
    /// It is, and the hash is to be replaced: its parameters are not the current ones, or it is the hash of
    /// the password as it was sent and not of the NFC form.
    YesWithOldParameters,
}

/// A message to a person, before words.
#[derive(Debug)]
pub enum Message {
    /// The code of a challenge.
    Code {
        /// The code.
        code: Code,
        /// The reference that the page shows too.
        reference: Reference,
        /// Whole minutes for which the code still works, at least 1; a few seconds less than a minute are one.
        minutes: u64,
    },
    /// Too many codes were asked for: a link that needs no guessing, which nobody can use up.
    RecoveryLink {
        /// What the link carries.
        token: LinkToken,
        /// Whole hours for which it works.
        hours: u64,
    },
    /// The password was changed.
    PasswordChanged {
        /// When.
        changed_at: Timestamp,
    },
    /// Somebody tried wrong passwords.
    SignInFailures {
        /// When the last of them was tried.
        at: Timestamp,
        /// Whether no more are allowed: only a known device or a new password leads in.
        are_spent: bool,
    },
}

/// Knows passwords that nobody should have.
pub trait PasswordChecks: Send + Sync {
    /// Whether it is one that many people use.
    fn is_common(&self, password: &Password) -> bool;

    /// Whether it is made of what is known of the account.
    fn is_personal(&self, password: &Password, account: &Account) -> bool;

    /// Whether it is known from a breach; `false` too if that can't be found out in time.
    fn is_breached(&self, password: &Password) -> impl Future<Output = bool> + Send;
}

/// Words a message and sends it.
pub trait Messenger: Send + Sync {
    /// Sends a message to an address in the first language of `locales` that there are words for; the id
    /// by which the service will tell of it, if it gave one.
    fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> impl Future<Output = Result<Option<MessageId>, SendError>> + Send;

    /// The country that a text message to a number counts for; `None` if none is sent there.
    fn country_of(&self, number: &PhoneNumber) -> Option<Country>;
}

impl<M: Messenger> Messenger for Arc<M> {
    async fn send(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
    ) -> Result<Option<MessageId>, SendError> {
        M::send(self, to, locales, message).await
    }

    fn country_of(&self, number: &PhoneNumber) -> Option<Country> {
        M::country_of(self, number)
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The service won't ever take this message (bad address, opted-out number): pass it over.
    #[error("the message was refused: {reason}")]
    Refused {
        /// The service's own code for it, which names no person.
        reason: String,
    },
    /// The service takes no such message until an operator mends something (the sender, a quota, a permission): the
    /// same message is taken then.
    #[error("the message needs an operator: {reason}")]
    Operator {
        /// The service and its own code for it, which names no person.
        reason: String,
    },
    /// Throttled or out of service: it was not taken, and the same message may be taken later.
    #[error("the message could not be sent")]
    Failed(#[from] Fault),
    /// Nobody knows whether it was taken: the request went out and no answer came. Of emails this is
    /// [`Failed`](Self::Failed), because a second one does no harm; an SMS costs money each time.
    #[error("whether the message was sent is unknown")]
    Unknown(#[source] Fault),
}

/// Whose it is to mend what a service refuses. Each service's codes are sorted by it in its adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mender {
    /// The person's: the address takes no messages.
    Person,
    /// The operator's. What can't be told for certain is, too: the message is tried again rather than lost.
    Operator,
    /// Nobody's: it passes.
    Time,
}

impl Mender {
    /// The error for a service's code, which names no person.
    #[must_use]
    pub fn error(self, service: &str, code: &str) -> SendError {
        match self {
            Self::Person => SendError::Refused { reason: code.to_owned() },
            Self::Operator => SendError::Operator { reason: format!("{service}: {code}") },
            Self::Time => SendError::Failed(Fault::unavailable(format!("{service}: {code}"))),
        }
    }
}
