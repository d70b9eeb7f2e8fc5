//! Which address a message goes to, whether it may go there, and what it leaves behind.

use crate::account::Contact;
use crate::port::{DeliveryStore, Message, Messenger, SendError, Trace};
use crate::usecase::deliver::{Deliver, Delivered, HeldBack};
use crate::{Account, Challenge, Channel, Country, Fault, IdentifierHash, Locale, MessageHash, Timestamp};

/// What became of a send, and what it leaves behind.
pub(super) struct Sending {
    pub(super) outcome: Delivered,
    pub(super) trace: Trace,
}

impl From<Delivered> for Sending {
    fn from(outcome: Delivered) -> Self {
        Self { outcome, trace: Trace::None }
    }
}

/// The address that a message goes to: that of the channel that was asked for, or the account's other one if
/// that does not reach the person. A channel by which a message of this challenge did not arrive is the last
/// resort: it may work again, and nothing else is left. `None` if no address is alive.
pub(super) fn route<'a>(challenge: &Challenge, alive: &'a [Contact]) -> Option<&'a Contact> {
    let contact = |channel| alive.iter().find(|contact| contact.channel() == channel);
    let by_preference = [challenge.channel, challenge.channel.other()].into_iter().filter_map(contact);
    let arrives = |contact: &&Contact| !challenge.undeliverable.contains(&contact.channel());
    by_preference.clone().find(arrives).or(by_preference.into_iter().next())
}

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// The addresses of an account that messages may go to. A dead one gets nothing.
    pub(super) async fn alive(&self, account: &Account, now: Timestamp) -> Result<Vec<Contact>, Fault> {
        let prf = self.environment.prf.as_ref();
        let contacts: Vec<_> = Channel::ALL.into_iter().filter_map(|c| account.contact(c)).collect();
        let hashes: Vec<_> = contacts
            .iter()
            .map(|contact| IdentifierHash::of(prf, &contact.identifier()))
            .collect::<Result<_, _>>()?;
        let until = self.store.suppressed_until(&hashes).await?;
        let is_alive = |until: Option<Timestamp>| until.is_none_or(|until| now >= until);
        let pairs = contacts.into_iter().zip(until);
        Ok(pairs.filter(|(_, until)| is_alive(*until)).map(|(contact, _)| contact).collect())
    }

    /// Sends what somebody asked for, unless it is a text message that the budgets hold back. What wasn't
    /// sent is given back to them.
    pub(super) async fn send_within_budget(
        &self,
        challenge: &Challenge,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Sending, Fault> {
        // A country that isn't allowed is the messenger's to refuse.
        let country = match to {
            Contact::Email(_) => None,
            Contact::Phone(number) => self.messenger.country_of(number).map(|country| (number, country)),
        };
        let Some((number, country)) = country else {
            return self.send(challenge, to, locales, message, None).await;
        };
        let texts = &self.limits.texts;
        let budget = texts.budget(number, country, now, self.environment.prf.as_ref())?;
        let counted = self.store.count(budget.counters()).await?;
        let sending = if counted.limited.is_some() {
            Ok(Delivered::HeldBack(HeldBack::Budget).into())
        } else {
            match *self.store.counts(&[&budget.sent, &budget.verified]).await? {
                [sent, verified] if texts.is_conversion_low(sent, verified) => {
                    Ok(Delivered::HeldBack(HeldBack::Breaker).into())
                }
                _ => self.send(challenge, to, locales, message, Some(country)).await,
            }
        };
        if !matches!(&sending, Ok(Sending { outcome: Delivered::Sent | Delivered::FellBack, .. })) {
            self.store.give_back(counted.counted).await?;
        }
        sending
    }

    /// Sends a message for a challenge; `country` is where a text message goes.
    async fn send(
        &self,
        challenge: &Challenge,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        country: Option<Country>,
    ) -> Result<Sending, Fault> {
        let channel = to.channel();
        match self.messenger.send(to, locales, message).await {
            Ok(id) => {
                let prf = self.environment.prf.as_ref();
                let hash = id.map(|id| MessageHash::of(prf, channel, &id)).transpose()?;
                let as_asked = channel == challenge.channel;
                let outcome = if as_asked { Delivered::Sent } else { Delivered::FellBack };
                Ok(Sending { outcome, trace: Trace::Message { hash, country } })
            }
            Err(SendError::Refused { reason }) => {
                Ok(Sending { outcome: Delivered::Refused { reason }, trace: Trace::Refused(channel) })
            }
            Err(SendError::Failed(fault)) => Err(fault),
        }
    }
}
