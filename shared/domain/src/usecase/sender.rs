//! Sends a message to one address. An SMS is counted before, and refunded if it clearly wasn't taken.

use futures_util::future::join;

use crate::account::Contact;
use crate::port::sms::SmsStore;
use crate::port::{Counters, Message, Messenger, SendError};
use crate::sms_limits::{SmsBudget, SmsUse};
use crate::{
    Consumed, Context, Counter, Fault, Locale, MessageHash, PhoneNumber, SmsDestination, SmsLimits, Timestamp,
};

/// Which rule held a text message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Its country is not one that text messages are sent to.
    Country,
    /// The day's budget of its country, its range of numbers or itself is spent.
    Budget,
    /// Too few of the hour's messages to its range, for its caller or to its country led to a verified code.
    Breaker,
}

/// The result of sending to one address, unless it has to be tried again.
pub(super) enum Attempt {
    /// The service took it.
    Taken {
        /// By this it is found again if it does not arrive.
        hash: Option<MessageHash>,
        /// Where it counts, of an SMS.
        to: Option<SmsDestination>,
    },
    /// The service won't ever take it.
    Refused { reason: String },
    /// A rule holds the SMS back; it looks as if it had been sent.
    Blocked(Blocked),
}

/// A service's answer to a message, unless it clearly did not take it for now.
pub(super) enum Handed {
    Known(Attempt),
    /// Its answer was lost.
    Unknown(Fault),
    /// It takes the message once an operator has mended something.
    Unmended(Fault),
}

impl Handed {
    /// Unknown and operator's errors are tried again, like messages that were not taken.
    pub(super) fn known(self) -> Result<Attempt, Fault> {
        match self {
            Self::Known(attempt) => Ok(attempt),
            Self::Unknown(fault) | Self::Unmended(fault) => Err(fault),
        }
    }

    /// Whether the service took it, or may have.
    pub(super) const fn may_be_taken(&self) -> bool {
        matches!(self, Self::Known(Attempt::Taken { .. }) | Self::Unknown(_))
    }
}

/// Sends by the messenger, within the limits.
pub(super) struct Sender<'a, S, M> {
    pub(super) store: &'a S,
    pub(super) messenger: &'a M,
    pub(super) context: &'a Context,
    pub(super) limits: &'a SmsLimits,
}

impl<S: Counters + SmsStore, M: Messenger> Sender<'_, S, M> {
    /// Sends a message whose tries are no challenge's: `sms` says what an SMS of it counts against. An answer that is
    /// lost is an error, and counts; tried again, the message is blocked once its tries are spent.
    pub(super) async fn send(
        &self,
        sms: SmsUse<'_>,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        now: Timestamp,
    ) -> Result<Attempt, Fault> {
        let Some((number, destination)) = self.destination(to)? else {
            return self.hand_over(to, locales, message, None).await?.known();
        };
        let counted = match self.count(sms, number, destination, now).await? {
            Ok(counted) => counted,
            Err(rule) => return Ok(Attempt::Blocked(rule)),
        };
        let handed = self.hand_over(to, locales, message, Some(destination)).await;
        if !handed.as_ref().is_ok_and(Handed::may_be_taken) {
            self.store.refund(counted).await?;
        }
        handed?.known()
    }

    /// The number of an SMS and where it counts; `None` of an email, and of a number in a country that isn't
    /// allowed, which is the messenger's to refuse.
    pub(super) fn destination<'c>(
        &self,
        to: &'c Contact,
    ) -> Result<Option<(&'c PhoneNumber, SmsDestination)>, Fault> {
        let Contact::Phone(number) = to else { return Ok(None) };
        let Some(country) = self.messenger.country_of(number) else { return Ok(None) };
        Ok(Some((number, SmsDestination::of(number, country, self.context.prf.as_ref())?)))
    }

    /// Counts an SMS before it is sent; the counters to refund if it clearly wasn't, or the rule that blocks it,
    /// with everything refunded.
    pub(super) async fn count(
        &self,
        sms: SmsUse<'_>,
        number: &PhoneNumber,
        destination: SmsDestination,
        now: Timestamp,
    ) -> Result<Result<Vec<Counter>, Blocked>, Fault> {
        let prf = self.context.prf.as_ref();
        let SmsBudget { per_day, per_hour } = self.limits.budget(sms, number, destination, now, prf)?;
        let (counted, conversions) = join(self.store.consume(per_day), self.store.count_sms(&per_hour)).await;
        let (Consumed { mut consumed, limited }, conversions) = (counted?, conversions?);
        let mut judged = per_hour.iter().zip(&conversions);
        let is_open = judged.any(|(counter, conversion)| self.limits.is_blocked(counter, conversion));
        consumed.extend(per_hour.into_iter().map(|conversion| conversion.counter));
        let rule = match limited {
            Some(_) => Blocked::Budget,
            None if is_open => Blocked::Breaker,
            None => return Ok(Ok(consumed)),
        };
        self.store.refund(consumed).await?;
        Ok(Err(rule))
    }

    /// Hands a message to its service; `sms` is where one that is an SMS counts.
    pub(super) async fn hand_over(
        &self,
        to: &Contact,
        locales: &[Locale],
        message: &Message,
        sms: Option<SmsDestination>,
    ) -> Result<Handed, Fault> {
        match self.messenger.send(to, locales, message).await {
            Ok(id) => {
                let prf = self.context.prf.as_ref();
                let hash = id.map(|id| MessageHash::of(prf, to.channel(), &id)).transpose()?;
                Ok(Handed::Known(Attempt::Taken { hash, to: sms }))
            }
            Err(SendError::Refused { reason }) => Ok(Handed::Known(Attempt::Refused { reason })),
            Err(SendError::Operator { reason }) => Ok(Handed::Unmended(Fault::unavailable(reason))),
            Err(SendError::Unknown(fault)) => Ok(Handed::Unknown(fault)),
            Err(SendError::Failed(fault)) => Err(fault),
        }
    }
}
