//! Personal data is what somebody who knows the person tries first.
//!
//! NIST SP 800-63B-4, section 3.1.1.2, has "context-specific words, such as the name of the service, the
//! username, and derivatives thereof" on the list of what is refused, and compares the entire password
//! with it. So a password may contain a name; it is refused if there is little else in it:
//!
//! 1. Password and data are brought into one form: no case, no accents, no spaces and ASCII punctuation
//!    (`070-174 06 05` and `0701740605` are one).
//! 2. The person's data is taken out of the password, the longest first: the email address, its local
//!    part and the parts of that, the labels of its domain but the top one, the name and its words, each
//!    of at least [`WORD`] characters; the phone number's last digits, at least [`DIGITS`] of them; the
//!    postal code and the service's name and its words, again from [`WORD`] characters. Shorter ones
//!    (`Al`) would be found in anything.
//! 3. If anything was taken out, what remains has to stand alone: at least [`REMAINDER`] code points, and
//!    no common password.
//!
//! A name with other letters in it (`4lice`) or spelt backwards is not found.

use regain_domain::Password;
use regain_domain::account::PasswordAccount;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use crate::common::is_guessable;

/// The least number of characters of a word that counts as personal.
const WORD: usize = 4;
/// The least number of a phone number's last digits that count: area codes and prefixes are often left
/// out, and six digits are what a subscriber's own part seldom has less than.
const DIGITS: usize = 6;
/// The least number of code points beside personal data. Eight is the shortest password that NIST knows.
const REMAINDER: usize = 8;

/// Whether a password is little more than the person's data and the service's name.
#[must_use]
pub fn contains_personal_data(password: &Password, account: &PasswordAccount, service: &str) -> bool {
    let whole = folded(crate::text(password));
    let mut rest = whole.clone();
    for token in tokens(account, service) {
        if rest.contains(token.as_str()) {
            rest = Zeroizing::new(rest.replace(token.as_str(), ""));
        }
    }
    rest.len() < whole.len() && (rest.chars().count() < REMAINDER || is_guessable(&rest))
}

/// The personal data in the form of [`folded`], the longest first.
fn tokens(account: &PasswordAccount, service: &str) -> Vec<Zeroizing<String>> {
    let mut tokens = Vec::new();
    let mut add = |text: &str| {
        let token = folded(text);
        if token.chars().count() >= WORD {
            tokens.push(token);
        }
    };
    if let Some(email) = &account.email {
        add(email.as_str());
        add(email.local_part());
        words(email.local_part()).for_each(&mut add);
        let (domain, _) = idna::domain_to_unicode(email.as_str().split_once('@').map_or("", |(_, d)| d));
        if let Some((labels, _top)) = domain.rsplit_once('.') {
            labels.split('.').for_each(&mut add);
        }
    }
    if let Some(name) = &account.name {
        add(&name.0);
        words(&name.0).for_each(&mut add);
    }
    if let Some(code) = &account.postal_code {
        add(&code.0);
    }
    add(service);
    words(service).for_each(&mut add);
    if let Some(phone) = &account.phone {
        let digits = phone.as_str().trim_start_matches('+');
        let last = |from: usize| digits.get(from..).map(|d| Zeroizing::new(d.to_owned()));
        tokens.extend((0..=digits.len().saturating_sub(DIGITS)).filter_map(last));
    }
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    tokens
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
}

/// Lower case, without accents (compatibility decomposition, Unicode Standard Annex 15, less combining
/// marks), white space and ASCII punctuation.
fn folded(text: &str) -> Zeroizing<String> {
    // Room for most expansions; a rare text that needs more leaves a piece of itself in freed memory.
    let mut folded = Zeroizing::new(String::with_capacity(text.len() * 3));
    folded.extend(
        text.nfkd()
            .filter(|c| !is_combining_mark(*c) && !c.is_whitespace() && !c.is_ascii_punctuation())
            .nfc()
            .flat_map(char::to_lowercase),
    );
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regain_domain::account::{PersonalText, Standing};
    use regain_domain::{AccountId, CredentialVersion, EmailAddress, PhoneNumber};

    use super::*;

    fn account(
        email: &str,
        phone: Option<&str>,
        name: Option<&str>,
        postal_code: Option<&str>,
    ) -> PasswordAccount {
        let personal = |text: &str| PersonalText(text.to_owned());
        PasswordAccount {
            standing: Standing {
                id: AccountId::from_bytes([7; 16]),
                credential_version: CredentialVersion(1),
                disabled: false,
            },
            email: EmailAddress::parse(email),
            phone: phone.and_then(PhoneNumber::parse),
            name: name.map(personal),
            postal_code: postal_code.map(personal),
            password_hash: None,
        }
    }

    fn alice() -> PasswordAccount {
        account(
            "alice.lind@mail.bluebird.example",
            Some("+46701740605"),
            Some("Alice Åkesson Lindström"),
            Some("114 55"),
        )
    }

    fn is_personal(text: &str, account: &PasswordAccount) -> bool {
        contains_personal_data(&Password::new(text), account, "Nordic Sofa")
    }

    #[test]
    fn little_more_than_personal_data_is_refused() {
        for personal in [
            "alice.lind@mail.bluebird.example",
            "Alice.Lind@Mail.Bluebird.Example!",
            "alice.lind.1985",
            "AliceLindstrom1985",
            "AliceLindström!!",
            "lindstromlindstrom",
            "akesson-akesson-1",
            "ÅKESSONÅKESSON",
            "bluebirdbluebird1",
            "+46701740605+46701740605",
            "070-174 06 05 070",
            "0701740605alice",
            "1740605-1740605-x",
            "alice11455alice11455",
            "alice 114 55 sthlm",
            "nordicsofa2024!",
            "NordicNordic2024",
            "my Nordic Sofa!",
            // A name and a common password.
            "AliceAlice12345678",
            "alicepassword123",
        ] {
            assert!(is_personal(personal, &alice()), "{personal}");
        }
    }

    #[test]
    fn a_password_may_contain_a_name() {
        for fine in [
            "my sister alice keeps nine green parrots",
            "a nordic winter is made of soup and wool",
            "alice-dkf93kalw02",
            "seven green lamps by the sea",
            "correct horse battery staple",
            "🦀🦀🦀🦀🦀🦀🦀🦀alice",
        ] {
            assert!(!is_personal(fine, &alice()), "{fine}");
        }
    }

    #[test]
    fn short_names_and_codes_reject_nothing() {
        let al = account("al@x.io", None, Some("Al B"), Some("12"));
        for fine in ["alalalal", "al b 12!", "b12xal#go", "x7pq2mvk"] {
            assert!(!contains_personal_data(&Password::new(fine), &al, "Go"), "{fine}");
        }
        // The whole name is long enough.
        let al = account("al@x.io", None, Some("Al Bond"), None);
        assert!(contains_personal_data(&Password::new("AlBondAlBond007"), &al, ""));
    }

    #[test]
    fn an_account_without_data_has_nothing_personal() {
        let nobody = account("", None, None, None);
        assert!(!contains_personal_data(&Password::new("anything at all"), &nobody, ""));
        assert!(!contains_personal_data(&Password::new(""), &nobody, ""));
    }

    #[test]
    fn international_domains_are_compared_as_they_are_read() {
        let reader = account("a@bücherwurm.example", None, None, None);
        assert!(contains_personal_data(&Password::new("Bücherwurm12345"), &reader, ""));
        assert!(contains_personal_data(&Password::new("bucherwurm12345"), &reader, ""));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,100}", name in "\\PC{0,30}") {
            let person = account("alice@example.com", Some("+46701740605"), Some(&name), Some(&name));
            let _ = contains_personal_data(&Password::new(&text), &person, &name);
        }
    }
}
