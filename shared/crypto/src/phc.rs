//! Argon2 hashes as PHC strings, read as Argon2's reference implementation reads them: [`decode_string`].
//!
//! The crate `phc` reads the general form, and that is another language: it takes members in any order, and
//! neither outputs over 64 bytes nor, as version 16, a left-out version.
//!
//! [`decode_string`]: https://github.com/P-H-C/phc-winner-argon2/blob/20190702/src/encoding.c

use argon2::{Algorithm, Argon2, MIN_SALT_LEN, Params, Version};
use data_encoding::BASE64_NOPAD;
use regain_domain::HashUnsupported;

/// The longest text that is read, in bytes: some 6 KiB of salt and output. The reference has no bound.
pub(crate) const MAX_LENGTH: usize = 8 * 1024;

/// An Argon2 hash and everything that it was made with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EncodedHash {
    pub(crate) algorithm: Algorithm,
    pub(crate) version: Version,
    pub(crate) params: Params,
    pub(crate) salt: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

impl EncodedHash {
    /// Reads what [`EncodedHash::encode`] and other programs write.
    pub(crate) fn decode(text: &str) -> Result<Self, HashUnsupported> {
        let (algorithm, rest) = [Algorithm::Argon2id, Algorithm::Argon2i, Algorithm::Argon2d]
            .into_iter()
            .find_map(|algorithm| {
                Some((algorithm, text.strip_prefix('$')?.strip_prefix(algorithm.as_str())?))
            })
            .filter(|(_, rest)| rest.starts_with('$'))
            .ok_or(HashUnsupported::Scheme)?;
        let (version, rest) = match rest.strip_prefix("$v=") {
            Some(rest) => rest.split_once('$').ok_or(HashUnsupported::Malformed)?,
            // A hash from before version 19, which introduced the member.
            None => ("16", &rest[1..]),
        };
        let malformed = || HashUnsupported::Malformed;
        let version = Version::try_from(decimal(version).ok_or_else(malformed)?)
            .map_err(|_| HashUnsupported::Version)?;
        let (params, salt, output) = fields(rest, text.len()).ok_or_else(malformed)?;
        Ok(Self { algorithm, version, params, salt, output })
    }

    /// Writes it in the form that every program of today reads.
    pub(crate) fn encode(&self) -> String {
        format!(
            "${}$v={}$m={},t={},p={}${}${}",
            self.algorithm.as_str(),
            u32::from(self.version),
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
            BASE64_NOPAD.encode(&self.salt),
            BASE64_NOPAD.encode(&self.output),
        )
    }

    /// The function that computes a hash of this kind.
    pub(crate) fn context(&self) -> Argon2<'static> {
        Argon2::new(self.algorithm, self.version, self.params.clone())
    }
}

/// The part behind the version: `m=64,t=1,p=1$SALT$OUTPUT`.
fn fields(text: &str, whole: usize) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let mut parts = text.split('$');
    let (costs, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
    let mut costs = costs.split(',');
    let mut cost = |name: &str| costs.next().and_then(|cost| decimal(cost.strip_prefix(name)?));
    let (memory, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
    if parts.next().is_some() || costs.next().is_some() || whole > MAX_LENGTH {
        return None;
    }
    let [salt, output] = [salt, output].map(|text| BASE64_NOPAD.decode(text.as_bytes()).ok());
    let (salt, output) = (salt.filter(|salt| salt.len() >= MIN_SALT_LEN)?, output?);
    // Bounds of the costs and of the output's length are the reference's too.
    let params = Params::new(memory, passes, lanes, Some(output.len())).ok()?;
    Some((params, salt, output))
}

/// A number without sign and leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: &str = "m=64,t=1,p=1";
    const SALT: &str = "CzBVep/E6Q4zWH2ix+wRNg";
    const OUTPUT: &str = "74R1rwjfAeA7bVV30S28yYCfOyaR5vzlW+yEU0tE2/Y";

    #[test]
    fn what_is_read_is_written_again() {
        let text = format!("$argon2id$v=19${COSTS}${SALT}${OUTPUT}");
        assert_eq!(EncodedHash::decode(&text).unwrap().encode(), text);
        let without_version = EncodedHash::decode(&format!("$argon2i${COSTS}${SALT}${OUTPUT}")).unwrap();
        assert_eq!(
            (without_version.algorithm, without_version.version),
            (Algorithm::Argon2i, Version::V0x10)
        );
    }

    /// Each of these was given to `argon2.low_level.verify_secret` of argon2-cffi 25.1.0 (bindings 26.2.0), which is
    /// the reference implementation: it could not decode them, or found a bound passed.
    #[test]
    fn what_the_reference_implementation_refuses_is_refused() {
        let hash = format!("$argon2id$v=19${COSTS}${SALT}${OUTPUT}");
        for text in [
            String::new(),
            "correct horse battery staple".to_owned(),
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW".to_owned(),
            hash[1..].to_owned(),
            format!(" {hash}"),
            hash.replace("argon2id", "Argon2id"),
            hash.replace("argon2id", "argon2"),
            hash.replace("argon2id", "argon2idx"),
        ] {
            assert_eq!(EncodedHash::decode(&text), Err(HashUnsupported::Scheme), "{text:?}");
        }
        let costs = |costs: &str| format!("$argon2id$v=19${costs}${SALT}${OUTPUT}");
        for text in [
            format!("{hash}\n"),
            format!("{hash} "),
            format!("{hash}$"),
            format!("{hash}="),
            hash.replace("v=19", "v=019"),
            hash.replace("v=19", "v="),
            hash.replace("v=19", "v=+19"),
            hash.replace("v=19", "v=-19"),
            hash.replace("v=19", "v=0x13"),
            hash.replace("v=19", "v=19$v=19"),
            format!("$argon2id${COSTS}$v=19${SALT}${OUTPUT}"),
            costs("t=1,m=64,p=1"),
            costs("m=64,t=1"),
            costs("m=64,t=1,p=1,p=1"),
            costs("m=64,t=1,p=1,data=AAAA"),
            costs("m=64,t=1,p=1,keyid=AAAA"),
            costs("m=0,t=1,p=1"),
            costs("m=7,t=1,p=1"),
            costs("m=64,t=0,p=1"),
            costs("m=64,t=1,p=0"),
            costs("m=64,t=1,p=9"),
            costs("m=64,t=1,p=16777216"),
            costs("m=64,t=1,p=4294967295"),
            costs("m=4294967360,t=1,p=1"),
            costs("m=064,t=1,p=1"),
            costs("m= 64,t=1,p=1"),
            costs("m=99999999999999999999999,t=1,p=1"),
            costs("m=64 ,t=1,p=1"),
            format!("$argon2id$v=19${COSTS}$CzBVep/E6Q${OUTPUT}"),
            format!("$argon2id$v=19${COSTS}$${OUTPUT}"),
            format!("$argon2id$v=19${COSTS}${SALT}"),
            format!("$argon2id$v=19${COSTS}${SALT}$"),
            format!("$argon2id$v=19${COSTS}${SALT}$AAAA"),
            // Bits that belong to no byte, and the other alphabet.
            format!("$argon2id$v=19${COSTS}$CzBVep/E6Q4zWH2ix+wRNh${OUTPUT}"),
            format!("$argon2id$v=19${COSTS}${SALT}${}Z", &OUTPUT[..OUTPUT.len() - 1]),
            format!("$argon2id$v=19${COSTS}$CzBVep_E6Q4zWH2ix-wRNg${OUTPUT}"),
        ] {
            assert_eq!(EncodedHash::decode(&text), Err(HashUnsupported::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_version_that_never_was_and_a_text_without_end_are_refused() {
        // The reference computes something for any version.
        let text = format!("$argon2id$v=18${COSTS}${SALT}${OUTPUT}");
        assert_eq!(EncodedHash::decode(&text), Err(HashUnsupported::Version));
        let with_output = |characters| {
            EncodedHash::decode(&format!("$argon2id$v=19${COSTS}${SALT}${}", "A".repeat(characters)))
        };
        // 51 characters stand before the output.
        assert!(with_output(MAX_LENGTH - 52).is_ok());
        assert_eq!(with_output(MAX_LENGTH - 48), Err(HashUnsupported::Malformed));
    }
}
