//! Postal codes, as one more thing that the owner of an account knows.

use zeroize::Zeroizing;

use crate::{Fault, Prf, SecretHash};

const KIND: &str = "postal code";

/// A postal code. Letters and digits count, whatever their case and whatever stands between them. Absent
/// from `Debug`.
#[derive(Clone)]
pub struct PostalCode(Zeroizing<String>);

impl PostalCode {
    /// Takes any text with 2 to 16 letters and digits; `None` for less and for more.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).take(17).collect();
        (2..=16).contains(&plain.chars().count()).then(|| Self(Zeroizing::new(plain)))
    }

    /// The letters and digits that count.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store in a challenge, since nobody knows yet whose it is.
    pub fn hash(&self, prf: &dyn Prf) -> Result<SecretHash, Fault> {
        SecretHash::of(prf, KIND, self.0.as_bytes())
    }

    /// Whether `hash` was made of this postal code, in constant time.
    #[must_use]
    pub fn matches(&self, prf: &dyn Prf, hash: &SecretHash) -> bool {
        hash.matches(prf, KIND, self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for PostalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostalCode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn only_letters_and_digits_count() {
        let hash = PostalCode::parse("114 55").unwrap().hash(&TestPrf).unwrap();
        for same in ["11455", " 114-55 "] {
            assert!(PostalCode::parse(same).unwrap().matches(&TestPrf, &hash), "{same}");
        }
        assert!(!PostalCode::parse("11456").unwrap().matches(&TestPrf, &hash));
        assert_eq!(PostalCode::parse("sw1a 1aa").unwrap().as_str(), "SW1A1AA");
        assert!(PostalCode::parse("-").is_none() && PostalCode::parse(&"1".repeat(17)).is_none());
    }
}
