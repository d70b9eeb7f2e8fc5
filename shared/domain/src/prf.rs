//! Keyed functions: everything derived or hashed under a key that isn't in the table.
//!
//! A table that leaks tells nothing without the keys, and a key that leaks tells no code without the
//! salt in the item. There is a key for each use, so that none speaks for another, and each has
//! versions, so that it can rotate while challenges are open.

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::{Fault, Identifier};

/// The use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Derives codes and references.
    Code,
    /// Hashes verification tokens and session tokens.
    Token,
    /// Hashes identifiers, addresses of callers, ids of messages and other data that leads to a person and is
    /// looked up by equality.
    Identifier,
}

impl KeyUse {
    /// Every use.
    pub const ALL: [Self; 3] = [Self::Code, Self::Token, Self::Identifier];

    /// Its name in the key file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
            Self::Identifier => "identifier",
        }
    }
}

/// The version of a key, 1 or more. What was made under a key carries its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyVersion(pub u32);

/// 256 bits of output of a keyed function; cleared when dropped.
pub type Output = Zeroizing<[u8; 32]>;

/// A pseudo-random function with a set of versioned keys: HMAC-SHA-256 (RFC 2104) in production.
pub trait Prf: Send + Sync {
    /// The version of the key that new things are made under.
    fn current(&self, key: KeyUse) -> KeyVersion;

    /// Every version that is known, the current one first: what there is may have been made under any.
    fn versions(&self, key: KeyUse) -> Vec<KeyVersion>;

    /// The output for `parts`, framed so that no two lists of parts are the same input.
    ///
    /// # Errors
    /// [`Fault::Internal`] if there is no such key (any more).
    fn evaluate(&self, key: KeyUse, version: KeyVersion, parts: &[&[u8]]) -> Result<Output, Fault>;
}

/// The keyed hash of an identifier: the only trace of it in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdentifierHash([u8; 32]);

impl IdentifierHash {
    /// Hashes an identifier under the current key: what is looked up.
    pub fn of(prf: &dyn Prf, identifier: &Identifier) -> Result<Self, Fault> {
        Self::under(prf, prf.current(KeyUse::Identifier), identifier)
    }

    /// Hashes an identifier under one version of the key.
    pub fn under(prf: &dyn Prf, version: KeyVersion, identifier: &Identifier) -> Result<Self, Fault> {
        let kind = identifier.channel().as_str();
        let parts = [b"identifier".as_slice(), kind.as_bytes(), identifier.as_str().as_bytes()];
        Ok(Self(*prf.evaluate(KeyUse::Identifier, version, &parts)?))
    }

    /// The hashes under every version that is known, the current one first: what is written, so that
    /// processes with either version as the current one find it.
    pub fn under_every_version(prf: &dyn Prf, identifier: &Identifier) -> Result<Vec<Self>, Fault> {
        let versions = prf.versions(KeyUse::Identifier);
        versions.into_iter().map(|version| Self::under(prf, version, identifier)).collect()
    }

    /// From stored bytes.
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

impl std::fmt::Debug for IdentifierHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentifierHash(redacted)")
    }
}

/// The keyed hash of a secret (a token, a postal code), with the version of the key. Compared in constant
/// time only.
#[derive(Clone)]
pub struct SecretHash {
    version: KeyVersion,
    hash: [u8; 32],
}

impl SecretHash {
    /// Hashes a secret of one kind under the current key.
    pub fn of(prf: &dyn Prf, kind: &str, secret: &[u8]) -> Result<Self, Fault> {
        let version = prf.current(KeyUse::Token);
        Ok(Self { version, hash: *prf.evaluate(KeyUse::Token, version, &[kind.as_bytes(), secret])? })
    }

    /// From what was stored.
    #[must_use]
    pub const fn from_parts(version: KeyVersion, hash: [u8; 32]) -> Self {
        Self { version, hash }
    }

    /// The version of the key and the bytes to store.
    #[must_use]
    pub const fn parts(&self) -> (KeyVersion, &[u8; 32]) {
        (self.version, &self.hash)
    }

    /// Mixes it into another keyed hash, so that the result stands for the pair of both.
    pub fn mix_into(&self, other: &mut [u8; 32]) {
        other.iter_mut().zip(&self.hash).for_each(|(byte, mixed)| *byte ^= mixed);
    }

    /// Whether this is the hash of that secret, in constant time. A secret whose key was retired matches
    /// nothing any more.
    pub fn matches(&self, prf: &dyn Prf, kind: &str, secret: &[u8]) -> Choice {
        match prf.evaluate(KeyUse::Token, self.version, &[kind.as_bytes(), secret]) {
            Ok(output) => output.as_slice().ct_eq(&self.hash),
            Err(_) => Choice::from(0),
        }
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretHash(version {})", self.version.0)
    }
}
