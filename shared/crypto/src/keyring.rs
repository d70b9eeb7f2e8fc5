//! The keys, by use and version, and the PRF over them.
//!
//! The text form is JSON, with 256-bit keys in base64:
//! `{"code": {"1": "…"}, "token": {"1": "…"}, "identifier": {"1": "…", "2": "…"}}`. The highest version
//! of a use is the current one; older ones stay for what was made under them.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use regain_domain::prf::Output;
use regain_domain::{Fault, KeyUse, KeyVersion, Prf, Random};
use serde::Deserialize;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

type Key = Zeroizing<[u8; 32]>;

/// Keys by use and version. Absent from `Debug`, cleared when dropped.
pub struct Keyring {
    keys: [BTreeMap<KeyVersion, Key>; KeyUse::ALL.len()],
}

/// Why a text isn't a keyring. Names the use and version, never a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Not the JSON that is described above.
    #[error("the keys are not JSON of the form {{\"code\": {{\"1\": \"<base64>\"}}, …}}")]
    Malformed,
    /// A use has no key.
    #[error("there is no key for the use \"{0}\"")]
    Missing(&'static str),
    /// A version isn't a whole number from 1.
    #[error("a version of the key \"{0}\" is not a whole number from 1")]
    Version(&'static str),
    /// A key isn't 256 bits in base64.
    #[error("version {1} of the key \"{0}\" is not 32 bytes in base64")]
    Length(&'static str, u32),
    /// Two uses share a key.
    #[error("two uses or versions share a key: each needs one of its own")]
    Shared,
}

#[derive(Deserialize)]
struct Text(BTreeMap<String, BTreeMap<String, String>>);

impl Drop for Text {
    fn drop(&mut self) {
        self.0.values_mut().flat_map(BTreeMap::values_mut).for_each(Zeroize::zeroize);
    }
}

impl Keyring {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`KeyringError`], without any key in it.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let text: Text = serde_json::from_str(text).map_err(|_| KeyringError::Malformed)?;
        let mut keys: [BTreeMap<KeyVersion, Key>; KeyUse::ALL.len()] = Default::default();
        for (slot, key_use) in keys.iter_mut().zip(KeyUse::ALL) {
            let name = key_use.as_str();
            let versions = text.0.get(name).ok_or(KeyringError::Missing(name))?;
            for (version, key) in versions {
                let version: u32 = version.parse().map_err(|_| KeyringError::Version(name))?;
                if version == 0 {
                    return Err(KeyringError::Version(name));
                }
                let bytes = BASE64.decode(key.as_bytes()).map(Zeroizing::new);
                let bytes: [u8; 32] = bytes
                    .ok()
                    .and_then(|b| b.as_slice().try_into().ok())
                    .ok_or(KeyringError::Length(name, version))?;
                slot.insert(KeyVersion(version), Zeroizing::new(bytes));
            }
            if slot.is_empty() {
                return Err(KeyringError::Missing(name));
            }
        }
        let all: Vec<&Key> = keys.iter().flat_map(BTreeMap::values).collect();
        let shared = all.iter().enumerate().any(|(i, key)| all[..i].contains(key));
        if shared { Err(KeyringError::Shared) } else { Ok(Self { keys }) }
    }

    /// The text form of a new keyring with one random key for each use.
    ///
    /// # Errors
    /// As [`Random::fill`].
    pub fn generate(random: &dyn Random) -> Result<Zeroizing<String>, Fault> {
        let mut entries = Vec::new();
        for key_use in KeyUse::ALL {
            let mut key = Zeroizing::new([0; 32]);
            random.fill(key.as_mut_slice())?;
            entries.push(format!(
                "\"{}\": {{\"1\": \"{}\"}}",
                key_use.as_str(),
                BASE64.encode(key.as_slice())
            ));
        }
        Ok(Zeroizing::new(format!("{{{}}}\n", entries.join(", "))))
    }

    fn versions(&self, key: KeyUse) -> &BTreeMap<KeyVersion, Key> {
        match key {
            KeyUse::Code => &self.keys[0],
            KeyUse::Token => &self.keys[1],
            KeyUse::Identifier => &self.keys[2],
        }
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(redacted)")
    }
}

impl Prf for Keyring {
    fn current(&self, key: KeyUse) -> KeyVersion {
        self.versions(key).last_key_value().map_or(KeyVersion(1), |(version, _)| *version)
    }

    fn evaluate(&self, key: KeyUse, version: KeyVersion, parts: &[&[u8]]) -> Result<Output, Fault> {
        let secret = self.versions(key).get(&version).ok_or_else(|| {
            Fault::internal(format!("no version {} of the key \"{}\"", version.0, key.as_str()))
        })?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_slice()).map_err(Fault::internal)?;
        for part in parts {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn key(byte: u8) -> String {
        BASE64.encode(&[byte; 32])
    }

    fn keyring(text: &str) -> Result<Keyring, KeyringError> {
        Keyring::parse(text)
    }

    #[test]
    fn a_generated_keyring_reads_back() {
        let ring = keyring(&Keyring::generate(&SystemRandom).unwrap()).unwrap();
        assert_eq!(ring.current(KeyUse::Code), KeyVersion(1));
    }

    #[test]
    fn output_is_hmac_sha_256_over_framed_parts() {
        let text = format!(
            r#"{{"code":{{"1":"{}","2":"{}"}},"token":{{"7":"{}"}},"identifier":{{"1":"{}"}}}}"#,
            key(0x0b),
            key(1),
            key(2),
            key(3)
        );
        let ring = keyring(&text).unwrap();
        // Computed with Python's hmac: key 0x0b × 32, message = u64be(2) ‖ "Hi" ‖ u64be(5) ‖ "There".
        let output = ring.evaluate(KeyUse::Code, KeyVersion(1), &[b"Hi", b"There"]).unwrap();
        assert_eq!(
            data_encoding::HEXLOWER.encode(output.as_slice()),
            "66e428cd536597bf9f72b4a149d781414a7d8b6b054da8352b6563e78a87590c"
        );
        assert_eq!(ring.current(KeyUse::Code), KeyVersion(2));
        assert_eq!(ring.current(KeyUse::Token), KeyVersion(7));
        let other = ring.evaluate(KeyUse::Code, KeyVersion(1), &[b"HiT", b"here"]).unwrap();
        assert_ne!(output, other);
        assert!(ring.evaluate(KeyUse::Code, KeyVersion(3), &[]).is_err());
    }

    #[test]
    fn mistakes_are_named_without_the_key() {
        let good = key(9);
        for (text, named) in [
            ("x".to_owned(), "JSON"),
            (r#"{"code":{}}"#.to_owned(), "code"),
            (format!(r#"{{"code":{{"1":"{good}"}}}}"#), "token"),
            (format!(r#"{{"code":{{"0":"{good}"}}}}"#), "code"),
            (format!(r#"{{"code":{{"1":"{}"}}}}"#, &good[..40]), "32 bytes"),
            (
                format!(
                    r#"{{"code":{{"1":"{good}"}},"token":{{"1":"{good}"}},"identifier":{{"1":"{good}"}}}}"#
                ),
                "share",
            ),
        ] {
            let error = keyring(&text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
            assert!(!error.contains(&good[..8]), "{error}");
        }
    }
}
