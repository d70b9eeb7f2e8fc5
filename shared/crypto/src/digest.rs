//! Digests: as a part of other schemes, and as all that some programs keep of a password.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use regain_domain::{Fault, HashUnsupported};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// A digest that hashes from elsewhere are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    pub(crate) const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The length of its output in bytes.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.name() == name)
    }

    /// The digest of the parts, one after the other.
    fn of(self, parts: [&[u8]; 2]) -> Zeroizing<Vec<u8>> {
        fn run<D: sha2::Digest>(parts: [&[u8]; 2]) -> Zeroizing<Vec<u8>> {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            Zeroizing::new(digest.finalize().to_vec())
        }
        match self {
            Self::Md5 => run::<Md5>(parts),
            Self::Sha1 => run::<Sha1>(parts),
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }

    fn hmac(self, key: &[u8], message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        fn run<D: EagerHash>(key: &[u8], message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
            let mut mac = Hmac::<D>::new_from_slice(key).map_err(Fault::internal)?;
            mac.update(message);
            Ok(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
        }
        match self {
            Self::Md5 => run::<Md5>(key, message),
            Self::Sha1 => run::<Sha1>(key, message),
            Self::Sha256 => run::<Sha256>(key, message),
            Self::Sha512 => run::<Sha512>(key, message),
        }
    }
}

/// The place of the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Before the password.
    Prefix,
    /// Behind it.
    Suffix,
    /// It is the key of an HMAC (RFC 2104) of the password.
    Key,
}

impl Placement {
    const ALL: [Self; 3] = [Self::Prefix, Self::Suffix, Self::Key];

    const fn name(self) -> &'static str {
        match self {
            Self::Prefix => "s=prefix",
            Self::Suffix => "s=suffix",
            Self::Key => "s=key",
        }
    }
}

/// One digest of salt and password. It takes no time to compute, so it is never stored by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SaltedDigest {
    pub(crate) digest: Digest,
    pub(crate) placement: Placement,
    /// Empty where there is none.
    pub(crate) salt: Vec<u8>,
}

impl SaltedDigest {
    /// From the two fields that [`SaltedDigest::names`] gives.
    pub(crate) fn named(digest: &str, placement: &str, salt: Vec<u8>) -> Result<Self, HashUnsupported> {
        let digest = Digest::named(digest).ok_or(HashUnsupported::Scheme)?;
        let placement = Placement::ALL.into_iter().find(|known| known.name() == placement);
        Ok(Self { digest, placement: placement.ok_or(HashUnsupported::Malformed)?, salt })
    }

    /// What names the digest and the place of the salt.
    pub(crate) const fn names(&self) -> (&'static str, &'static str) {
        (self.digest.name(), self.placement.name())
    }

    /// The digest of a password.
    pub(crate) fn of(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self.placement {
            Placement::Prefix => Ok(self.digest.of([&self.salt, password])),
            Placement::Suffix => Ok(self.digest.of([password, &self.salt])),
            Placement::Key => self.digest.hmac(&self.salt, password),
        }
    }
}
