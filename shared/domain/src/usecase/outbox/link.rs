//! Recovery links: one a day for each address of an account. A link needs no guessing and goes to the address that
//! was typed, so nobody can lock the owner out by asking for codes, whichever channel they ask for.

use crate::account::{Contact, DeliveryAccount};
use crate::challenge::{LINK_LIFETIME, NewLink};
use crate::limit::links_of_day;
use crate::outbox::{Entry, Lookup, LookupName};
use crate::port::{LinkOpened, LinkOpening, Message, Messenger, OutboxStore};
use crate::sms_limits::SmsUse;
use crate::usecase::addresses::{deliverable, locales};
use crate::usecase::outbox::{Audience, Handled, SendOutbox};
use crate::usecase::sender::Attempt;
use crate::{
    Armed, Challenge, ChallengeId, Channel, Fault, IdentifierHash, KeyUse, LinkToken, Locale, Salt,
    SecretHash, Timestamp,
};

impl<S: OutboxStore, M: Messenger> SendOutbox<S, M> {
    /// Makes the day's link for the address that was typed, and queues it.
    pub(super) async fn open_link(
        &self,
        lookup: &Lookup,
        name: &LookupName,
        account: &DeliveryAccount,
        postal_code: Option<&SecretHash>,
        locale: Option<&Locale>,
        now: Timestamp,
    ) -> Result<Handled, Fault> {
        let prf = self.context.prf.as_ref();
        if !account.is_postal_code_right(postal_code, prf) {
            return Ok(Handled::PostalCodeWrong);
        }
        let deliverable = deliverable(&self.store, prf, Some(account), &lookup.identifier, now).await?;
        let Some(address) = self.address_behind(&lookup.identifier, account)? else {
            return Ok(Handled::NoRecipient);
        };
        if !deliverable.contains(&address) {
            return Ok(Handled::Suppressed);
        }
        if !self.messenger.reaches(&address) {
            return Ok(Handled::CountryNotAllowed);
        }
        let armed = Armed::of(&account.standing);
        let salt = Salt::from_bytes(self.context.random_bytes()?);
        let code_key = prf.current(KeyUse::Code);
        let token = LinkToken::derive(prf, code_key, &salt)?;
        let link = Challenge::of_link(NewLink {
            id: token.id(),
            salt,
            code_key,
            token_hash: token.hash(prf)?,
            identifier: lookup.identifier,
            channel: address.channel(),
            armed,
            locale: locale.cloned(),
            now,
        });
        let opening = LinkOpening {
            link: &link,
            day: links_of_day(armed, &address, now, prf)?,
            account: account.standing.id,
            entry: &Entry::recovery_link(link.id, now),
            lookup: name,
        };
        Ok(match self.store.open_link(opening).await? {
            LinkOpened::Done => Handled::Queued,
            LinkOpened::AlreadyToday => Handled::AlreadyToday,
            LinkOpened::Stale => Handled::Stale,
        })
    }

    /// Sends a link to the address that it was made for. It works from then on for [`LINK_LIFETIME`].
    pub(super) async fn send_link(
        &self,
        id: ChallengeId,
        audience: &Audience,
        now: Timestamp,
    ) -> Result<Handled, Fault> {
        let Some(link) = self.store.challenge(id).await? else { return Ok(Handled::Stale) };
        self.context.note_challenge(id);
        let Audience { account, deliverable } = audience;
        if !link.armed.is_some_and(|armed| armed.may_recover(&account.standing)) {
            return Ok(Handled::NoRecipient);
        }
        let Some(address) = self.address_behind(&link.identifier, account)? else {
            return Ok(Handled::NoRecipient);
        };
        if !deliverable.contains(&address) {
            return Ok(Handled::Suppressed);
        }
        let token = LinkToken::derive(self.context.prf.as_ref(), link.code_key, &link.salt)?;
        let hours = LINK_LIFETIME.as_secs() / 3_600;
        let message = Message::RecoveryLink { token, hours, requested_at: link.created_at };
        let (sms, locales) = (SmsUse::Link(id.as_bytes()), locales(account, link.locale.as_ref()));
        let handled = match self.sender().send(sms, &address, &locales, &message, now).await? {
            Attempt::Taken { .. } => Handled::Sent,
            // Nothing but its tries holds a link back.
            Attempt::Blocked(_) => Handled::Unknown,
            Attempt::Refused { .. } => return Ok(Handled::Refused),
        };
        self.store.link_sent(id, now.plus(LINK_LIFETIME)).await?;
        Ok(handled)
    }

    /// The account's address that is a certain identifier, whichever version of the key that was hashed under.
    fn address_behind(
        &self,
        hash: &IdentifierHash,
        account: &DeliveryAccount,
    ) -> Result<Option<Contact>, Fault> {
        for contact in Channel::ALL.into_iter().filter_map(|channel| account.contact(channel)) {
            let hashes =
                IdentifierHash::under_every_version(self.context.prf.as_ref(), &contact.identifier())?;
            if hashes.contains(hash) {
                return Ok(Some(contact));
            }
        }
        Ok(None)
    }
}
