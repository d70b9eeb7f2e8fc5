//! Callers: the networks that requests come from, as limits see them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::prf::Output;
use crate::{Fault, KeyUse, Prf, Subject};

/// The address of a caller as the gateway vouches for it. IPv6 callers count by /64, since that is what
/// one subscriber has; IPv4-mapped IPv6 counts as IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceAddress(IpAddr);

impl SourceAddress {
    /// From an address.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => Self(IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)))),
        }
    }

    /// The key for callers without a known address: all of them together.
    #[must_use]
    pub const fn unknown() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// The unit that suspicion falls on: IPv6 callers by /48, which is the most that one site is given (RFC 6177), so
    /// that nobody looks like many by having many networks of 64 bits.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn site_hash(&self, prf: &dyn Prf) -> Result<CallerHash, Fault> {
        const SITE: u128 = !(u128::MAX >> 48);
        let site = match self.0 {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & SITE)),
        };
        Ok(CallerHash(*hash_of(site, b"site", prf)?))
    }

    /// For whom calls from the address are counted.
    ///
    /// # Errors
    /// [`Fault`] if a key is missing.
    pub fn subject(&self, prf: &dyn Prf) -> Result<Subject, Fault> {
        Ok((*hash_of(self.0, b"address", prf)?).into())
    }
}

fn hash_of(address: IpAddr, kind: &[u8], prf: &dyn Prf) -> Result<Output, Fault> {
    let text = address.to_string();
    let key = prf.current(KeyUse::Identifier);
    prf.evaluate(KeyUse::Identifier, key, &[kind, text.as_bytes()])
}

/// A keyed hash of a caller's site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CallerHash([u8; 32]);

impl CallerHash {
    /// From the bytes that were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for CallerHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallerHash(redacted)")
    }
}

impl std::fmt::Debug for SourceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceAddress(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn a_site_is_one_caller_however_many_networks_it_has() {
        let site =
            |text: &str| *SourceAddress::new(text.parse().unwrap()).site_hash(&TestPrf).unwrap().as_bytes();
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:ffff::1"));
        assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
        assert_ne!(site("192.0.2.1"), site("192.0.2.2"));
    }

    #[test]
    fn addresses_count_by_subscriber() {
        let subject = |text: &str| SourceAddress::new(text.parse().unwrap()).subject(&TestPrf).unwrap();
        assert_eq!(subject("2001:db8:1:2:3::4"), subject("2001:db8:1:2:ffff::"));
        assert_ne!(subject("2001:db8:1:2::"), subject("2001:db8:1:3::"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
