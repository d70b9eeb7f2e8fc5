//! One-time codes and the references that tell several messages apart.
//!
//! A code is never stored. It is derived from the challenge whenever it is needed, so a delivery that is
//! retried sends the same code, and a table that leaks holds none.

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::characters::{Digit, is_separator};
use crate::{Challenge, Fault, Generation, KeyUse, Prf};

/// How many digits a code has: 6 to 10 (NIST SP 800-63B-4, section 3.1.3.2, asks for at least 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeLength(u8);

impl CodeLength {
    /// `None` outside 6 to 10.
    #[must_use]
    pub const fn new(digits: u8) -> Option<Self> {
        if digits >= 6 && digits <= 10 { Some(Self(digits)) } else { None }
    }

    /// The number of digits.
    #[must_use]
    pub const fn digits(self) -> usize {
        self.0 as usize
    }

    const fn values(self) -> u64 {
        10_u64.pow(self.0 as u32)
    }
}

/// A one-time code: ASCII digits, leading zeros kept. Cleared when dropped, absent from `Debug`.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// The code of a challenge's current send: PRF(key, id ‖ generation ‖ salt) brought to decimal digits
    /// without modulo bias.
    pub fn of(challenge: &Challenge, prf: &dyn Prf, length: CodeLength) -> Result<Self, Fault> {
        let generation = challenge.generation.0.to_be_bytes();
        let values = length.values();
        // Values at or above the largest multiple of `values` would favour small codes: skip them.
        let limit = u64::MAX - u64::MAX % values;
        for round in 0_u8..=u8::MAX {
            let parts = [
                b"code".as_slice(),
                challenge.id.as_bytes(),
                &generation,
                challenge.salt.as_bytes(),
                &[round],
            ];
            let output = prf.evaluate(KeyUse::Code, challenge.code_key, &parts)?;
            let mut words = output.as_chunks::<8>().0.iter().map(|word| u64::from_be_bytes(*word));
            if let Some(word) = words.find(|word| *word < limit) {
                let digits = length.digits();
                return Ok(Self(Zeroizing::new(format!("{:0digits$}", word % values))));
            }
        }
        // 1,024 words in a row above the limit: less likely than 2^-1000.
        Err(Fault::internal("the keyed function gives no usable output"))
    }

    /// Reads what a person typed or pasted: white space, dashes and invisible characters of every kind are
    /// ignored, the rest must be exactly `length` decimal digits of one script, whichever. `None` otherwise.
    #[must_use]
    pub fn parse(text: &str, length: CodeLength) -> Option<Self> {
        // As large as it gets, so that no copy is left behind.
        let mut digits = Zeroizing::new(String::with_capacity(length.digits()));
        let mut zero = None;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            let digit = Digit::of(c)?;
            // Digits of two scripts can look alike and differ (UTS 39, section 5.3).
            if *zero.get_or_insert(digit.zero) != digit.zero || digits.len() == length.digits() {
                return None;
            }
            digits.push(char::from(b'0' + digit.value));
        }
        (digits.len() == length.digits()).then_some(Self(digits))
    }

    /// Whether two codes are equal, in a time that doesn't depend on where they differ.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }

    /// The digits, for the message and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(redacted)")
    }
}

/// Three characters on the page and in the message, so that a person with several messages knows which
/// one to use. Not a secret. Without vowels and look-alikes, so that it neither spells nor misleads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(String);

const REFERENCE_ALPHABET: &[u8; 24] = b"BCDFGHJKMNPQRTVWXY346789";
const REFERENCES: u64 = 24 * 24 * 24;
/// Shares no factor with [`REFERENCES`], so the references of one challenge don't repeat within a lap.
const REFERENCE_STEP: u64 = 5_417;

impl Reference {
    /// The reference of a generation's send: at a place that depends on the challenge, moving on with each
    /// generation.
    pub fn of(challenge: &Challenge, generation: Generation, prf: &dyn Prf) -> Result<Self, Fault> {
        let parts = [b"reference".as_slice(), challenge.id.as_bytes()];
        let output = prf.evaluate(KeyUse::Code, challenge.code_key, &parts)?;
        let start = output.first_chunk::<8>().map_or(0, |word| u64::from_be_bytes(*word)) % REFERENCES;
        let mut place = (start + u64::from(generation.0) * REFERENCE_STEP) % REFERENCES;
        let mut text = String::with_capacity(3);
        for _ in 0..3 {
            let index = usize::try_from(place % 24).unwrap_or(0);
            text.push(char::from(REFERENCE_ALPHABET[index]));
            place /= 24;
        }
        Ok(Self(text))
    }

    /// A reference that is already known, such as one to lay a message out with.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its three characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::ChallengeId;
    use crate::testing::{TestPrf, but, challenge};

    fn six() -> CodeLength {
        CodeLength::new(6).unwrap()
    }

    #[test]
    fn lengths_are_bounded() {
        assert!(CodeLength::new(5).is_none() && CodeLength::new(11).is_none());
        assert_eq!(CodeLength::new(10).unwrap().values(), 10_000_000_000);
    }

    #[test]
    fn a_code_depends_on_id_generation_salt_and_key() {
        let prf = TestPrf;
        let base = challenge();
        let code = |c: &Challenge| Code::of(c, &prf, CodeLength::new(10).unwrap()).unwrap().0.to_string();
        let same = code(&base);
        assert_eq!(same, code(&base.clone()));
        let other = but(&base, |record| record.generation = Generation(2));
        assert_ne!(same, code(&other));
        let other = but(&base, |record| record.salt = crate::Salt::from_bytes([9; 16]));
        assert_ne!(same, code(&other));
        let other = but(&base, |record| record.id = ChallengeId::from_bytes([9; 16]));
        assert_ne!(same, code(&other));
        let other = but(&base, |record| record.code_key = crate::KeyVersion(2));
        assert_ne!(same, code(&other));
    }

    #[test]
    fn digits_are_uniform() {
        let prf = TestPrf;
        let mut counts = [[0_f64; 10]; 6];
        let mut leading_zeros = 0;
        for i in 0..10_000_u32 {
            let salt = crate::Salt::from_bytes(u128::from(i).to_be_bytes());
            let c = but(&challenge(), |record| record.salt = salt);
            let code = Code::of(&c, &prf, six()).unwrap();
            leading_zeros += usize::from(code.reveal().starts_with('0'));
            for (place, digit) in code.reveal().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1.0;
            }
        }
        assert!(leading_zeros > 0);
        for place in counts {
            let chi_square: f64 = place.iter().map(|n| (n - 1000.0).powi(2) / 1000.0).sum();
            // 9 degrees of freedom: 33.7 is exceeded with probability 10^-4; the inputs are fixed.
            assert!(chi_square < 33.7, "{chi_square}");
        }
    }

    #[test]
    fn what_a_person_sees_as_six_digits_is_a_code() {
        for text in [
            "123456",
            "123 456",
            "123-456",
            " 1 2 3-4-5 6 ",
            "123\u{a0}456\n",
            "123\u{202f}\t456",
            "123\u{2011}456",
            "12\u{2013}34\u{2014}56",
            "123\u{2212}456",
            "123\u{ad}456",
            "\u{200e}123\u{200b}456\u{feff}",
            "1\u{fe0f}23456",
            "１２３４５６",
            "１２３－４５６",
            "１２３456",
            "١٢٣٤٥٦",
            "۱۲۳۴۵۶",
            "१२३ ४५६",
            "๑๒๓๔๕๖",
            "𝟙𝟚𝟛𝟜𝟝𝟞",
        ] {
            assert_eq!(Code::parse(text, six()).unwrap().reveal(), "123456", "{text:?}");
        }
        for wrong in [
            "",
            "12345",
            "1234567",
            "１２３４５",
            "١٢٣٤٥",
            "12345a",
            "your code is 123456",
            "+123456",
            "123.456",
            "123,456",
            "123456\0",
            "12345½",
            "一二三四五六",
            // Arabic's four and Persian's five are drawn alike, and so are more.
            "123٤56",
            "١٢٣۴۵۶",
        ] {
            assert!(Code::parse(wrong, six()).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn references_of_one_challenge_differ() {
        let prf = TestPrf;
        let c = challenge();
        let mut seen = HashSet::new();
        for generation in 1..=100 {
            let reference = Reference::of(&c, Generation(generation), &prf).unwrap();
            assert_eq!(reference.as_str().len(), 3);
            assert!(seen.insert(reference.0));
        }
    }

    proptest! {
        #[test]
        fn a_derived_code_parses_as_itself(id: [u8; 16], salt: [u8; 16], digits in 6_u8..=10) {
            let length = CodeLength::new(digits).unwrap();
            let c = but(&challenge(), |record| {
                record.id = ChallengeId::from_bytes(id);
                record.salt = crate::Salt::from_bytes(salt);
            });
            let code = Code::of(&c, &TestPrf, length).unwrap();
            let typed = Code::parse(code.reveal(), length).unwrap();
            prop_assert!(bool::from(code.ct_eq(&typed)));
            let shown = format!("{code:?}");
            prop_assert!(!shown.contains(code.reveal()));
        }

        #[test]
        fn parsing_a_code_never_panics(text in "\\PC{0,40}") {
            if let Some(code) = Code::parse(&text, six()) {
                prop_assert_eq!(code.reveal().len(), 6);
            }
        }
    }
}
