//! Commonly used passwords, found by zxcvbn.
//!
//! # Why an estimator
//! A list answers for whole strings, and next to no string of 15 characters is on one: of the 30,000
//! entries of zxcvbn's own list of passwords 31 are that long. What people do with a common password
//! that is too short is to double it, to add digits or another one, to write `@` for `a`. Undoing all
//! that is what zxcvbn does (D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX
//! Security 2016): it takes the password apart into common passwords, words, names, repetitions,
//! sequences, keyboard patterns, dates and the rest, and estimates the number of guesses to the whole.
//! The password is refused only as a whole; what it contains doesn't matter, nor what it is made of.
//!
//! The crate and its lists are under the MIT licence. The lists are what zxcvbn made of ten million leaked
//! passwords (the 30,000 most used), English Wikipedia, US television and film, and the US census.
//! They know English and ASCII; other languages are only as well covered as leaks are.
//!
//! # The threshold
//! The estimate of _n_ pieces is at least 10^(4(n − 1)), and a character without a pattern counts as ten
//! guesses. 10^9 refuses one or two pieces that are not rare and three that are very common
//! (`monkeydragon12345`), and passes four of anything, so a phrase of ordinary words. Below nine
//! characters the threshold is 10 to the power of their number: what has no pattern is never refused.
//! Nobody gets anywhere near 10^9 guesses online, where an account's budget is 100.
//!
//! # What isn't ASCII
//! No list has it and no keyboard pattern leads to it, so each such code point counts as one without a
//! pattern, in repetitions too: `é` twenty times is a choice out of 150,000 code points and no common
//! password, while `a` fifteen times is what a guesser tries.
//!
//! # Cost
//! Measured on `x86_64`, optimised: 0.1 ms for an ordinary password of 15 characters, 9 ms once for the
//! lists, 2.8 MB of binary (1.1 MB compressed), 0.1 ms of start. The worst case, letters all of which
//! stand for others, grows with the square of the length (126 ms for 100 characters), which is why the
//! estimator sees [`STRETCH`] code points at a time (10 ms at worst for each).
//!
//! The estimator's copies of the password are not cleared from memory.

use regain_domain::Password;
use zeroize::Zeroizing;

/// The most code points that the estimator sees at a time. The whole is as strong as the strongest
/// stretch at least, so a password is common only if each of its stretches is.
const STRETCH: usize = 32;

/// The decimal logarithm of the guesses that a password has to withstand.
const THRESHOLD: u8 = 9;

/// The commonly used passwords and what is little more than one or two of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommonPasswords(());

impl CommonPasswords {
    /// Costs nothing: the lists are read when they are first asked.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }

    /// Whether a guesser would come to the password early.
    #[must_use]
    pub fn contains(&self, password: &Password) -> bool {
        is_guessable(crate::text(password))
    }
}

/// Whether a text is worth less than [`THRESHOLD`], or than unpatterned text of its length.
pub(crate) fn is_guessable(text: &str) -> bool {
    let mut ascii = Zeroizing::new(String::with_capacity(text.len()));
    ascii.extend(text.chars().filter(char::is_ascii));
    let others = text.chars().filter(|c| !c.is_ascii()).take(usize::from(THRESHOLD)).count();
    let code_points = text.chars().take(usize::from(THRESHOLD)).count();
    // Both are at most the threshold, so neither conversion loses anything.
    let threshold = u8::try_from(code_points).map_or(f64::from(THRESHOLD), f64::from);
    let others = u8::try_from(others).map_or(f64::from(THRESHOLD), f64::from);
    others < threshold && stretches(&ascii).all(|stretch| guesses_log10(stretch) + others < threshold)
}

/// Cuts ASCII text into pieces that the estimator may see.
fn stretches(ascii: &str) -> impl Iterator<Item = &str> {
    (0..ascii.len()).step_by(STRETCH).map(|start| &ascii[start..ascii.len().min(start + STRETCH)])
}

fn guesses_log10(stretch: &str) -> f64 {
    zxcvbn::zxcvbn(stretch, &[]).guesses_log10()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_common(text: &str) -> bool {
        CommonPasswords::new().contains(&Password::new(text))
    }

    #[test]
    fn common_passwords_and_what_is_made_of_them_are_found() {
        let long = "password".repeat(32);
        for common in [
            // On the lists, whatever their case.
            "password",
            "PassWord",
            "football",
            "sunshine1",
            "qwertyuiop12345",
            "mailcreated5240",
            // With digits, punctuation and letters that stand for others.
            "password12345678",
            "12345678password",
            "P@ssw0rd12345678!!",
            "changeme12345678",
            "administrator1234",
            "november27112019",
            // Repeated.
            "passwordpassword",
            "Passw0rd!Passw0rd!",
            "iloveyouiloveyou",
            "letmeinletmein123",
            "abcabcabcabcabc",
            "aaaaaaaaaaaaaaa",
            "zzzzzzzzzzzzzzz1",
            "                ",
            &long,
            &long[..255],
            // Runs of the keyboard, the alphabet and the digits.
            "qwertyuiopasdfgh",
            "qazwsxedcrfvtgb",
            "1q2w3e4r5t6y7u8i",
            "abcdefghijklmnop",
            "123456789012345",
            "0987654321098765",
            // Glued from two or three.
            "passwordqwerty123",
            "supermanbatman1",
            "monkeydragon12345",
            "iloveyou123456789",
            "password password",
            "Welcome2024Welcome",
            // An uncommon letter doesn't help a common password.
            "passwordpasswordé",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn phrases_and_random_passwords_pass() {
        let (accents, crabs) = ("é".repeat(20), "🦀".repeat(256));
        for fine in [
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "seven green lamps by the sea",
            "an old and well known secret",
            "a password that is number 07",
            "a password that is long",
            "not the right password",
            "    spaces    are    fine    ",
            "one two three four",
            "my password is secret",
            "thequickbrownfox",
            "正しい馬の電池のホチキスでございます",
            "мама мыла раму и пела песню",
            &accents,
            &crabs,
            "dkf93kalw02kdnxm",
            "Tr0ub4dor&3xkqzu",
            // Where eight characters are enough.
            "k9#fLw2x",
            "x7pq2mvk",
            "x7pq2mvkz",
        ] {
            assert!(!is_common(fine), "{fine}");
        }
    }

    #[test]
    fn a_strong_stretch_anywhere_makes_a_strong_password() {
        let padding = "a".repeat(200);
        assert!(is_common(&padding));
        for phrase in ["seven green lamps by the sea and", "dkf93kalw02kdnxmdkf93kalw02kdnxm!!"] {
            assert!(!is_common(&format!("{padding}{phrase}")));
            assert!(!is_common(&format!("{phrase}{padding}")));
        }
    }

    #[test]
    fn stretches_are_all_of_the_text() {
        let text: String = ('!'..='~').cycle().take(3 * STRETCH + 1).collect();
        assert_eq!(stretches(&text).collect::<String>(), text);
        assert!(stretches(&text).all(|s| s.len() <= STRETCH));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,300}") {
            let _ = is_common(&text);
        }
    }
}
