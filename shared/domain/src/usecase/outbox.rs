//! The system sends what waits in the outbox. Nobody waits for it on a page; it is tried for
//! [`WORTH_TRYING`](crate::outbox::WORTH_TRYING).
//!
//! Woken by the table's stream, at least once for each thing that was queued. Each kind has its handler: an entry
//! that fails holds up those of its kind behind it in its account's outbox, and nothing else.

mod link;
mod notice;

use tracing::field::Empty;

use super::addresses::deliverable;
use super::sender::Sender;
use crate::account::{Contact, DeliveryAccount};
use crate::outbox::{Entry, EntryKind, Lookup, LookupKind, LookupName, Waiting};
use crate::port::{Messenger, OutboxStore};
use crate::{AccountId, Context, Fault, IdentifierHash, SmsLimits, Timestamp};

/// The outcome of an item of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was sent.
    Sent,
    /// A look-up found an account, and is queued as an entry of its outbox.
    Queued,
    /// It may have been sent: the answer to its SMS was lost, as often as it is tried.
    Unknown,
    /// Every address that it could go to has refused it for good.
    Refused,
    /// There is no account, or none that it may go to.
    NoRecipient,
    /// The postal code is not the account's.
    PostalCodeWrong,
    /// The address has its link of the day.
    AlreadyToday,
    /// The addresses that it could go to get no messages.
    Suppressed,
    /// It could only go to a number of a country that gets no SMS.
    CountryNotAllowed,
    /// It was handled before.
    Stale,
    /// It could not be sent for as long as it was worth trying.
    GivenUp,
}

/// How far the handling of something came.
#[derive(Debug, Default)]
pub struct Progress {
    /// The outcome of each finished item.
    pub handled: Vec<Handled>,
    /// The fault that stopped it; the rest waits, and has to be tried again.
    pub stopped_by: Option<Fault>,
    /// It failed a moment ago, and waits before it is tried again.
    pub must_wait: bool,
    /// Of an account's outbox that was tried and failed: not before this.
    pub next_try: Option<Timestamp>,
}

impl Progress {
    /// Whether nothing of it waits any more.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.stopped_by.is_none() && !self.must_wait
    }
}

/// The use case.
pub struct SendOutbox<S, M> {
    /// The table.
    pub store: S,
    /// Words and sends.
    pub messenger: M,
    /// Randomness, keys.
    pub context: Context,
    /// The counters of its SMS.
    pub sms: SmsLimits,
}

/// The recipients of an entry.
struct Audience {
    account: DeliveryAccount,
    /// The addresses that messages may go to.
    deliverable: Vec<Contact>,
}

impl<S: OutboxStore, M: Messenger> SendOutbox<S, M> {
    /// Handles what waits.
    #[tracing::instrument(name = "send_outbox", skip_all, fields(challenge = Empty, account = Empty))]
    pub async fn run(&self, waiting: &Waiting, now: Timestamp) -> Progress {
        let mut progress = Progress::default();
        let result = match waiting {
            Waiting::Account(account) => self.send_all(*account, &mut progress, now).await,
            Waiting::Lookup(name) => {
                self.look_up(name, now).await.map(|handled| progress.handled.push(handled))
            }
        };
        progress.stopped_by = result.err().or(progress.stopped_by);
        progress
    }

    fn sender(&self) -> Sender<'_, S, M> {
        let Self { store, messenger, context, sms } = self;
        Sender { store, messenger, context, limits: sms }
    }

    /// Moves what waits to the end of the queue, so that it holds up nothing. `next_try` is what came of a try.
    pub async fn postpone(&self, waiting: &Waiting, next_try: Option<Timestamp>) -> Result<(), Fault> {
        self.store.postpone(waiting, next_try).await
    }

    /// Sends the entries of an account, the oldest first. One that fails ends those of its kind: a notice that can't go
    /// out by SMS must not hold up the link by email that its owner waits for.
    async fn send_all(&self, id: AccountId, progress: &mut Progress, now: Timestamp) -> Result<(), Fault> {
        let Some(outbox) = self.store.outbox(id).await? else {
            progress.handled.push(Handled::Stale);
            return Ok(());
        };
        progress.must_wait = outbox.must_wait(now);
        if progress.must_wait {
            return Ok(());
        }
        let chance = u64::from_be_bytes(self.context.random_bytes()?);
        progress.next_try = Some(outbox.next_try(now, chance));
        let audience = self.audience(id, now).await?;
        self.context.note_account(Some(id));
        let (mut failed, mut left) = (Vec::new(), outbox.entries.len());
        for entry in &outbox.entries {
            let kind = entry.kind.as_str();
            if failed.contains(&kind) {
                continue;
            }
            let handled = match &audience {
                _ if now >= entry.until() => Ok(Handled::GivenUp),
                None => Ok(Handled::NoRecipient),
                Some(audience) => self.send(entry, audience, now).await,
            };
            match handled {
                Err(fault) => {
                    failed.push(kind);
                    progress.stopped_by = Some(fault);
                }
                Ok(handled) => {
                    left -= 1;
                    let last_of = (left == 0).then_some(outbox.added);
                    self.store.close_entry(id, entry.id, last_of).await?;
                    progress.handled.push(handled);
                }
            }
        }
        Ok(())
    }

    async fn audience(&self, id: AccountId, now: Timestamp) -> Result<Option<Audience>, Fault> {
        let Some(account) = self.store.account(id).await? else { return Ok(None) };
        let prf = self.context.prf.as_ref();
        // Behind the stream, where nobody is watched: what is asked in the place of an absent address tells nothing.
        let anything = IdentifierHash::from_bytes([0; 32]);
        let deliverable = deliverable(&self.store, prf, Some(&account), &anything, now).await?;
        Ok(Some(Audience { account, deliverable }))
    }

    /// Sends an entry, by the handler of its kind.
    async fn send(&self, entry: &Entry, audience: &Audience, now: Timestamp) -> Result<Handled, Fault> {
        match entry.kind {
            EntryKind::PasswordChanged | EntryKind::SignInFailures { .. } => {
                self.notify(entry, audience, now).await
            }
            EntryKind::RecoveryLink { link } => self.send_link(link, audience, now).await,
        }
    }

    /// Finds the account of a look-up, and queues an entry for it, by the handler of its kind.
    async fn look_up(&self, name: &LookupName, now: Timestamp) -> Result<Handled, Fault> {
        let Some(lookup) = self.store.lookup(name).await? else { return Ok(Handled::Stale) };
        let handled = if now >= lookup.until() {
            Handled::GivenUp
        } else {
            match self.account_of(&lookup).await? {
                None => Handled::NoRecipient,
                Some(account) => match &lookup.kind {
                    LookupKind::RecoveryLink { postal_code, locale } => {
                        self.open_link(&lookup, name, &account, postal_code.as_ref(), locale.as_ref(), now)
                            .await?
                    }
                    LookupKind::SignInFailures { version, are_spent, .. } => {
                        self.queue_failures(&lookup, name, &account, *version, *are_spent).await?
                    }
                },
            }
        };
        if !matches!(handled, Handled::Queued | Handled::Stale) {
            self.store.close_lookup(name).await?;
        }
        Ok(handled)
    }

    async fn account_of(&self, lookup: &Lookup) -> Result<Option<DeliveryAccount>, Fault> {
        let account = self.store.account_behind(&lookup.identifier).await?;
        let account = account.filter(|account: &DeliveryAccount| account.standing.is_active());
        self.context.note_account(account.as_ref().map(|account| account.standing.id));
        Ok(account)
    }
}
