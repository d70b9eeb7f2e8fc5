//! Notices: every address of the account hears of it.

use crate::account::DeliveryAccount;
use crate::outbox::{Entry, EntryKind, Lookup, LookupName};
use crate::port::{Message, Messenger, OutboxStore};
use crate::sms_limits::SmsUse;
use crate::usecase::addresses::locales;
use crate::usecase::outbox::{Audience, Handled, SendOutbox};
use crate::{CredentialVersion, EntryId, Fault, Timestamp};

/// The content of a notice.
fn message(kind: EntryKind, at: Timestamp) -> Option<Message> {
    match kind {
        EntryKind::PasswordChanged => Some(Message::PasswordChanged { changed_at: at }),
        EntryKind::SignInFailures { are_spent } => Some(Message::SignInFailures { at, are_spent }),
        EntryKind::RecoveryLink { .. } => None,
    }
}

impl<S: OutboxStore, M: Messenger> SendOutbox<S, M> {
    /// Queues the notice of wrong passwords, unless there is another password by now: then they count for nothing.
    pub(super) async fn queue_failures(
        &self,
        lookup: &Lookup,
        name: &LookupName,
        account: &DeliveryAccount,
        version: CredentialVersion,
        are_spent: bool,
    ) -> Result<Handled, Fault> {
        if account.standing.credential_version != version {
            return Ok(Handled::NoRecipient);
        }
        let id = EntryId::from_bytes(self.context.random_bytes()?);
        let entry = Entry::sign_in_failures(id, are_spent, lookup.at);
        let is_queued = self.store.queue_entry(name, account.standing.id, &entry).await?;
        Ok(if is_queued { Handled::Queued } else { Handled::Stale })
    }

    /// Tells every address of an account. Dead ones are passed over like those that were reached.
    pub(super) async fn notify(
        &self,
        entry: &Entry,
        audience: &Audience,
        now: Timestamp,
    ) -> Result<Handled, Fault> {
        let Some(message) = message(entry.kind, entry.at) else { return Ok(Handled::Stale) };
        let Audience { account, deliverable } = audience;
        if deliverable.is_empty() {
            return Ok(Handled::Suppressed);
        }
        let locales = locales(account, None);
        let mut trouble = None;
        for contact in deliverable.iter().filter(|contact| !entry.reached.contains(&contact.channel())) {
            // What is refused for good or blocked is passed over like what was taken. Nobody waits for a notice
            // on a page, so that nothing but its address needs to be known if it doesn't arrive.
            let sms = match entry.kind {
                EntryKind::SignInFailures { .. } => SmsUse::StrangersNotice(entry.id.as_bytes()),
                EntryKind::PasswordChanged | EntryKind::RecoveryLink { .. } => {
                    SmsUse::Notice(entry.id.as_bytes())
                }
            };
            match self.sender().send(sms, contact, &locales, &message, now).await {
                Ok(_) => self.store.reached(account.standing.id, entry.id, contact.channel()).await?,
                // The other address shouldn't wait for this one's service.
                Err(fault) => trouble = Some(fault),
            }
        }
        trouble.map_or(Ok(Handled::Sent), Err)
    }
}
