//! Accounts: reading them, by view, and adding them.

use std::sync::LazyLock;

use aws_sdk_dynamodb::types::AttributeValue;
use regain_domain::account::{
    DeliveryAccount, PasswordAccount, PersonalText, SessionAccount, SignInAccount, Standing,
};
use regain_domain::port::{AccountReader, AccountStore, Adding, OwnerReader};
use regain_domain::{
    Account, AccountId, CredentialVersion, EmailAddress, Fault, IdentifierHash, Locale, PasswordHash,
    PhoneNumber, SessionEpoch, Timestamp,
};

use crate::Table;
use crate::attribute::{Item, PK, Reader, n, s};
use crate::item::{ARMED_SINCE_SUCCESS, CREDENTIAL_VERSION, DISABLED, account_key, identifier_key};
use crate::kind::ItemKind;
use crate::transaction::{Transacted, put_new};

/// The account that an identifier leads to.
const OWNER: &str = "account";

pub(crate) const EMAIL: &str = "email";
pub(crate) const PHONE: &str = "phone";
const LOCALE: &str = "locale";
const NAME: &str = "display_name";
const POSTAL_CODE: &str = "postal_code";
pub(crate) const PASSWORD_HASH: &str = "password_hash";
pub(crate) const SESSION_EPOCH: &str = "session_epoch";
pub(crate) const PASSWORD_CHANGED_AT: &str = "password_changed_at";
pub(crate) const RECOVERED_AT: &str = "recovered_at";

/// A view of an account: the attributes that it needs, and how it is made of them.
pub(crate) trait View: Sized + Send {
    const ATTRIBUTES: &'static [&'static str];

    fn read(reader: &Reader<'_>) -> Result<Self, Fault>;
}

impl View for DeliveryAccount {
    const ATTRIBUTES: &'static [&'static str] =
        &[CREDENTIAL_VERSION, DISABLED, EMAIL, PHONE, LOCALE, POSTAL_CODE];

    fn read(r: &Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            standing: standing(r)?,
            email: r.optional(EMAIL, EmailAddress::parse)?,
            phone: r.optional(PHONE, PhoneNumber::from_stored)?,
            locale: r.optional(LOCALE, Locale::parse)?,
            postal_code: personal(r, POSTAL_CODE),
        })
    }
}

impl View for PasswordAccount {
    const ATTRIBUTES: &'static [&'static str] =
        &[CREDENTIAL_VERSION, DISABLED, EMAIL, PHONE, NAME, POSTAL_CODE, PASSWORD_HASH];

    fn read(r: &Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            standing: standing(r)?,
            email: r.optional(EMAIL, EmailAddress::parse)?,
            phone: r.optional(PHONE, PhoneNumber::from_stored)?,
            name: personal(r, NAME),
            postal_code: personal(r, POSTAL_CODE),
            password_hash: r.text(PASSWORD_HASH).map(PasswordHash::from_phc),
        })
    }
}

impl View for SignInAccount {
    const ATTRIBUTES: &'static [&'static str] = &[CREDENTIAL_VERSION, DISABLED, SESSION_EPOCH, PASSWORD_HASH];

    fn read(r: &Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            standing: standing(r)?,
            session_epoch: SessionEpoch(r.required_number(SESSION_EPOCH)?),
            password_hash: r.text(PASSWORD_HASH).map(PasswordHash::from_phc),
        })
    }
}

impl View for SessionAccount {
    const ATTRIBUTES: &'static [&'static str] = &[SESSION_EPOCH, DISABLED, PASSWORD_CHANGED_AT, RECOVERED_AT];

    fn read(r: &Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            session_epoch: SessionEpoch(r.required_number(SESSION_EPOCH)?),
            disabled: r.0.contains_key(DISABLED),
            password_changed_at: r.number(PASSWORD_CHANGED_AT).map(Timestamp::from_unix),
            recovered_at: r.number(RECOVERED_AT).map(Timestamp::from_unix),
        })
    }
}

/// An operator's, who may see all of it.
impl View for Account {
    const ATTRIBUTES: &'static [&'static str] = &[
        CREDENTIAL_VERSION,
        DISABLED,
        SESSION_EPOCH,
        EMAIL,
        PHONE,
        LOCALE,
        NAME,
        POSTAL_CODE,
        PASSWORD_HASH,
    ];

    fn read(r: &Reader<'_>) -> Result<Self, Fault> {
        let Standing { id, credential_version, disabled } = standing(r)?;
        Ok(Self {
            id,
            email: r.optional(EMAIL, EmailAddress::parse)?,
            phone: r.optional(PHONE, PhoneNumber::from_stored)?,
            locale: r.optional(LOCALE, Locale::parse)?,
            name: personal(r, NAME),
            postal_code: personal(r, POSTAL_CODE),
            password_hash: r.text(PASSWORD_HASH).map(PasswordHash::from_phc),
            credential_version,
            session_epoch: SessionEpoch(r.required_number(SESSION_EPOCH)?),
            disabled,
        })
    }
}

fn standing(r: &Reader<'_>) -> Result<Standing, Fault> {
    Ok(Standing {
        id: r.id(ItemKind::Account, AccountId::parse)?,
        credential_version: CredentialVersion(r.required_number(CREDENTIAL_VERSION)?),
        disabled: r.0.contains_key(DISABLED),
    })
}

fn personal(r: &Reader<'_>, attribute: &str) -> Option<PersonalText> {
    r.text(attribute).map(|text| PersonalText(text.to_owned()))
}

fn from_account(account: &Account) -> Item {
    let mut item = Item::from([
        (PK.into(), account_key(account.id)),
        (CREDENTIAL_VERSION.into(), n(account.credential_version.0)),
        (SESSION_EPOCH.into(), n(account.session_epoch.0)),
        (ARMED_SINCE_SUCCESS.into(), n(0)),
    ]);
    let texts = [
        (EMAIL, account.email.as_ref().map(EmailAddress::as_str)),
        (PHONE, account.phone.as_ref().map(PhoneNumber::as_str)),
        (LOCALE, account.locale.as_ref().map(Locale::as_str)),
        (NAME, account.name.as_ref().map(|name| name.0.as_str())),
        (POSTAL_CODE, account.postal_code.as_ref().map(|code| code.0.as_str())),
        (PASSWORD_HASH, account.password_hash.as_ref().map(PasswordHash::as_phc)),
    ];
    item.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), s(text?)))));
    if account.disabled {
        item.insert(DISABLED.into(), AttributeValue::Bool(true));
    }
    item
}

impl OwnerReader for Table {
    async fn owner(&self, identifier: &IdentifierHash) -> Result<Option<AccountId>, Fault> {
        let item = self.read_only(identifier_key(identifier), &[OWNER]).await?;
        Ok(item.as_ref().and_then(owner))
    }
}

impl<V: View> AccountReader<V> for Table {
    /// A view is made whether there is an account or not: in the place of one that isn't found, of a stand-in, and
    /// thrown away.
    async fn account(&self, id: AccountId) -> Result<Option<V>, Fault> {
        let found = self.read_only(account_key(id), V::ATTRIBUTES).await?;
        let view = V::read(&Reader(found.as_ref().unwrap_or(&STAND_IN)))?;
        Ok(found.is_some().then_some(view))
    }
}

/// An account like others, which is nobody's.
static STAND_IN: LazyLock<Item> = LazyLock::new(|| {
    from_account(&Account {
        id: AccountId::from_bytes([0; 16]),
        email: EmailAddress::parse("somebody@example.com"),
        phone: PhoneNumber::parse("+46700000000"),
        locale: Locale::parse("en"),
        name: None,
        postal_code: None,
        password_hash: Some(PasswordHash::from_phc(
            "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        )),
        credential_version: CredentialVersion(1),
        session_epoch: SessionEpoch(1),
        disabled: false,
    })
});

impl AccountStore for Table {
    async fn add_account(&self, account: &Account, identifiers: &[IdentifierHash]) -> Result<Adding, Fault> {
        let mut parts = vec![put_new(&self.name, from_account(account))?];
        for identifier in identifiers {
            let item = Item::from([
                (PK.into(), identifier_key(identifier)),
                (OWNER.into(), s(account.id.to_string())),
            ]);
            parts.push(put_new(&self.name, item)?);
        }
        let Transacted::Refused(items) = self.transact(parts).await? else { return Ok(Adding::Added) };
        // The account's own part comes first: nobody has its random id.
        let owners: Vec<_> = items.iter().skip(1).map(|item| owner(item.as_ref()?)).collect();
        if owners.iter().all(Option::is_none) {
            return Err(Fault::internal("an account was refused whose identifiers are nobody's"));
        }
        Ok(Adding::Taken(owners))
    }
}

/// The account that an identifier's item leads to.
fn owner(item: &Item) -> Option<AccountId> {
    AccountId::parse(Reader(item).text(OWNER)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{to_challenge, to_session};

    #[test]
    fn a_malformed_item_is_a_fault_that_shows_no_value() {
        let item = Item::from([
            (PK.to_owned(), s("ACCOUNT#AAAAAAAAAAAAAAAAAAAAAA")),
            (CREDENTIAL_VERSION.to_owned(), n(1)),
            (EMAIL.to_owned(), s("not an address, but private")),
        ]);
        let fault = DeliveryAccount::read(&Reader(&item)).unwrap_err();
        let text = format!("{fault:?}");
        assert!(text.contains("email") && !text.contains("private"), "{text}");
        assert!(to_challenge(&item).is_err() && to_session(&Item::new()).is_err());
    }
}
