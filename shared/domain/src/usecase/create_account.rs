//! The application's back end adds an account, with a password or with a hash that it already has.

use crate::account::{FIRST_CREDENTIAL, PersonalText};
use crate::port::{AccountStore, PasswordHasher};
use crate::{
    Account, AccountId, EmailAddress, Environment, Fault, Identifier, IdentifierHash, Locale, Password,
    PasswordHash, PhoneNumber, SessionEpoch,
};

/// A new account.
#[derive(Debug, Default)]
pub struct NewAccount {
    /// A verified email address.
    pub email: Option<EmailAddress>,
    /// A verified mobile number.
    pub phone: Option<PhoneNumber>,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// The name.
    pub name: Option<PersonalText>,
    /// The postal code.
    pub postal_code: Option<PersonalText>,
    /// The password or its hash, if there is one.
    pub credential: Option<Credential>,
}

/// What an account starts with.
#[derive(Debug)]
pub enum Credential {
    /// A password.
    Password(Password),
    /// A hash from elsewhere, in PHC form.
    Hash(PasswordHash),
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Neither email nor phone: nobody could ever use it.
    #[error("an account needs an email address or a phone number")]
    NoIdentifier,
    /// Another account has the email address or the phone number.
    #[error("an identifier belongs to another account")]
    IdentifierTaken,
    /// Trouble outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct CreateAccount<S, H> {
    /// The table.
    pub store: S,
    /// Hashes the password.
    pub hasher: H,
    /// Time, randomness, keys.
    pub environment: Environment,
}

impl<S: AccountStore, H: PasswordHasher> CreateAccount<S, H> {
    /// Adds the account in one transaction.
    #[tracing::instrument(name = "create_account", skip_all)]
    pub async fn run(&self, new: NewAccount) -> Result<AccountId, CreateAccountError> {
        let prf = self.environment.prf.as_ref();
        let email = new.email.clone().map(Identifier::Email);
        let phone = new.phone.clone().map(Identifier::Phone);
        let identifiers = email
            .iter()
            .chain(&phone)
            .map(|identifier| IdentifierHash::under_every_version(prf, identifier))
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        if identifiers.is_empty() {
            return Err(CreateAccountError::NoIdentifier);
        }
        let password_hash = match new.credential {
            None => None,
            Some(Credential::Hash(hash)) => Some(hash),
            Some(Credential::Password(password)) => Some(self.hasher.hash(&password)?),
        };
        let account = Account {
            id: AccountId::from_bytes(self.environment.random_bytes()?),
            email: new.email,
            phone: new.phone,
            locale: new.locale,
            name: new.name,
            postal_code: new.postal_code,
            password_hash,
            credential_version: FIRST_CREDENTIAL,
            session_epoch: SessionEpoch(1),
            disabled: false,
        };
        if self.store.add_account(&account, &identifiers).await? {
            Ok(account.id)
        } else {
            Err(CreateAccountError::IdentifierTaken)
        }
    }
}
