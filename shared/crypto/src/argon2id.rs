//! Argon2id (RFC 9106) with PHC strings for new hashes, and the verification of what other programs made.

use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use regain_domain::port::{ImportError, PasswordHasher, PasswordMatch};
use regain_domain::{Fault, ForeignHash, HashUnsupported, Password, PasswordHash, Random};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, Zeroizing};

use crate::foreign::Foreign;
use crate::imported::MAX_MEMORY_KIB;
use crate::phc::EncodedHash;
use crate::stored::StoredHash;

const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;

/// The most work that an Argon2 hash from elsewhere may take, in KiB times passes, unless ours take more: 1 GiB,
/// about a second on one processor.
const IMPORT_WORK: u64 = 1024 * 1024;
/// The most memory that a stored hash is verified with, in KiB: as much as a setting can ask for.
const MAX_STORED_MEMORY_KIB: u32 = 1024 * 1024;

/// The cost of a hash. OWASP's first choice is 47,104 KiB, 1 iteration, 1 lane.
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
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Fault> {
        // The buffer is cleared after use, so a panic in between left nothing to protect.
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = context.params().block_count();
        if buffer.len() < blocks {
            buffer.resize(blocks, Block::default());
        }
        let result = context.hash_password_into_with_memory(password, salt, output, &mut buffer[..blocks]);
        buffer[..blocks].iter_mut().for_each(Zeroize::zeroize);
        // What a hash from elsewhere needs beyond ours is not kept.
        buffer.truncate(self.current.block_count());
        buffer.shrink_to_fit();
        result.map_err(|error| Fault::internal(error.to_string()))
    }

    fn current(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.current.clone())
    }
}

impl<R: Random> Argon2id<R> {
    /// A new hash of a password, or of what stands for it.
    fn make(&self, input: &[u8]) -> Result<EncodedHash, Fault> {
        let mut salt = [0; SALT_LENGTH];
        self.random.fill(&mut salt)?;
        let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
        self.compute(&self.current(), input, &salt, output.as_mut())?;
        Ok(EncodedHash {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: self.current.clone(),
            salt: salt.to_vec(),
            output: output.to_vec(),
        })
    }

    /// Reads a hash from elsewhere, if a sign-in can bear it.
    fn read(&self, foreign: &ForeignHash) -> Result<Foreign, HashUnsupported> {
        let read = Foreign::read(foreign.reveal())?;
        if let Foreign::Slow(stored) = &read
            && let Some(argon2) = stored.argon2()
            && (argon2.params.m_cost() > MAX_MEMORY_KIB.max(self.current.m_cost())
                || work(&argon2.params) > IMPORT_WORK.max(work(&self.current)))
        {
            return Err(HashUnsupported::TooCostly);
        }
        Ok(read)
    }

    /// Whether Argon2 of the input is the hash.
    fn matches(&self, hash: &EncodedHash, input: &[u8]) -> Result<bool, Fault> {
        let mut output = Zeroizing::new(vec![0; hash.output.len()]);
        self.compute(&hash.context(), input, &hash.salt, &mut output)?;
        Ok(output.ct_eq(&hash.output).into())
    }

    /// Whether a hash is the password's. Without one a hash of our own is computed for nothing.
    fn verify_bytes(&self, hash: Option<&StoredHash>, password: &[u8]) -> Result<bool, Fault> {
        match hash {
            None => self.make(password).map(|_| false),
            Some(StoredHash::Argon2(hash)) => self.matches(hash, password),
            Some(StoredHash::Wrapped(digest, outer)) => self.matches(outer, &digest.of(password)?),
            Some(StoredHash::Imported(hash)) => {
                // One hash at a time, of these too.
                let _guard = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
                hash.matches(password)
            }
        }
    }
}

impl<R: Random> PasswordHasher for Argon2id<R> {
    fn hash(&self, password: &Password) -> Result<PasswordHash, Fault> {
        self.make(password.reveal()).map(|hash| PasswordHash::from_phc(hash.encode()))
    }

    fn check(&self, foreign: &ForeignHash) -> Result<(), HashUnsupported> {
        self.read(foreign).map(drop)
    }

    fn import(&self, foreign: &ForeignHash) -> Result<PasswordHash, ImportError> {
        let stored = match self.read(foreign)? {
            Foreign::Slow(stored) => stored,
            Foreign::Bare(digest, value) => StoredHash::Wrapped(digest, self.make(&value)?),
        };
        Ok(PasswordHash::from_phc(stored.encode()))
    }

    fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<PasswordMatch, Fault> {
        let hash = hash.and_then(|hash| StoredHash::decode(hash.as_phc()).ok()).filter(|hash| {
            hash.argon2().is_none_or(|argon2| argon2.params.m_cost() <= MAX_STORED_MEMORY_KIB)
        });
        let matches = |password: &[u8]| self.verify_bytes(hash.as_ref(), password);
        let in_nfc = matches(password.reveal())?;
        // Whatever the first gave: how often is hashed tells nothing but what was typed.
        let as_sent = password.reveal_as_sent().map(matches).transpose()?.unwrap_or(false);
        let is_current = matches!(&hash, Some(StoredHash::Argon2(hash)) if self.is_current(hash));
        Ok(match in_nfc {
            true if is_current => PasswordMatch::Yes,
            false if !as_sent => PasswordMatch::No,
            _ => PasswordMatch::YesWithOldParameters,
        })
    }
}

impl<R> Argon2id<R> {
    fn is_current(&self, hash: &EncodedHash) -> bool {
        (hash.algorithm, hash.version) == (Algorithm::Argon2id, Version::V0x13)
            // The length of the output is among them.
            && hash.params == self.current
            && hash.salt.len() == SALT_LENGTH
    }
}

/// The time cost of a hash, in KiB times passes.
fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::SystemRandom;

    fn hasher(memory_kib: u32) -> Argon2id<SystemRandom> {
        Argon2id::new(Argon2Parameters { memory_kib, iterations: 1 }, SystemRandom).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text)
    }

    fn foreign(text: &str) -> ForeignHash {
        ForeignHash::new(Zeroizing::new(text.to_owned()))
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
    fn only_what_we_would_make_ourselves_is_kept() {
        let text = "correct horse battery staple";
        let ours = hasher(64).hash(&password(text)).unwrap();
        assert_eq!(hasher(64).verify(&password(text), Some(&ours)).unwrap(), PasswordMatch::Yes);
        assert_eq!(
            hasher(128).verify(&password(text), Some(&ours)).unwrap(),
            PasswordMatch::YesWithOldParameters
        );
        // Each differs from ours in one thing.
        let made = |algorithm, version, passes, lanes, salt: usize, output: usize| {
            let params = Params::new(64, passes, lanes, Some(output)).unwrap();
            let mut hash =
                EncodedHash { algorithm, version, params, salt: vec![7; salt], output: vec![0; output] };
            let context = hash.context();
            context.hash_password_into(text.as_bytes(), &hash.salt, &mut hash.output).unwrap();
            PasswordHash::from_phc(hash.encode())
        };
        let (id, v19) = (Algorithm::Argon2id, Version::V0x13);
        let verify = |hash| hasher(64).verify(&password(text), Some(&hash)).unwrap();
        assert_eq!(verify(made(id, v19, 1, 1, 16, 32)), PasswordMatch::Yes);
        for other in [
            made(Algorithm::Argon2i, v19, 1, 1, 16, 32),
            made(Algorithm::Argon2d, v19, 1, 1, 16, 32),
            made(id, Version::V0x10, 1, 1, 16, 32),
            made(id, v19, 2, 1, 16, 32),
            made(id, v19, 1, 2, 16, 32),
            made(id, v19, 1, 1, 8, 32),
            made(id, v19, 1, 1, 16, 64),
        ] {
            assert_eq!(verify(other.clone()), PasswordMatch::YesWithOldParameters, "{}", other.as_phc());
        }
    }

    #[test]
    fn a_hash_of_a_password_as_it_was_sent_is_matched_and_to_be_replaced() {
        let (nfc, nfd) = ("cr\u{e8}me br\u{fb}l\u{e9}e", "cre\u{300}me bru\u{302}le\u{301}e");
        let hasher = hasher(64);
        let of_bytes = |text: &str| {
            let mut hash = EncodedHash {
                algorithm: Algorithm::Argon2id,
                version: Version::V0x13,
                params: hasher.current.clone(),
                salt: vec![7; SALT_LENGTH],
                output: vec![0; OUTPUT_LENGTH],
            };
            let context = hash.context();
            context.hash_password_into(text.as_bytes(), &hash.salt, &mut hash.output).unwrap();
            PasswordHash::from_phc(hash.encode())
        };
        let verify = |text, hash: &PasswordHash| hasher.verify(&password(text), Some(hash)).unwrap();
        let (of_composed, of_decomposed) = (of_bytes(nfc), of_bytes(nfd));
        assert_eq!(verify(nfc, &of_composed), PasswordMatch::Yes);
        assert_eq!(verify(nfd, &of_composed), PasswordMatch::Yes);
        assert_eq!(verify(nfd, &of_decomposed), PasswordMatch::YesWithOldParameters);
        assert_eq!(verify(nfc, &of_decomposed), PasswordMatch::No);
        // A new hash is of the NFC form.
        let new = hasher.hash(&password(nfd)).unwrap();
        assert_eq!(verify(nfc, &new), PasswordMatch::Yes);
    }

    /// Counts spans, of which a hash is one.
    struct Spans(Arc<AtomicU64>);

    impl Subscriber for Spans {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed) + 1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn how_often_is_hashed_depends_on_the_password_alone() {
        let hasher = hasher(64);
        let (nfc, nfd) = (password("cr\u{e8}me"), password("cre\u{300}me"));
        let hash = hasher.hash(&nfc).unwrap();
        let unreadable = PasswordHash::from_phc("$2b$12$abc");
        let bcrypt = "$2b$04$0123456789ABCDEFGHIJK.3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe";
        let [imported, wrapped] =
            [bcrypt, "{MD5}CY9rzUYh03PK3k6DJie09g=="].map(|text| hasher.import(&foreign(text)).unwrap());
        for (text, hashes) in [(&nfc, 1), (&nfd, 2), (&password("x"), 1), (&password("x\u{300}e\u{301}"), 2)]
        {
            for hash in [None, Some(&hash), Some(&unreadable), Some(&imported), Some(&wrapped)] {
                let count = Arc::new(AtomicU64::new(0));
                tracing::subscriber::with_default(Spans(count.clone()), || hasher.verify(text, hash))
                    .unwrap();
                assert_eq!(count.load(Ordering::Relaxed), hashes);
            }
        }
    }

    #[test]
    fn hashes_that_one_sign_in_could_not_bear_are_refused() {
        let hash = |costs: &str| {
            foreign(&format!("$argon2id$v=19${costs}$CzBVep/E6Q4zWH2ix+wRNg$74R1rwjfAeA7bVV30S28yQ"))
        };
        let check = |costs| hasher(64).check(&hash(costs));
        for bearable in ["m=131072,t=8,p=1", "m=131072,t=1,p=16384", "m=8,t=131072,p=1"] {
            assert_eq!(check(bearable), Ok(()), "{bearable}");
        }
        for costly in
            ["m=131073,t=1,p=1", "m=131072,t=9,p=1", "m=8,t=4294967295,p=1", "m=4294967295,t=4294967295,p=1"]
        {
            assert_eq!(check(costly), Err(HashUnsupported::TooCostly), "{costly}");
        }
        // What a deployment takes for its own hashes it takes for others.
        assert!(hasher(300_000).check(&hash("m=300000,t=1,p=1")).is_ok());
        // One that is stored all the same is nobody's.
        let stored = PasswordHash::from_phc(hash("m=4294967295,t=1,p=1").reveal());
        assert_eq!(hasher(64).verify(&password("x"), Some(&stored)).unwrap(), PasswordMatch::No);
    }

    #[test]
    fn unreadable_hashes_match_nothing_and_are_not_taken() {
        let hasher = hasher(64);
        for phc in ["", "$2b$12$abc", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ", "x"] {
            let hash = PasswordHash::from_phc(phc);
            assert_eq!(hasher.verify(&password("x"), Some(&hash)).unwrap(), PasswordMatch::No);
            assert!(hasher.import(&foreign(phc)).is_err());
        }
    }

    #[test]
    fn the_buffer_is_cleared_and_no_larger_than_ours() {
        let hasher = hasher(64);
        hasher.hash(&password("x")).unwrap();
        let hash = PasswordHash::from_phc(
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        );
        hasher.verify(&password("x"), Some(&hash)).unwrap();
        let buffer = hasher.buffer.lock().unwrap();
        assert_eq!(buffer.len(), 64);
        assert!(buffer.iter().all(|b| b.as_ref().iter().all(|w| *w == 0)));
    }

    #[test]
    fn parameters_outside_the_rfc_are_refused() {
        assert!(Argon2id::new(Argon2Parameters { memory_kib: 1, iterations: 1 }, SystemRandom).is_err());
        assert!(Argon2id::new(Argon2Parameters { memory_kib: 64, iterations: 0 }, SystemRandom).is_err());
    }
}
