//! The hashes that are verified, as they stand in the table: PHC strings that name their scheme.
//!
//! | stored | what it is |
//! | --- | --- |
//! | `$argon2id$v=19$m=47104,t=1,p=1$SALT$OUTPUT` | Argon2: ours, or another program's |
//! | `$pbkdf2-sha256$i=600000$SALT$OUTPUT` | another program's, as [`ImportedHash`] has it |
//! | `$sha1$s=prefix$SALT$argon2id$v=19$…` | Argon2id over a digest that was made of the password and this salt |

use data_encoding::BASE64_NOPAD;
use regain_domain::HashUnsupported;

use crate::digest::{Digest, SaltedDigest};
use crate::imported::ImportedHash;
use crate::phc::{EncodedHash, MAX_LENGTH};

/// A hash that can be verified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StoredHash {
    /// Argon2 of the password.
    Argon2(EncodedHash),
    /// A hash of another scheme.
    Imported(ImportedHash),
    /// Argon2id of a digest of the password.
    Wrapped(SaltedDigest, EncodedHash),
}

impl StoredHash {
    /// Reads what [`StoredHash::encode`] writes. Costs are bounded but for Argon2's.
    pub(crate) fn decode(text: &str) -> Result<Self, HashUnsupported> {
        if text.len() > MAX_LENGTH {
            return Err(HashUnsupported::Malformed);
        }
        let mut fields = text.splitn(5, '$');
        let Some(("", name)) = fields.next().zip(fields.next()) else {
            return Err(HashUnsupported::Scheme);
        };
        if name.starts_with("argon2") {
            return EncodedHash::decode(text).map(Self::Argon2);
        }
        if Digest::named(name).is_none() {
            return ImportedHash::decode(text).map(Self::Imported);
        }
        let (Some(placement), Some(salt), Some(outer)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(HashUnsupported::Malformed);
        };
        let salt = BASE64_NOPAD.decode(salt.as_bytes()).map_err(|_| HashUnsupported::Malformed)?;
        let digest = SaltedDigest::named(name, placement, salt)?;
        let outer = EncodedHash::decode(&format!("${outer}")).map_err(|_| HashUnsupported::Malformed)?;
        Ok(Self::Wrapped(digest, outer))
    }

    /// Writes it in its one form.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Argon2(hash) => hash.encode(),
            Self::Imported(hash) => hash.encode(),
            Self::Wrapped(digest, outer) => {
                let (name, placement) = digest.names();
                format!("${name}${placement}${}{}", BASE64_NOPAD.encode(&digest.salt), outer.encode())
            }
        }
    }

    /// The Argon2 hash in it, if it has one.
    pub(crate) const fn argon2(&self) -> Option<&EncodedHash> {
        match self {
            Self::Argon2(hash) | Self::Wrapped(_, hash) => Some(hash),
            Self::Imported(_) => None,
        }
    }
}
