//! The steps of a key's rotation, each of which the processes that run may take up one after the other.
//!
//! add (every process knows the new version, none uses it) → promote (new things are made under it, and
//! what was made under the old one still counts) → retire (the old one is gone). A step that would leave
//! processes or stored things without a key is refused.

use regain_domain::{Fault, KeyUse, KeyVersion, Random};

use crate::Keyring;
use crate::keyring::new_key;

/// Why a step isn't taken. Names use and version, never a key.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// There is no such version.
    #[error("the key \"{0}\" has no version {1}")]
    Unknown(&'static str, u32),
    /// Nothing is to be promoted.
    #[error("version {1} of the key \"{0}\" is current already: add one first")]
    AlreadyCurrent(&'static str, u32),
    /// The current version can't go.
    #[error("version {1} of the key \"{0}\" is current: promote another first")]
    Current(&'static str, u32),
    /// Versions are counted up, and there is none above.
    #[error("the key \"{0}\" has no higher version left")]
    Exhausted(&'static str),
    /// The new key is one that is there already: the source of randomness is broken.
    #[error("the new key is one that is there already")]
    Duplicate,
    /// No randomness.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Keyring {
    /// Adds a version above all others, not current yet; which one it is.
    ///
    /// # Errors
    /// [`RotationError`].
    pub fn add(&mut self, key_use: KeyUse, random: &dyn Random) -> Result<KeyVersion, RotationError> {
        let key = new_key(random)?;
        if KeyUse::ALL.iter().any(|key_use| self.versions(*key_use).keys.values().any(|known| *known == key))
        {
            return Err(RotationError::Duplicate);
        }
        let versions = self.versions_mut(key_use);
        let highest = versions.keys.last_key_value().map_or(0, |(version, _)| version.0);
        let next = highest.checked_add(1).map(KeyVersion);
        let next = next.ok_or(RotationError::Exhausted(key_use.as_str()))?;
        versions.keys.insert(next, key);
        Ok(next)
    }

    /// Makes a version current, the highest by default; which one it is.
    ///
    /// # Errors
    /// [`RotationError`] if there is no such version or it is current already.
    pub fn promote(
        &mut self,
        key_use: KeyUse,
        version: Option<KeyVersion>,
    ) -> Result<KeyVersion, RotationError> {
        let versions = self.versions_mut(key_use);
        let highest = versions.keys.last_key_value().map_or(versions.current, |(version, _)| *version);
        let version = version.unwrap_or(highest);
        if !versions.keys.contains_key(&version) {
            return Err(RotationError::Unknown(key_use.as_str(), version.0));
        }
        if version == versions.current {
            return Err(RotationError::AlreadyCurrent(key_use.as_str(), version.0));
        }
        versions.current = version;
        Ok(version)
    }

    /// Removes a version, the lowest by default; which one it was.
    ///
    /// # Errors
    /// [`RotationError`] if there is no such version or it is the current one.
    pub fn retire(
        &mut self,
        key_use: KeyUse,
        version: Option<KeyVersion>,
    ) -> Result<KeyVersion, RotationError> {
        let versions = self.versions_mut(key_use);
        let lowest = versions.keys.first_key_value().map_or(versions.current, |(version, _)| *version);
        let version = version.unwrap_or(lowest);
        if version == versions.current {
            return Err(RotationError::Current(key_use.as_str(), version.0));
        }
        let removed = versions.keys.remove(&version);
        removed.map(|_| version).ok_or(RotationError::Unknown(key_use.as_str(), version.0))
    }
}

#[cfg(test)]
mod tests {
    use regain_domain::Prf as _;

    use super::*;
    use crate::SystemRandom;

    /// Gives the same bytes each time.
    struct Stuck;

    impl Random for Stuck {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            bytes.fill(7);
            Ok(())
        }
    }

    fn ring() -> Keyring {
        Keyring::new(&SystemRandom).unwrap()
    }

    #[test]
    fn a_rotation_keeps_every_version_that_something_was_made_under() {
        for key_use in KeyUse::ALL {
            let mut ring = ring();
            let output = |ring: &Keyring, version| ring.evaluate(key_use, KeyVersion(version), &[b"x"]);
            let (first, token) = (output(&ring, 1).unwrap(), ring.current(KeyUse::Token));
            assert_eq!(ring.add(key_use, &SystemRandom).unwrap(), KeyVersion(2));
            assert_eq!((ring.current(key_use), ring.current(KeyUse::Token)), (KeyVersion(1), token));
            let mut ring = Keyring::parse(&ring.to_text()).unwrap();
            assert_ne!(output(&ring, 2).unwrap(), first);
            assert_eq!(ring.promote(key_use, None).unwrap(), KeyVersion(2));
            assert_eq!(ring.current(key_use), KeyVersion(2));
            let mut ring = Keyring::parse(&ring.to_text()).unwrap();
            assert_eq!(output(&ring, 1).unwrap(), first);
            assert_eq!(ring.retire(key_use, None).unwrap(), KeyVersion(1));
            let ring = Keyring::parse(&ring.to_text()).unwrap();
            assert!(output(&ring, 1).is_err() && ring.current(key_use) == KeyVersion(2));
        }
    }

    #[test]
    fn unsafe_steps_are_refused() {
        let mut ring = ring();
        let text = ring.to_text();
        let current = ring.retire(KeyUse::Token, None).unwrap_err();
        assert!(matches!(current, RotationError::Current("token", 1)), "{current}");
        let current = ring.promote(KeyUse::Token, None).unwrap_err();
        assert!(matches!(current, RotationError::AlreadyCurrent("token", 1)), "{current}");
        for unknown in [
            ring.promote(KeyUse::Code, Some(KeyVersion(2))).unwrap_err(),
            ring.retire(KeyUse::Code, Some(KeyVersion(9))).unwrap_err(),
        ] {
            assert!(matches!(unknown, RotationError::Unknown("code", _)), "{unknown}");
        }
        assert_eq!(ring.to_text(), text, "nothing has changed");
        ring.add(KeyUse::Code, &Stuck).unwrap();
        assert!(matches!(ring.add(KeyUse::Token, &Stuck), Err(RotationError::Duplicate)));
        // Given up before it was used: what was added can go again.
        assert_eq!(ring.retire(KeyUse::Code, Some(KeyVersion(2))).unwrap(), KeyVersion(2));
        assert_eq!(ring.to_text(), text);
    }

    #[test]
    fn no_error_shows_a_key() {
        let mut ring = ring();
        let text = ring.to_text();
        let keys: Vec<&str> = text.split('"').filter(|part| part.len() == 44).collect();
        assert_eq!(keys.len(), 3);
        let error = ring.retire(KeyUse::Identifier, None).unwrap_err();
        let shown = format!("{error} {error:?} {ring:?}");
        assert!(keys.iter().all(|key| !shown.contains(key)), "{shown}");
    }
}
