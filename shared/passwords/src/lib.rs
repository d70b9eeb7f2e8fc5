//! Checks of a new password (NIST SP 800-63B-4, section 3.1.1.2: "commonly used, expected, or
//! compromised"): passwords that many people use, what is known about the person, and the passwords of
//! known breaches.
//!
//! | module | asks | needs |
//! | --- | --- | --- |
//! | `common` | would a guesser try it early? | nothing: the lists are in the binary |
//! | `personal` | is it little more than the person's own data? | the account |
//! | `pwned` | was it in a breach? | the Pwned Passwords range API, where it is switched on |
//!
//! To extend: another question is a module with a type of its own and a method of [`Checks`]. What goes
//! over the network is time-boxed and says "no" when it fails, so that it never holds a person up.

mod common;
mod personal;
mod pwned;

use regain_domain::Password;
use regain_domain::account::PasswordAccount;
use regain_domain::port::PasswordChecks;

pub use common::CommonPasswords;
pub use personal::contains_personal_data;
pub use pwned::{InvalidBaseUrl, PwnedPasswords};

/// All that a new password is compared with.
#[derive(Debug)]
pub struct Checks {
    /// The commonly used ones.
    pub common: CommonPasswords,
    /// The breached ones, if that is switched on.
    pub pwned: Option<PwnedPasswords>,
    /// The name of the application, which is as guessable as a person's own.
    pub service: String,
}

impl PasswordChecks for Checks {
    fn is_common(&self, password: &Password) -> bool {
        self.common.contains(password)
    }

    fn is_personal(&self, password: &Password, account: &PasswordAccount) -> bool {
        contains_personal_data(password, account, &self.service)
    }

    async fn is_breached(&self, password: &Password) -> bool {
        match &self.pwned {
            Some(pwned) => pwned.contains(password).await,
            None => false,
        }
    }
}

/// A password as text, which it always is.
fn text(password: &Password) -> &str {
    std::str::from_utf8(password.reveal()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_switched_off_breaches_nothing() {
        let checks =
            Checks { common: CommonPasswords::new(), pwned: None, service: "Nordic Sofa".to_owned() };
        let password = Password::new("passwordpassword");
        assert!(checks.is_common(&password));
        assert!(!checks.is_breached(&password).await);
    }
}
