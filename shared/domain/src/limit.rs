//! Limits on how often things may be asked for.

use crate::account::Contact;
use crate::{
    Armed, Counter, Fault, GuessBudget, IdentifierHash, KeyUse, Prf, Scope, SecretHash, SignInLimits,
    SmsLimits, SourceAddress, Timestamp,
};

/// How often things may be asked for. All values are counts in the window that the name says.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Codes requested for one identifier in an hour.
    pub requests_per_identifier_per_hour: u32,
    /// Codes requested for one identifier in a day.
    pub requests_per_identifier_per_day: u32,
    /// Codes requested from one address in an hour.
    pub requests_per_address_per_hour: u32,
    /// Codes checked for one address in an hour.
    pub verifies_per_address_per_hour: u32,
    /// Passwords tried.
    pub sign_in: SignInLimits,
    /// Challenges armed for one account.
    pub guesses: GuessBudget,
    /// SMS.
    pub sms: SmsLimits,
}

impl Limits {
    /// The counter of requests and resends from an address.
    pub fn requests_per_address(
        &self,
        source: SourceAddress,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<Counter, Fault> {
        let limit = self.requests_per_address_per_hour;
        Ok(Counter::new(Scope::RequestsByAddress, source.subject(prf)?, limit, now))
    }

    /// The counter of guesses from an address.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn guesses_per_address(
        &self,
        source: SourceAddress,
        now: Timestamp,
        prf: &dyn Prf,
    ) -> Result<Counter, Fault> {
        let limit = self.verifies_per_address_per_hour;
        Ok(Counter::new(Scope::GuessesByAddress, source.subject(prf)?, limit, now))
    }

    /// The counters of requests for an identifier in the hour and in the day of `now`. Where a postal code is
    /// asked for, it is part of what is counted: who doesn't know it gets no message out, and must not use up what
    /// its owner may ask for.
    #[must_use]
    pub fn requests(
        &self,
        identifier: &IdentifierHash,
        postal_code: Option<&SecretHash>,
        now: Timestamp,
    ) -> PerHourAndDay {
        let mut subject = *identifier.as_bytes();
        if let Some(postal_code) = postal_code {
            postal_code.mix_into(&mut subject);
        }
        PerHourAndDay {
            hour: Counter::new(Scope::RequestsPerHour, subject, self.requests_per_identifier_per_hour, now),
            day: Counter::new(Scope::RequestsPerDay, subject, self.requests_per_identifier_per_day, now),
        }
    }
}

/// The counter of a day's links to an address of an account that has had so many passwords. It is named under the
/// oldest version of the key that is known, so that a promotion brings no second link.
///
/// # Errors
/// [`Fault`] if there is no key.
pub fn links_of_day(
    armed: Armed,
    address: &Contact,
    now: Timestamp,
    prf: &dyn Prf,
) -> Result<Counter, Fault> {
    let oldest = prf.versions(KeyUse::Identifier).into_iter().min();
    let oldest = oldest.ok_or_else(|| Fault::internal("no key for identifiers"))?;
    let (identifier, version) = (address.identifier(), armed.credential_version.0.to_be_bytes());
    let parts = [
        b"links of a day".as_slice(),
        armed.account.as_bytes(),
        &version,
        identifier.channel().as_str().as_bytes(),
        identifier.as_str().as_bytes(),
    ];
    Ok(Counter::new(Scope::Links, *prf.evaluate(KeyUse::Identifier, oldest, &parts)?, 1, now))
}

/// Two counters of the same.
#[derive(Clone, Debug)]
pub struct PerHourAndDay {
    /// Of the hour.
    pub hour: Counter,
    /// Of the day.
    pub day: Counter,
}
