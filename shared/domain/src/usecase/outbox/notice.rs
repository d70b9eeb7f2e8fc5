//! Notices: every address of the account hears of it.

use crate::outbox::{Entry, EntryKind};
use crate::port::{Message, Messenger, OutboxStore, SendError};
use crate::usecase::addresses::locales;
use crate::usecase::outbox::{Audience, Handled, SendOutbox};
use crate::{Fault, Timestamp};

/// What a notice says.
fn message(kind: EntryKind, at: Timestamp) -> Option<Message> {
    match kind {
        EntryKind::PasswordChanged => Some(Message::PasswordChanged { changed_at: at }),
        EntryKind::RecoveryLink { .. } => None,
    }
}

impl<S: OutboxStore, M: Messenger> SendOutbox<S, M> {
    /// Tells every address of an account. Dead ones are passed over like those that were reached.
    pub(super) async fn notify(&self, entry: &Entry, audience: &Audience) -> Result<Handled, Fault> {
        let Some(message) = message(entry.kind, entry.at) else { return Ok(Handled::Stale) };
        let Audience { account, alive } = audience;
        if alive.is_empty() {
            return Ok(Handled::Suppressed);
        }
        let locales = locales(account, None);
        let mut trouble = None;
        for contact in alive.iter().filter(|contact| !entry.reached.contains(&contact.channel())) {
            // What the service refuses for good is passed over like what it took. Nobody waits for a notice
            // on a page, so that nothing but its address needs to be known if it doesn't arrive.
            match self.messenger.send(contact, &locales, &message).await {
                Ok(_) | Err(SendError::Refused { .. }) => {
                    self.store.reached(account.id, entry.id, contact.channel()).await?;
                }
                // The other address shouldn't wait for this one's service.
                Err(SendError::Failed(fault)) => trouble = Some(fault),
                Err(SendError::Operator { reason }) => trouble = Some(Fault::unavailable(reason)),
            }
        }
        trouble.map_or(Ok(Handled::Sent), Err)
    }
}
