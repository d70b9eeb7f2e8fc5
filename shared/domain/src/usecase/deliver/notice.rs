//! Notices of a new password.

use tracing::field::Empty;

use crate::ChallengeId;
use crate::port::{DeliveryStore, Message, Messenger, SendError};
use crate::usecase::deliver::{Deliver, Delivered, RetryDelivery, locales};

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Tells every address of an account that its password was changed. Dead ones are passed over like those
    /// that were reached.
    #[tracing::instrument(name = "notify", skip_all, fields(challenge = Empty, account = Empty))]
    pub async fn notify(&self, id: ChallengeId) -> Result<Delivered, RetryDelivery> {
        let Some(notice) = self.store.notice(id).await? else { return Ok(Delivered::Stale) };
        self.environment.note_challenge(id);
        self.environment.note_account(Some(notice.account));
        let mut outcome = Delivered::NoRecipient;
        let mut trouble = None;
        if let Some(account) = self.store.account(notice.account).await? {
            let message = Message::PasswordChanged { changed_at: notice.changed_at };
            let alive = self.alive(&account, self.environment.clock.now()).await?;
            outcome = if alive.is_empty() { Delivered::Suppressed } else { Delivered::Sent };
            for contact in alive.iter().filter(|contact| !notice.reached.contains(&contact.channel())) {
                // What the service refuses for good is passed over like what it took. Nobody waits for a notice
                // on a page, so that nothing but its address needs to be known if it doesn't arrive.
                match self.messenger.send(contact, &locales(&account, None), &message).await {
                    Ok(_) | Err(SendError::Refused { .. }) => {
                        self.store.notified(id, contact.channel()).await?;
                    }
                    // The other address shouldn't wait for this one's service.
                    Err(SendError::Failed(fault)) => trouble = Some(fault),
                }
            }
        }
        if let Some(fault) = trouble {
            return Err(fault.into());
        }
        self.store.close_notice(id).await?;
        Ok(outcome)
    }
}
