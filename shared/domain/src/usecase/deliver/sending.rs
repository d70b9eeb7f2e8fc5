//! Which address a message goes to, whether it may go there, and what it leaves behind.

use futures_util::future::join;

use crate::account::Contact;
use crate::port::sms::SmsTry;
use crate::port::{AcceptedMessage, DeliveryStore, Message, Messenger, SendRecord};
use crate::sms_limits::{SMS_TRIES, SmsUse};
use crate::usecase::deliver::Deliver;
use crate::usecase::deliver::outcome::{Delivered, Sending};
use crate::usecase::sender::{Attempt, Handed, Sender};
use crate::{Challenge, Fault, Locale, SmsDestination, Timestamp};

/// The result of sending a code to one address, unless it has to be tried again.
enum CodeAttempt {
    Known(Attempt),
    /// The SMS isn't tried any more, and an earlier try may have been taken.
    Spent(SmsDestination),
    /// The service takes it once an operator has mended something.
    Unmended(Fault),
    /// Nobody waits for it any more.
    Over,
}

/// The addresses that a message may go to, the best first: that of the channel that was asked for, then the
/// account's other one. A channel by which a message of this challenge did not arrive is the last resort: it
/// may work again, and nothing else is left.
fn by_preference<'a>(challenge: &Challenge, deliverable: &'a [Contact]) -> Vec<&'a Contact> {
    let mut contacts: Vec<_> = deliverable.iter().collect();
    contacts.sort_by_key(|contact| {
        let channel = contact.channel();
        (challenge.undeliverable.contains(&channel), channel != challenge.channel)
    });
    contacts
}

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// Sends a code by the first address, best first, that takes it. Whoever asked chose the channel and may be
    /// somebody else: what is refused or blocked on one must not keep the owner from hearing of it on the other.
    /// Neither must what an operator has to mend, nor an SMS whose answer was lost at its last try: what the other
    /// address doesn't take either is tried again if an operator's mending would help.
    pub(super) async fn send_by_any(
        &self,
        challenge: &Challenge,
        deliverable: &[Contact],
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Sending, Fault> {
        let mut record = SendRecord::default();
        let mut outcome = None;
        let (mut sms_sent_to, mut unmended) = (None, None);
        for contact in by_preference(challenge, deliverable) {
            let channel = contact.channel();
            match self.send_to(challenge, contact, locales, message, now).await? {
                CodeAttempt::Known(Attempt::Taken { hash, to }) => {
                    let as_asked = channel == challenge.channel;
                    record.message = Some(AcceptedMessage { hash, sms_sent_to: to.or(sms_sent_to) });
                    let outcome = if as_asked { Delivered::Sent } else { Delivered::FellBack };
                    return Ok(Sending { outcome, record });
                }
                CodeAttempt::Known(Attempt::Refused { reason }) => {
                    record.refused.push(channel);
                    outcome.get_or_insert(Delivered::Refused { reason });
                }
                CodeAttempt::Known(Attempt::Blocked(rule)) => {
                    outcome.get_or_insert(Delivered::Blocked(rule));
                }
                CodeAttempt::Spent(to) => sms_sent_to = Some(to),
                CodeAttempt::Unmended(fault) => unmended = Some(fault),
                CodeAttempt::Over => return Ok(Delivered::Stale.into()),
            }
        }
        if let Some(fault) = unmended {
            return Err(fault);
        }
        if sms_sent_to.is_some() {
            // It may have arrived, so its code must work.
            record.message = Some(AcceptedMessage { hash: None, sms_sent_to });
            return Ok(Sending { outcome: Delivered::Unknown, record });
        }
        Ok(Sending { outcome: outcome.unwrap_or(Delivered::Suppressed), record })
    }

    /// Sends a code to one address. The tries of an SMS are counted in the challenge; an answer that is lost fails
    /// the delivery, which comes again, until they are spent.
    async fn send_to(
        &self,
        challenge: &Challenge,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<CodeAttempt, Fault> {
        let sender = self.sender();
        let Some((number, destination)) = sender.destination(to)? else {
            return match sender.hand_over(to, locales, message, None).await? {
                Handed::Unmended(fault) => Ok(CodeAttempt::Unmended(fault)),
                handed => handed.known().map(CodeAttempt::Known),
            };
        };
        let tries = match self.store.take_sms_try(challenge).await? {
            SmsTry::Taken(tries) => tries,
            SmsTry::Spent => return Ok(CodeAttempt::Spent(destination)),
            SmsTry::Over => return Ok(CodeAttempt::Over),
        };
        // Whatever becomes of this try, an earlier one may have arrived.
        let is_first = tries <= 1;
        let counted = sender.count(SmsUse::Code(challenge.caller), number, destination, now).await;
        if !matches!(counted, Ok(Ok(_))) {
            self.store.return_sms_try(challenge).await?;
        }
        let counted = match counted? {
            Ok(counted) => counted,
            Err(rule) if is_first => return Ok(CodeAttempt::Known(Attempt::Blocked(rule))),
            Err(_) => return Ok(CodeAttempt::Spent(destination)),
        };
        let handed = sender.hand_over(to, locales, message, Some(destination)).await;
        if !handed.as_ref().is_ok_and(Handed::may_be_taken) {
            let back = join(self.store.refund(counted), self.store.return_sms_try(challenge)).await;
            back.0.and(back.1)?;
        }
        match handed? {
            Handed::Unknown(_) if tries >= SMS_TRIES => Ok(CodeAttempt::Spent(destination)),
            Handed::Known(Attempt::Refused { .. }) if !is_first => Ok(CodeAttempt::Spent(destination)),
            Handed::Unmended(fault) => Ok(CodeAttempt::Unmended(fault)),
            handed => handed.known().map(CodeAttempt::Known),
        }
    }

    fn sender(&self) -> Sender<'_, S, M> {
        let Self { store, messenger, context, sms, .. } = self;
        Sender { store, messenger, context, limits: sms }
    }
}
