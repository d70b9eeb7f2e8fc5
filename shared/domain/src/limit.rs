//! Limits on how often things may be asked for.

use crate::account::Contact;
use crate::{
    Armed, Counter, Fault, IdentifierHash, KeyUse, Prf, Scope, SecretHash, SourceAddress, Timestamp,
};

/// How often codes may be requested. All values are counts in the window that the name says.
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// For one identifier in an hour.
    pub per_identifier_per_hour: u32,
    /// For one identifier in a day.
    pub per_identifier_per_day: u32,
    /// From one address.
    pub per_address: RequestsPerAddress,
}

/// How many codes may be requested from one address in an hour, by requests and resends together.
#[derive(Clone, Copy, Debug)]
pub struct RequestsPerAddress(pub u32);

impl RequestsPerAddress {
    /// The counter of an address.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn counter(self, source: SourceAddress, now: Timestamp, prf: &dyn Prf) -> Result<Counter, Fault> {
        Ok(Counter::new(Scope::RequestsByAddress, source.subject(prf)?, self.0, now))
    }
}

impl RequestLimits {
    /// The counters of requests for an identifier in the hour and in the day of `now`. Where a postal code is
    /// asked for, it is part of what is counted: who doesn't know it gets no message out, and must not use up what
    /// its owner may ask for.
    #[must_use]
    pub fn per_identifier(
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
            hour: Counter::new(Scope::RequestsPerHour, subject, self.per_identifier_per_hour, now),
            day: Counter::new(Scope::RequestsPerDay, subject, self.per_identifier_per_day, now),
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
