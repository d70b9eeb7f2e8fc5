//! The application's back end adds an account, with a password or with a hash that it already has.

use crate::account::{FIRST_CREDENTIAL, PersonalText};
use crate::port::{AccountStore, Adding, ImportError, PasswordHasher};
use crate::{
    Account, AccountId, Channel, Context, EmailAddress, Fault, ForeignHash, HashUnsupported, Identifier,
    IdentifierHash, Locale, Password, PhoneNumber, SessionEpoch,
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

/// The data of a new account.
#[derive(Debug)]
pub enum Credential {
    /// A password.
    Password(Password),
    /// A hash from elsewhere.
    Hash(ForeignHash),
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Neither email nor phone: nobody could ever use it.
    #[error("an account needs an email address or a phone number")]
    NoIdentifier,
    /// The hash can't be verified here: with it the person could never sign in.
    #[error("the password hash is not supported: {0}")]
    HashUnsupported(#[from] HashUnsupported),
    /// One account has all that this one would be found by: most likely it was added before.
    #[error("the account is there already")]
    AlreadyThere,
    /// Others have the addresses of these channels, or another has one of them.
    #[error("an identifier belongs to another account")]
    IdentifierTaken(Vec<Channel>),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The use case.
pub struct CreateAccount<S, H> {
    /// The table.
    pub store: S,
    /// Hashes the password.
    pub hasher: H,
    /// Randomness, keys.
    pub context: Context,
}

impl From<ImportError> for CreateAccountError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unsupported(reason) => Self::HashUnsupported(reason),
            ImportError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl<S: AccountStore, H: PasswordHasher> CreateAccount<S, H> {
    /// Adds the account in one transaction.
    #[tracing::instrument(name = "create_account", skip_all)]
    pub async fn run(&self, new: NewAccount) -> Result<AccountId, CreateAccountError> {
        let prf = self.context.prf.as_ref();
        let email = new.email.clone().map(Identifier::Email);
        let phone = new.phone.clone().map(Identifier::Phone);
        // Of each identifier the hashes under every version of the key.
        let mut channels = Vec::new();
        let mut hashes = Vec::new();
        for (channel, identifier) in [(Channel::Email, email), (Channel::Sms, phone)] {
            if let Some(identifier) = identifier {
                let versions = IdentifierHash::under_every_version(prf, &identifier)?;
                channels.resize(channels.len() + versions.len(), channel);
                hashes.extend(versions);
            }
        }
        if hashes.is_empty() {
            return Err(CreateAccountError::NoIdentifier);
        }
        let password_hash = match new.credential {
            None => None,
            Some(Credential::Hash(hash)) => Some(self.hasher.import(&hash)?),
            Some(Credential::Password(password)) => Some(self.hasher.hash(&password)?),
        };
        let account = Account {
            id: AccountId::from_bytes(self.context.random_bytes()?),
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
        match self.store.add_account(&account, &hashes).await? {
            Adding::Added => Ok(account.id),
            Adding::Taken(owners) => Err(taken(&channels, &owners)),
        }
    }
}

/// Why an account is not added whose identifiers, of these channels, have these owners.
fn taken(channels: &[Channel], owners: &[Option<AccountId>]) -> CreateAccountError {
    let taken: Vec<_> =
        channels.iter().zip(owners).filter_map(|(channel, owner)| Some((*channel, (*owner)?))).collect();
    let mut of_channels: Vec<_> = taken.iter().map(|(channel, _)| *channel).collect();
    of_channels.dedup();
    let is_complete = channels.iter().all(|channel| of_channels.contains(channel));
    if is_complete && taken.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        CreateAccountError::AlreadyThere
    } else {
        CreateAccountError::IdentifierTaken(of_channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_there_already_if_one_has_all_of_its_addresses() {
        use Channel::{Email, Sms};
        let [one, two] = [1, 2].map(|n| Some(AccountId::from_bytes([n; 16])));
        let told = |channels: &[Channel], owners: &[Option<AccountId>]| match taken(channels, owners) {
            CreateAccountError::AlreadyThere => None,
            CreateAccountError::IdentifierTaken(channels) => Some(channels),
            other => panic!("{other}"),
        };
        assert_eq!(told(&[Email], &[one]), None);
        assert_eq!(told(&[Email, Sms], &[one, one]), None);
        assert_eq!(told(&[Email, Sms], &[one, None]), Some(vec![Email]));
        assert_eq!(told(&[Email, Sms], &[None, one]), Some(vec![Sms]));
        assert_eq!(told(&[Email, Sms], &[one, two]), Some(vec![Email, Sms]));
        // Under two versions of the key, of which the second is not spread yet.
        let rotating = [Email, Email, Sms, Sms];
        assert_eq!(told(&rotating, &[one, None, one, None]), None);
        assert_eq!(told(&rotating, &[None, None, one, one]), Some(vec![Sms]));
    }
}
