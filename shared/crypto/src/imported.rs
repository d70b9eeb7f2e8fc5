//! Hashes of other programs that are kept as they are until their person signs in: what they cost at the most, and
//! how they are computed.
//!
//! To add a scheme, add a variant to [`Scheme`]; the compiler asks for its name, bounds and computation. What other
//! programs write is read in `foreign.rs`.

use aes::Aes256;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use ctr::Ctr128BE;
use data_encoding::{BASE64_NOPAD, HEXLOWER};
use hmac::EagerHash;
use md5::Md5;
use regain_domain::{Fault, HashUnsupported};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::phc::decimal;

/// The most memory that a hash from elsewhere may take, in KiB: 128 MiB. The functions that verify have 1,769 MB.
pub(crate) const MAX_MEMORY_KIB: u32 = 128 * 1024;
/// The most that bcrypt may cost, as the binary logarithm of its rounds.
const MAX_BCRYPT_COST: u32 = 14;
/// The most work of scrypt: N · r · p. OWASP's choices take half of it.
const MAX_SCRYPT_WORK: u64 = 1 << 21;
/// The most blocks of scrypt beside those of N: r · p, one MiB.
const MAX_SCRYPT_LANES: u64 = 1 << 13;
/// The most work of PBKDF2: iterations times blocks of output. OWASP's choice for SHA-1 is 1,400,000.
const MAX_PBKDF2_WORK: u64 = 2_000_000;
/// The rounds that SHA-crypt may have. passlib's default is 656,000.
const SHA_CRYPT_ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=1_000_000;
/// The most that phpass may cost, as the binary logarithm of its rounds. passlib's default is 19.
const MAX_PHPASS_COST: u32 = 20;
/// The longest password, in bytes, for SHA-crypt and phpass, whose every round takes it anew. libxcrypt has the same.
const MAX_ROUND_PASSWORD: usize = 512;
/// How much of a password counts for bcrypt, in bytes and with the zero at its end.
const BCRYPT_KEY: usize = 72;
/// The least output, in bytes. Less would match too many passwords.
const MIN_OUTPUT: usize = 16;

/// The way in which a hash was made, with its costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// bcrypt. `2a`, `2b` and `2y` are the same for UTF-8, except that OpenBSD's `2a` takes a password of 255 bytes
    /// or more for a shorter one: that is not imitated.
    Bcrypt { cost: u32 },
    /// Django's `bcrypt_sha256`: bcrypt of the password's SHA-256 in hexadecimal digits.
    BcryptSha256 { cost: u32 },
    /// scrypt (RFC 7914).
    Scrypt(ScryptCosts),
    /// Firebase's: scrypt makes a key for AES-256-CTR, which encrypts the project's signer key. Kept is the key stream,
    /// so that the signer key is in no table.
    FirebaseScrypt(ScryptCosts),
    /// PBKDF2 with HMAC-SHA-1 (RFC 8018).
    Pbkdf2Sha1 { iterations: u32 },
    /// The same with SHA-256.
    Pbkdf2Sha256 { iterations: u32 },
    /// The same with SHA-512.
    Pbkdf2Sha512 { iterations: u32 },
    /// [SHA-crypt](https://www.akkadia.org/drepper/SHA-crypt.txt) with SHA-256.
    Sha256Crypt { rounds: u32 },
    /// The same with SHA-512.
    Sha512Crypt { rounds: u32 },
    /// [phpass](https://www.openwall.com/phpass/): MD5 in rounds.
    Phpass { cost: u32 },
}

/// The costs of scrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScryptCosts {
    /// The binary logarithm of N, the passes over memory.
    pub(crate) log_n: u32,
    /// The size of a block, in 128 bytes.
    pub(crate) r: u32,
    /// How often it is done.
    pub(crate) p: u32,
}

impl Scheme {
    /// Its name and its costs, as they are stored.
    fn names(self) -> (&'static str, Vec<(&'static str, u32)>) {
        let scrypt = |costs: ScryptCosts| vec![("ln", costs.log_n), ("r", costs.r), ("p", costs.p)];
        match self {
            Self::Bcrypt { cost } => ("bcrypt", vec![("c", cost)]),
            Self::BcryptSha256 { cost } => ("bcrypt-sha256-hex", vec![("c", cost)]),
            Self::Scrypt(costs) => ("scrypt", scrypt(costs)),
            Self::FirebaseScrypt(costs) => ("firebase-scrypt", scrypt(costs)),
            Self::Pbkdf2Sha1 { iterations } => ("pbkdf2-sha1", vec![("i", iterations)]),
            Self::Pbkdf2Sha256 { iterations } => ("pbkdf2-sha256", vec![("i", iterations)]),
            Self::Pbkdf2Sha512 { iterations } => ("pbkdf2-sha512", vec![("i", iterations)]),
            Self::Sha256Crypt { rounds } => ("sha256-crypt", vec![("i", rounds)]),
            Self::Sha512Crypt { rounds } => ("sha512-crypt", vec![("i", rounds)]),
            Self::Phpass { cost } => ("phpass", vec![("c", cost)]),
        }
    }

    /// The scheme of what [`Scheme::names`] gives, with costs as `ln=15,r=8,p=1`.
    pub(crate) fn named(name: &str, costs: &str) -> Result<Self, HashUnsupported> {
        let one = |key| costs_of(costs, [key]).map(|[cost]| cost);
        let scrypt = || costs_of(costs, ["ln", "r", "p"]).map(|[log_n, r, p]| ScryptCosts { log_n, r, p });
        match name {
            "bcrypt" => one("c").map(|cost| Self::Bcrypt { cost }),
            "bcrypt-sha256-hex" => one("c").map(|cost| Self::BcryptSha256 { cost }),
            "scrypt" => scrypt().map(Self::Scrypt),
            "firebase-scrypt" => scrypt().map(Self::FirebaseScrypt),
            "pbkdf2-sha1" => one("i").map(|iterations| Self::Pbkdf2Sha1 { iterations }),
            "pbkdf2-sha256" => one("i").map(|iterations| Self::Pbkdf2Sha256 { iterations }),
            "pbkdf2-sha512" => one("i").map(|iterations| Self::Pbkdf2Sha512 { iterations }),
            "sha256-crypt" => one("i").map(|rounds| Self::Sha256Crypt { rounds }),
            "sha512-crypt" => one("i").map(|rounds| Self::Sha512Crypt { rounds }),
            "phpass" => one("c").map(|cost| Self::Phpass { cost }),
            _ => return Err(HashUnsupported::Scheme),
        }
        .ok_or(HashUnsupported::Malformed)
    }

    /// Whether there are hashes with these costs and lengths, and whether a sign-in can bear them.
    fn check(self, salt: usize, output: usize) -> Result<(), HashUnsupported> {
        let (is_possible, is_bearable) = match self {
            Self::Bcrypt { cost } | Self::BcryptSha256 { cost } => {
                ((4..=31).contains(&cost) && salt == 16 && output == 23, cost <= MAX_BCRYPT_COST)
            }
            Self::Scrypt(costs) | Self::FirebaseScrypt(costs) => {
                let ScryptCosts { log_n, r, p } = costs;
                let lanes = u64::from(r).saturating_mul(u64::from(p));
                let possible = (1..=63).contains(&log_n) && lanes > 0;
                let blocks = possible.then(|| (1_u64 << log_n).saturating_mul(u64::from(r)));
                let bearable = blocks.is_some_and(|blocks| {
                    blocks <= u64::from(MAX_MEMORY_KIB) * 8
                        && lanes <= MAX_SCRYPT_LANES
                        && blocks.saturating_mul(u64::from(p)) <= MAX_SCRYPT_WORK
                });
                (possible, bearable)
            }
            Self::Pbkdf2Sha1 { iterations } => pbkdf2_bounds(iterations, output, Sha1::output_size()),
            Self::Pbkdf2Sha256 { iterations } => pbkdf2_bounds(iterations, output, Sha256::output_size()),
            Self::Pbkdf2Sha512 { iterations } => pbkdf2_bounds(iterations, output, Sha512::output_size()),
            Self::Sha256Crypt { rounds } => sha_crypt_bounds(rounds, salt, output == Sha256::output_size()),
            Self::Sha512Crypt { rounds } => sha_crypt_bounds(rounds, salt, output == Sha512::output_size()),
            Self::Phpass { cost } => {
                ((7..=30).contains(&cost) && salt == 8 && output == 16, cost <= MAX_PHPASS_COST)
            }
        };
        match (is_possible && output >= MIN_OUTPUT, is_bearable) {
            (false, _) => Err(HashUnsupported::Malformed),
            (true, false) => Err(HashUnsupported::TooCostly),
            (true, true) => Ok(()),
        }
    }

    /// Whether a password is one that the scheme can tell from others. Those that it can't match nothing.
    ///
    /// bcrypt repeats a password with its final zero, and programs in C end one at a zero: what holds a zero would be
    /// taken for a shorter one.
    fn takes(self, password: &[u8]) -> bool {
        let has_zero = || password.contains(&0);
        match self {
            Self::Bcrypt { .. } => !has_zero(),
            Self::Sha256Crypt { .. } | Self::Sha512Crypt { .. } => {
                password.len() <= MAX_ROUND_PASSWORD && !has_zero()
            }
            Self::Phpass { .. } => password.len() <= MAX_ROUND_PASSWORD,
            Self::BcryptSha256 { .. }
            | Self::Scrypt(_)
            | Self::FirebaseScrypt(_)
            | Self::Pbkdf2Sha1 { .. }
            | Self::Pbkdf2Sha256 { .. }
            | Self::Pbkdf2Sha512 { .. } => true,
        }
    }

    fn compute(self, password: &[u8], salt: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut output = Zeroizing::new(vec![0; length]);
        match self {
            Self::Bcrypt { cost } => output = bcrypt(cost, salt, password)?,
            Self::BcryptSha256 { cost } => {
                let digits = Zeroizing::new(HEXLOWER.encode(&Sha256::digest(password)));
                output = bcrypt(cost, salt, digits.as_bytes())?;
            }
            Self::Scrypt(costs) => costs.compute(password, salt, &mut output)?,
            Self::FirebaseScrypt(costs) => {
                let mut key = Zeroizing::new([0; 32]);
                costs.compute(password, salt, key.as_mut())?;
                Ctr128BE::<Aes256>::new((&*key).into(), &[0; 16].into()).apply_keystream(&mut output);
            }
            Self::Pbkdf2Sha1 { iterations } => pbkdf2::<Sha1>(password, salt, iterations, &mut output),
            Self::Pbkdf2Sha256 { iterations } => pbkdf2::<Sha256>(password, salt, iterations, &mut output),
            Self::Pbkdf2Sha512 { iterations } => pbkdf2::<Sha512>(password, salt, iterations, &mut output),
            Self::Sha256Crypt { rounds } => {
                let params = sha_crypt::Params::new(rounds).map_err(Fault::internal)?;
                output.copy_from_slice(&sha_crypt::sha256_crypt(password, salt, params));
            }
            Self::Sha512Crypt { rounds } => {
                let params = sha_crypt::Params::new(rounds).map_err(Fault::internal)?;
                output.copy_from_slice(&sha_crypt::sha512_crypt(password, salt, params));
            }
            Self::Phpass { cost } => output.copy_from_slice(&phpass(cost, salt, password)),
        }
        Ok(output)
    }
}

impl ScryptCosts {
    fn compute(self, password: &[u8], salt: &[u8], output: &mut [u8]) -> Result<(), Fault> {
        let log_n = u8::try_from(self.log_n).map_err(Fault::internal)?;
        let params = scrypt::Params::new(log_n, self.r, self.p).map_err(Fault::internal)?;
        scrypt::scrypt(password, salt, &params, output).map_err(Fault::internal)
    }
}

/// Whether there is such a PBKDF2, and whether it is bearable. Each block of output takes all iterations anew.
fn pbkdf2_bounds(iterations: u32, output: usize, block: usize) -> (bool, bool) {
    let blocks = u64::try_from(output.div_ceil(block)).unwrap_or(u64::MAX);
    (iterations > 0, u64::from(iterations).saturating_mul(blocks) <= MAX_PBKDF2_WORK)
}

fn sha_crypt_bounds(rounds: u32, salt: usize, is_whole: bool) -> (bool, bool) {
    (rounds >= *SHA_CRYPT_ROUNDS.start() && salt <= 16 && is_whole, rounds <= *SHA_CRYPT_ROUNDS.end())
}

fn pbkdf2<D: EagerHash>(password: &[u8], salt: &[u8], iterations: u32, output: &mut [u8]) {
    pbkdf2::pbkdf2_hmac::<D>(password, salt, iterations, output);
}

/// The 23 bytes that bcrypt's text has of its 24.
fn bcrypt(cost: u32, salt: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let salt = salt.try_into().map_err(Fault::internal)?;
    let mut key = Zeroizing::new([0; BCRYPT_KEY]);
    let length = password.len().min(BCRYPT_KEY);
    key[..length].copy_from_slice(&password[..length]);
    let output = bcrypt::bcrypt(cost, salt, &key[..BCRYPT_KEY.min(length + 1)]);
    Ok(Zeroizing::new(output[..23].to_vec()))
}

fn phpass(cost: u32, salt: &[u8], password: &[u8]) -> [u8; 16] {
    let mut state = Md5::new_with_prefix(salt).chain_update(password).finalize();
    for _ in 0..1_u64 << cost {
        state = Md5::new_with_prefix(state).chain_update(password).finalize();
    }
    state.into()
}

/// The numbers of `ln=15,r=8,p=1`, if it has these names and no others, in this order.
fn costs_of<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut fields = text.split(',');
    let mut costs = [0; N];
    for (cost, name) in costs.iter_mut().zip(names) {
        *cost = decimal(fields.next()?.strip_prefix(name)?.strip_prefix('=')?)?;
    }
    fields.next().is_none().then_some(costs)
}

/// A hash that another program made, at a cost that a sign-in can bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportedHash {
    scheme: Scheme,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl ImportedHash {
    /// Nothing is computed.
    ///
    /// # Errors
    /// [`HashUnsupported::Malformed`] if no program makes such a hash, [`HashUnsupported::TooCostly`] beyond the
    /// bounds above.
    pub(crate) fn new(scheme: Scheme, salt: Vec<u8>, output: Vec<u8>) -> Result<Self, HashUnsupported> {
        scheme.check(salt.len(), output.len())?;
        Ok(Self { scheme, salt, output })
    }

    /// Reads what [`ImportedHash::encode`] writes: `$scrypt$ln=15,r=8,p=1$SALT$OUTPUT`.
    pub(crate) fn decode(text: &str) -> Result<Self, HashUnsupported> {
        let fields: Vec<_> = text.split('$').collect();
        let ["", name, costs, salt, output] = fields[..] else {
            return Err(HashUnsupported::Scheme);
        };
        let scheme = Scheme::named(name, costs)?;
        let [salt, output] = [salt, output].map(|field| BASE64_NOPAD.decode(field.as_bytes()));
        let malformed = |_| HashUnsupported::Malformed;
        Self::new(scheme, salt.map_err(malformed)?, output.map_err(malformed)?)
    }

    /// Writes it as a PHC string, whatever its program wrote.
    pub(crate) fn encode(&self) -> String {
        let (name, costs) = self.scheme.names();
        let costs: Vec<_> = costs.into_iter().map(|(name, cost)| format!("{name}={cost}")).collect();
        let [salt, output] = [&self.salt, &self.output].map(|bytes| BASE64_NOPAD.encode(bytes));
        format!("${name}${}${salt}${output}", costs.join(","))
    }

    /// Whether it is the password's. The work does not depend on the answer.
    #[tracing::instrument(name = "imported_hash", skip_all)]
    pub(crate) fn matches(&self, password: &[u8]) -> Result<bool, Fault> {
        let takes = self.scheme.takes(password);
        let password = if takes { password } else { &[] };
        let output = self.scheme.compute(password, &self.salt, self.output.len())?;
        Ok(takes & bool::from(output.ct_eq(&self.output)))
    }
}
