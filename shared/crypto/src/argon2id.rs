//! Argon2id (RFC 9106) with PHC strings.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use regain_domain::port::{PasswordHasher, PasswordMatch};
use regain_domain::{Fault, Password, PasswordHash, Random};
use zeroize::Zeroize;

const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;

/// What a hash costs. OWASP's first choice is 47,104 KiB, 1 iteration, 1 lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Parameters {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
}

/// The parameters are outside of what RFC 9106 allows.
#[derive(Debug, thiserror::Error)]
#[error("these Argon2 parameters are not allowed by RFC 9106")]
pub struct InvalidParameters;

/// The hasher. It keeps one buffer, which halves the time of a hash against a fresh one, clears it after
/// each use, and takes one hash at a time: that bounds both memory and concurrency of a process.
pub struct Argon2id<R> {
    current: Params,
    random: R,
    buffer: Mutex<Vec<Block>>,
}

impl<R: Random> Argon2id<R> {
    /// A hasher with current parameters.
    ///
    /// # Errors
    /// [`InvalidParameters`] outside of RFC 9106, section 3.1.
    pub fn new(parameters: Argon2Parameters, random: R) -> Result<Self, InvalidParameters> {
        let current = Params::new(parameters.memory_kib, parameters.iterations, 1, Some(OUTPUT_LENGTH))
            .map_err(|_| InvalidParameters)?;
        Ok(Self { current, random, buffer: Mutex::new(Vec::new()) })
    }

    #[tracing::instrument(name = "argon2id", skip_all)]
    fn compute(
        &self,
        context: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Fault> {
        // The buffer is cleared after use, so a panic in between left nothing to protect.
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = context.params().block_count();
        if buffer.len() < blocks {
            buffer.resize(blocks, Block::default());
        }
        let result =
            context.hash_password_into_with_memory(password.reveal(), salt, output, &mut buffer[..blocks]);
        buffer[..blocks].iter_mut().for_each(Zeroize::zeroize);
        result.map_err(|error| Fault::internal(error.to_string()))
    }

    fn current(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.current.clone())
    }

    /// Reads a PHC string of the Argon2 family.
    fn parse(hash: &PasswordHash) -> Option<(Argon2<'static>, phc::Salt, phc::Output)> {
        let phc = phc::PasswordHash::new(hash.as_phc()).ok()?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str()).ok()?;
        let version = phc.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?;
        let params = Params::try_from(&phc).ok()?;
        Some((Argon2::new(algorithm, version, params), phc.salt?, phc.hash?))
    }
}

impl<R: Random> PasswordHasher for Argon2id<R> {
    fn hash(&self, password: &Password) -> Result<PasswordHash, Fault> {
        let mut salt = [0; SALT_LENGTH];
        self.random.fill(&mut salt)?;
        let mut output = [0; OUTPUT_LENGTH];
        self.compute(&self.current(), password, &salt, &mut output)?;
        let malformed = |error: phc::Error| Fault::internal(error.to_string());
        let phc = phc::PasswordHash {
            algorithm: argon2::ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: (&self.current).try_into().map_err(|_| Fault::internal("unwritable parameters"))?,
            salt: Some(phc::Salt::new(&salt).map_err(malformed)?),
            hash: Some(phc::Output::new(&output).map_err(malformed)?),
        };
        output.zeroize();
        Ok(PasswordHash::from_phc(phc.to_string()))
    }

    fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<PasswordMatch, Fault> {
        let Some((context, salt, expected)) = hash.and_then(Self::parse) else {
            // Nobody to compare with, or a hash of a kind that can't be verified: the same work, then no.
            let mut output = [0; OUTPUT_LENGTH];
            self.compute(&self.current(), password, &[0; SALT_LENGTH], &mut output)?;
            return Ok(PasswordMatch::No);
        };
        let mut output = vec![0; expected.len()];
        self.compute(&context, password, salt.as_ref(), &mut output)?;
        // `phc::Output` compares in constant time.
        let is_match = phc::Output::new(&output).is_ok_and(|output| output == expected);
        output.zeroize();
        Ok(match is_match {
            false => PasswordMatch::No,
            true if self.is_current(&context, expected.len()) => PasswordMatch::Yes,
            true => PasswordMatch::YesWithOldParameters,
        })
    }
}

impl<R> Argon2id<R> {
    fn is_current(&self, context: &Argon2<'_>, output_length: usize) -> bool {
        let (old, new) = (context.params(), &self.current);
        (old.m_cost(), old.t_cost(), old.p_cost()) == (new.m_cost(), new.t_cost(), new.p_cost())
            && output_length == OUTPUT_LENGTH
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn hasher(memory_kib: u32) -> Argon2id<SystemRandom> {
        Argon2id::new(Argon2Parameters { memory_kib, iterations: 1 }, SystemRandom).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text)
    }

    #[test]
    fn a_hash_is_a_phc_string_that_only_its_password_matches() {
        let hasher = hasher(64);
        let hash = hasher.hash(&password("correct horse battery staple")).unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", hash.as_phc());
        let verify = |text| hasher.verify(&password(text), Some(&hash)).unwrap();
        assert_eq!(verify("correct horse battery staple"), PasswordMatch::Yes);
        assert_eq!(verify("correct horse battery stapl"), PasswordMatch::No);
        assert_ne!(hash, hasher.hash(&password("correct horse battery staple")).unwrap());
        assert_eq!(hasher.verify(&password("x"), None).unwrap(), PasswordMatch::No);
    }

    #[test]
    fn the_reference_implementation_agrees() {
        // From the test vectors of the reference implementation (argon2id, v=19, t=2, m=256, p=1).
        let hash = PasswordHash::from_phc(
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        );
        let hasher = hasher(64);
        assert_eq!(
            hasher.verify(&password("password"), Some(&hash)).unwrap(),
            PasswordMatch::YesWithOldParameters
        );
        assert_eq!(hasher.verify(&password("passwore"), Some(&hash)).unwrap(), PasswordMatch::No);
    }

    #[test]
    fn unreadable_hashes_match_nothing() {
        let hasher = hasher(64);
        for phc in ["", "$2b$12$abc", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ"] {
            let hash = PasswordHash::from_phc(phc);
            assert_eq!(hasher.verify(&password("x"), Some(&hash)).unwrap(), PasswordMatch::No);
        }
    }

    #[test]
    fn the_buffer_is_cleared() {
        let hasher = hasher(64);
        hasher.hash(&password("x")).unwrap();
        let buffer = hasher.buffer.lock().unwrap();
        assert!(!buffer.is_empty() && buffer.iter().all(|b| b.as_ref().iter().all(|w| *w == 0)));
    }

    #[test]
    fn parameters_outside_the_rfc_are_refused() {
        assert!(Argon2id::new(Argon2Parameters { memory_kib: 1, iterations: 1 }, SystemRandom).is_err());
        assert!(Argon2id::new(Argon2Parameters { memory_kib: 64, iterations: 0 }, SystemRandom).is_err());
    }
}
