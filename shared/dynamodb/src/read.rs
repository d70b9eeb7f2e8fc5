//! Reads, all of them consistent: an item as it is now.

use aws_sdk_dynamodb::types::AttributeValue;
use regain_domain::{Account, AccountId, Challenge, ChallengeId, Fault, IdentifierHash};

use crate::Table;
use crate::fault::fault;
use crate::item::{Item, PK, Reader, account_key, challenge_key, identifier_key, to_account, to_challenge};

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

    /// Two reads, whether there is an account or not: an unknown identifier reads an account that can't be.
    pub(crate) async fn read_account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> Result<Option<Account>, Fault> {
        let item = self.read(identifier_key(identifier)).await?;
        let id = item.as_ref().and_then(|item| AccountId::parse(Reader(item).text("account")?));
        let decoy =
            || AccountId::from_bytes(identifier.as_bytes().first_chunk().copied().unwrap_or_default());
        let account = self.read_account(id.unwrap_or_else(decoy)).await?;
        Ok(account.filter(|account| id == Some(account.id)))
    }
}
