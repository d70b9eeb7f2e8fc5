//! Ports for the handlers of the outbox, by intent.

use std::future::Future;

use super::sms::SmsStore;
use super::{AddressStore, Counters};
use crate::outbox::{AccountOutbox, Entry, Lookup, LookupName, Waiting};
use crate::{AccountId, Challenge, ChallengeId, Channel, Counter, EntryId, Fault, Timestamp};

/// The table's operations for the handlers of the outbox.
pub trait OutboxStore: Counters + SmsStore + AddressStore {
    /// A look-up that still waits.
    fn lookup(&self, name: &LookupName) -> impl Future<Output = Result<Option<Lookup>, Fault>> + Send;

    /// An account's outbox, if anything waits in it.
    fn outbox(&self, account: AccountId)
    -> impl Future<Output = Result<Option<AccountOutbox>, Fault>> + Send;

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

    /// Moves what waits to the end of the queue. Nothing if it doesn't wait any more. An account's outbox that has
    /// failed notes how often, and that it isn't tried before `next_try`; sending one of its entries clears both.
    fn postpone(
        &self,
        waiting: &Waiting,
        next_try: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// A recovery link to be made.
#[derive(Debug)]
pub struct LinkOpening<'a> {
    /// The challenge behind it, verified from the start.
    pub link: &'a Challenge,
    /// The counter of the day's links to its address.
    pub day: Counter,
    /// The account that it belongs to.
    pub account: AccountId,
    /// Its entry in the account's outbox.
    pub entry: &'a Entry,
    /// The look-up that asked for it.
    pub lookup: &'a LookupName,
}

/// The result of making a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It is made, and queued.
    Done,
    /// The address has its link of the day.
    AlreadyToday,
    /// The look-up was handled meanwhile.
    Stale,
}
