//! What other programs write for a hash, read into what is verified here. Only the text is looked at: nothing is
//! computed, and what costs too much is refused before anything could be.

use data_encoding::{BASE64_NOPAD, BitOrder, HEXLOWER_PERMISSIVE, Specification};
use regain_domain::HashUnsupported;

use crate::digest::{Digest, Placement, SaltedDigest};
use crate::imported::{ImportedHash, Scheme, ScryptCosts};
use crate::phc::{MAX_LENGTH, decimal};
use crate::stored::StoredHash;

/// The alphabet of `crypt`.
const CRYPT: &str = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The alphabet of bcrypt.
const BCRYPT: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// SHA-crypt's rounds where none are named.
const SHA_CRYPT_DEFAULT: u32 = 5_000;

/// A hash of another program that can be taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// It is slow enough to be kept until its person signs in.
    Slow(StoredHash),
    /// It is one digest, with its value: kept only under Argon2id.
    Bare(SaltedDigest, Vec<u8>),
}

impl Foreign {
    /// Reads any of the forms that `docs/operations.md` lists.
    pub(crate) fn read(text: &str) -> Result<Self, HashUnsupported> {
        use HashUnsupported::Malformed;
        if text.len() > MAX_LENGTH {
            return Err(Malformed);
        }
        let fields: Vec<_> = text.split('$').collect();
        match fields[..] {
            // PHC strings of Argon2; Django puts its own name before them.
            ["" | "argon2", "argon2id" | "argon2i" | "argon2d", ..] => {
                StoredHash::decode(text.strip_prefix("argon2").unwrap_or(text)).map(Self::Slow)
            }
            ["", "2a" | "2b" | "2y", cost, rest] | ["bcrypt", "", "2a" | "2b" | "2y", cost, rest] => {
                bcrypt(cost, rest, |cost| Scheme::Bcrypt { cost })
            }
            ["bcrypt_sha256", "", "2a" | "2b" | "2y", cost, rest] => {
                bcrypt(cost, rest, |cost| Scheme::BcryptSha256 { cost })
            }
            ["", id @ ("5" | "6"), salt, output] => sha_crypt(id, SHA_CRYPT_DEFAULT, salt, output),
            ["", id @ ("5" | "6"), rounds, salt, output] => {
                let rounds = rounds.strip_prefix("rounds=").and_then(decimal).ok_or(Malformed)?;
                sha_crypt(id, rounds, salt, output)
            }
            ["", "P" | "H", rest] => phpass(rest),
            ["", "firescrypt", costs, salt, hash, separator, key] => {
                firebase(costs, [salt, hash, separator, key])
            }
            // passlib and PHC.
            [
                "",
                name @ ("pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512"),
                costs,
                salt,
                output,
            ] => pbkdf2(name, costs, salt, output),
            // Django.
            [name @ ("pbkdf2_sha256" | "pbkdf2_sha1"), iterations, salt, output] => {
                let costs = format!("i={iterations}");
                let scheme = Scheme::named(&name.replace('_', "-"), &costs)?;
                slow(scheme, Some(salt.as_bytes().to_vec()), base64(output))
            }
            ["scrypt", n, salt, r, p, output] => scrypt([n, r, p], salt, base64(output)),
            [name @ ("md5" | "sha1"), salt, value] => {
                bare(name, Placement::Prefix, Some(salt.as_bytes().to_vec()), value)
            }
            // Werkzeug.
            [method, salt, output] if method.contains(':') => werkzeug(method, salt, output),
            ["", name, placement, salt, value] if Digest::named(name).is_some() => {
                let salt = base64(salt).ok_or(Malformed)?;
                let digest = SaltedDigest::named(name, placement, salt)?;
                bare(name, digest.placement, Some(digest.salt), value)
            }
            [one] if one.starts_with('{') => ldap(one),
            [one] => asp_net_identity(one),
            // What the table holds.
            _ => StoredHash::decode(text).map(Self::Slow),
        }
    }
}

/// A hash of a scheme, if its salt and output could be read.
fn slow(scheme: Scheme, salt: Option<Vec<u8>>, output: Option<Vec<u8>>) -> Result<Foreign, HashUnsupported> {
    let (Some(salt), Some(output)) = (salt, output) else { return Err(HashUnsupported::Malformed) };
    ImportedHash::new(scheme, salt, output).map(StoredHash::Imported).map(Foreign::Slow)
}

/// A digest, whose value is in hexadecimal digits or in base64: its length tells which.
fn bare(
    name: &str,
    placement: Placement,
    salt: Option<Vec<u8>>,
    value: &str,
) -> Result<Foreign, HashUnsupported> {
    let digest = Digest::named(name).ok_or(HashUnsupported::Scheme)?;
    let value = if value.len() == 2 * digest.size() { hex(value) } else { base64(value) };
    let value = value.filter(|value| value.len() == digest.size());
    let (Some(salt), Some(value)) = (salt, value) else { return Err(HashUnsupported::Malformed) };
    Ok(Foreign::Bare(SaltedDigest { digest, placement, salt }, value))
}

/// `12`, and 22 characters of salt before 31 of output.
fn bcrypt(cost: &str, rest: &str, scheme: impl FnOnce(u32) -> Scheme) -> Result<Foreign, HashUnsupported> {
    let cost = Some(cost).filter(|cost| cost.len() == 2);
    let cost = cost.and_then(|cost| decimal(cost.strip_prefix('0').unwrap_or(cost)));
    let (salt, output) = rest.split_at_checked(22).ok_or(HashUnsupported::Malformed)?;
    let [salt, output] =
        [salt, output].map(|text| crypt_base64(text, BCRYPT, BitOrder::MostSignificantFirst));
    slow(scheme(cost.ok_or(HashUnsupported::Malformed)?), salt, output)
}

/// SHA-crypt's text has the bytes in an order of its own, in groups of three.
fn sha_crypt(id: &str, rounds: u32, salt: &str, output: &str) -> Result<Foreign, HashUnsupported> {
    let (scheme, size) = match id {
        "5" => (Scheme::Sha256Crypt { rounds }, 32),
        _ => (Scheme::Sha512Crypt { rounds }, 64),
    };
    let written = crypt_base64(output, CRYPT, BitOrder::LeastSignificantFirst);
    let written = written.filter(|bytes| bytes.len() == size).ok_or(HashUnsupported::Malformed)?;
    let mut bytes = vec![0; size];
    let third = size / 3;
    let (groups, rest) = written.split_at(third * 3);
    let mut places = [0, third, 2 * third];
    for group in groups.chunks_exact(3) {
        // The first of a group stands in its highest bits, which are written last.
        for (place, byte) in places.into_iter().zip(group.iter().rev()) {
            bytes[place] = *byte;
        }
        let [a, b, c] = places.map(|place| place + 1);
        places = if id == "5" { [c, a, b] } else { [b, c, a] };
    }
    bytes[3 * third..].copy_from_slice(rest);
    slow(scheme, Some(salt.as_bytes().to_vec()), Some(bytes))
}

/// A character for the cost, eight of salt, the output.
fn phpass(rest: &str) -> Result<Foreign, HashUnsupported> {
    let malformed = HashUnsupported::Malformed;
    let (cost, rest) = rest.split_at_checked(1).ok_or(malformed)?;
    let (salt, output) = rest.split_at_checked(8).ok_or(malformed)?;
    let cost = CRYPT.find(cost).and_then(|cost| u32::try_from(cost).ok()).ok_or(malformed)?;
    let output = crypt_base64(output, CRYPT, BitOrder::LeastSignificantFirst);
    slow(Scheme::Phpass { cost }, Some(salt.as_bytes().to_vec()), output)
}

/// Firebase's, in the form that Ory Kratos gave it.
fn firebase(costs: &str, fields: [&str; 4]) -> Result<Foreign, HashUnsupported> {
    let scheme = Scheme::named("firebase-scrypt", costs)?;
    let [Some(salt), Some(hash), Some(separator), Some(key)] = fields.map(base64) else {
        return Err(HashUnsupported::Malformed);
    };
    // The hash is the signer key, encrypted with a key stream: what is left without the signer key is that.
    let key_stream = (hash.len() == key.len()).then(|| hash.iter().zip(&key).map(|(a, b)| a ^ b).collect());
    slow(scheme, Some([salt, separator].concat()), key_stream)
}

/// Iterations are `29000`, `i=600000` or `i=600000,l=32`, where 32 is the output's length.
fn pbkdf2(name: &str, costs: &str, salt: &str, output: &str) -> Result<Foreign, HashUnsupported> {
    let name = if name == "pbkdf2" { "pbkdf2-sha1" } else { name };
    let output = base64(output);
    let (iterations, length) = costs.split_once(",l=").unwrap_or((costs, ""));
    let costs = format!("i={}", iterations.strip_prefix("i=").unwrap_or(iterations));
    let is_as_long = length.is_empty()
        || output.as_ref().is_some_and(|output| decimal(length).is_some_and(|l| l as usize == output.len()));
    slow(Scheme::named(name, &costs)?, base64(salt), output.filter(|_| is_as_long))
}

/// scrypt's N, r and p as numbers, and a salt that is text.
fn scrypt(costs: [&str; 3], salt: &str, output: Option<Vec<u8>>) -> Result<Foreign, HashUnsupported> {
    let [Some(n), Some(r), Some(p)] = costs.map(decimal) else { return Err(HashUnsupported::Malformed) };
    if !n.is_power_of_two() {
        return Err(HashUnsupported::Malformed);
    }
    let scheme = Scheme::Scrypt(ScryptCosts { log_n: n.ilog2(), r, p });
    slow(scheme, Some(salt.as_bytes().to_vec()), output)
}

/// `scrypt:32768:8:1` or `pbkdf2:sha256:600000`, with a salt that is text and an output in hexadecimal digits.
fn werkzeug(method: &str, salt: &str, output: &str) -> Result<Foreign, HashUnsupported> {
    let method: Vec<_> = method.split(':').collect();
    match method[..] {
        ["scrypt", n, r, p] => scrypt([n, r, p], salt, hex(output)),
        ["pbkdf2", digest @ ("sha1" | "sha256" | "sha512"), iterations] => {
            let scheme = Scheme::named(&format!("pbkdf2-{digest}"), &format!("i={iterations}"))?;
            slow(scheme, Some(salt.as_bytes().to_vec()), hex(output))
        }
        _ => Err(HashUnsupported::Scheme),
    }
}

/// `{SSHA}` and its kin (RFC 2307): the digest's value, and behind it the salt.
fn ldap(text: &str) -> Result<Foreign, HashUnsupported> {
    let (scheme, value) = text[1..].split_once('}').ok_or(HashUnsupported::Scheme)?;
    let (name, is_salted) = match scheme.to_ascii_uppercase().as_str() {
        "MD5" => ("md5", false),
        "SMD5" => ("md5", true),
        "SHA" => ("sha1", false),
        "SSHA" => ("sha1", true),
        "SHA256" => ("sha256", false),
        "SSHA256" => ("sha256", true),
        "SHA512" => ("sha512", false),
        "SSHA512" => ("sha512", true),
        _ => return Err(HashUnsupported::Scheme),
    };
    let digest = Digest::named(name).ok_or(HashUnsupported::Scheme)?;
    let mut value =
        base64(value).filter(|value| value.len() >= digest.size()).ok_or(HashUnsupported::Malformed)?;
    let salt = value.split_off(digest.size());
    if salt.is_empty() == is_salted {
        return Err(HashUnsupported::Malformed);
    }
    Ok(Foreign::Bare(SaltedDigest { digest, placement: Placement::Suffix, salt }, value))
}

/// Version 3 of ASP.NET Core Identity: a one, then function, iterations and length of the salt in four bytes each, salt
/// and output, all in base64.
fn asp_net_identity(text: &str) -> Result<Foreign, HashUnsupported> {
    let bytes = base64(text).ok_or(HashUnsupported::Scheme)?;
    let Some((&[1, 0, 0, 0, function @ 0..=2], rest)) = bytes.split_first_chunk() else {
        return Err(HashUnsupported::Scheme);
    };
    let malformed = HashUnsupported::Malformed;
    let (iterations, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let (salt, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let iterations = u32::from_be_bytes(*iterations);
    let (salt, output) = rest.split_at_checked(u32::from_be_bytes(*salt) as usize).ok_or(malformed)?;
    let scheme = match function {
        0 => Scheme::Pbkdf2Sha1 { iterations },
        1 => Scheme::Pbkdf2Sha256 { iterations },
        _ => Scheme::Pbkdf2Sha512 { iterations },
    };
    slow(scheme, Some(salt.to_vec()), Some(output.to_vec()))
}

/// Base64 with or without padding, in the alphabet of RFC 4648, of URLs or of passlib.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let plain: String = text
        .chars()
        .map(|character| match character {
            '.' | '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    BASE64_NOPAD.decode(plain.as_bytes()).ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// The base64 of `crypt` and of bcrypt. Programs leave anything in the bits that belong to no byte.
fn crypt_base64(text: &str, alphabet: &str, order: BitOrder) -> Option<Vec<u8>> {
    let mut specification = Specification::new();
    specification.symbols.push_str(alphabet);
    specification.bit_order = order;
    specification.check_trailing_bits = false;
    specification.encoding().ok()?.decode(text.as_bytes()).ok()
}
