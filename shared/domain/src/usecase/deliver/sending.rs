//! Which address a message goes to, whether it may go there, and what it leaves behind.

use crate::account::Contact;
use crate::port::{DeliveryStore, Message, Messenger, OnItsWay, SendError, Trace};
use crate::usecase::deliver::{Deliver, Delivered, HeldBack};
use crate::{Challenge, Country, Fault, Locale, MessageHash, Timestamp};

/// What became of a send, and what it leaves behind.
pub(super) struct Sending {
    pub(super) outcome: Delivered,
    pub(super) trace: Trace,
}

impl From<Delivered> for Sending {
    fn from(outcome: Delivered) -> Self {
        Self { outcome, trace: Trace::default() }
    }
}

impl Sending {
    pub(super) fn is_sent(&self) -> bool {
        self.trace.message.is_some()
    }
}

/// The addresses that a message may go to, the best first: that of the channel that was asked for, then the
/// account's other one. A channel by which a message of this challenge did not arrive is the last resort: it
/// may work again, and nothing else is left.
fn by_preference<'a>(challenge: &Challenge, alive: &'a [Contact]) -> Vec<&'a Contact> {
    let mut contacts: Vec<_> = alive.iter().collect();
    contacts.sort_by_key(|contact| {
        let channel = contact.channel();
        (challenge.undeliverable.contains(&channel), channel != challenge.channel)
    });
    contacts
}

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Whether any of these addresses is one that messages may go to. A dead one isn't, and neither is a number
    /// of a country that gets no text messages.
    pub(super) fn is_any_reachable(&self, alive: &[Contact]) -> bool {
        alive.iter().any(|contact| match contact {
            Contact::Email(_) => true,
            Contact::Phone(number) => self.messenger.country_of(number).is_some(),
        })
    }

    /// Sends what somebody asked for by the first address, best first, that takes it. Whoever asked chose the
    /// channel and may be somebody else: what is refused or held back on one must not keep the owner from
    /// hearing of it on the other. Neither must what an operator has to mend; if no other address takes the message
    /// meanwhile, it is tried again, so that it isn't lost.
    pub(super) async fn send_by_any(
        &self,
        challenge: &Challenge,
        alive: &[Contact],
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Sending, Fault> {
        let mut best = None;
        let mut refused = Vec::new();
        let mut unmended = None;
        for contact in by_preference(challenge, alive) {
            let sending = match self.send_within_budget(challenge, contact, locales, message, now).await {
                Ok(sending) => sending,
                Err(SendError::Refused { reason }) => {
                    refused.push(contact.channel());
                    Delivered::Refused { reason }.into()
                }
                Err(SendError::Operator { reason }) => {
                    unmended = Some(Fault::unavailable(reason));
                    continue;
                }
                Err(SendError::Failed(fault)) => return Err(fault),
            };
            if sending.is_sent() {
                best = Some(sending);
                break;
            }
            best.get_or_insert(sending);
        }
        if let (Some(fault), false) = (unmended, best.as_ref().is_some_and(Sending::is_sent)) {
            return Err(fault);
        }
        let mut sending = best.unwrap_or(Delivered::Suppressed.into());
        sending.trace.refused = refused;
        Ok(sending)
    }

    /// Sends to an address, unless it is a text message that the budgets hold back. What wasn't sent is given
    /// back to them.
    async fn send_within_budget(
        &self,
        challenge: &Challenge,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Sending, SendError> {
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
        if !sending.as_ref().is_ok_and(Sending::is_sent) {
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
    ) -> Result<Sending, SendError> {
        let channel = to.channel();
        let id = self.messenger.send(to, locales, message).await?;
        let prf = self.environment.prf.as_ref();
        let hash = id.map(|id| MessageHash::of(prf, channel, &id)).transpose()?;
        let as_asked = channel == challenge.channel;
        let outcome = if as_asked { Delivered::Sent } else { Delivered::FellBack };
        let message = Some(OnItsWay { hash, country });
        Ok(Sending { outcome, trace: Trace { message, refused: Vec::new() } })
    }
}
