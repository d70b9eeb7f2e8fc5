//! Reads, all of them consistent: an item as it is now.

use std::sync::LazyLock;

use aws_sdk_dynamodb::types::AttributeValue;
use regain_domain::{
    Account, AccountId, Challenge, ChallengeId, CredentialVersion, EmailAddress, Fault, IdentifierHash,
    Locale, PasswordHash, PhoneNumber, SessionEpoch,
};

use crate::Table;
use crate::accounts::owner;
use crate::attribute::{Item, PK};
use crate::fault::fault;
use crate::item::{account_key, challenge_key, from_account, identifier_key, to_account, to_challenge};

impl Table {
    pub(crate) async fn read(&self, key: AttributeValue) -> Result<Option<Item>, Fault> {
        let request = self.client.get_item().table_name(&self.name).key(PK, key).consistent_read(true);
        Ok(request.send().await.map_err(|error| fault(&error))?.item)
    }

    pub(crate) async fn read_challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read(challenge_key(id)).await?.as_ref().map(to_challenge).transpose()
    }

    pub(crate) async fn read_account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.read(account_key(id)).await?.as_ref().map(to_account).transpose()
    }

    /// Two reads and an account to be made of what they find, whether there is one or not: an unknown identifier
    /// reads an account that can't be, and what is made in its place is thrown away.
    pub(crate) async fn read_account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> Result<Option<Account>, Fault> {
        let owner = self.read_owner(identifier).await?;
        self.read_account_of(identifier, owner).await
    }

    /// The first of the two.
    pub(crate) async fn read_owner(&self, identifier: &IdentifierHash) -> Result<Option<AccountId>, Fault> {
        let item = self.read(identifier_key(identifier)).await?;
        Ok(item.as_ref().and_then(owner))
    }

    /// The second.
    pub(crate) async fn read_account_of(
        &self,
        identifier: &IdentifierHash,
        owner: Option<AccountId>,
    ) -> Result<Option<Account>, Fault> {
        let decoy =
            || AccountId::from_bytes(identifier.as_bytes().first_chunk().copied().unwrap_or_default());
        let found = self.read(account_key(owner.unwrap_or_else(decoy))).await?;
        let account = to_account(found.as_ref().unwrap_or(&STAND_IN))?;
        let is_found = found.is_some() && owner == Some(account.id);
        Ok(is_found.then_some(account))
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
