//! Accounts and the identifiers that lead to them.

use regain_domain::port::AccountStore;
use regain_domain::{Account, AccountId, Fault, IdentifierHash};

use crate::Table;
use crate::challenges::put_new;
use crate::item::{Item, PK, Reader, account_key, from_account, identifier_key, s, to_account};
use crate::transaction::Transacted;

impl Table {
    pub(crate) async fn read_account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.get(account_key(id)).await?.as_ref().map(to_account).transpose()
    }

    /// Two reads, whether there is an account or not: an unknown identifier reads an account that can't be.
    pub(crate) async fn read_account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> Result<Option<Account>, Fault> {
        let item = self.get(identifier_key(identifier)).await?;
        let id = match &item {
            Some(item) => Reader(item).text("account").and_then(AccountId::parse),
            None => None,
        };
        let decoy =
            || AccountId::from_bytes(identifier.as_bytes().first_chunk().copied().unwrap_or_default());
        let account = self.read_account(id.unwrap_or_else(decoy)).await?;
        Ok(account.filter(|account| id == Some(account.id)))
    }
}

impl AccountStore for Table {
    async fn add_account(&self, account: &Account, identifiers: &[IdentifierHash]) -> Result<bool, Fault> {
        let mut parts = vec![put_new(&self.name, from_account(account))?];
        for identifier in identifiers {
            let item = Item::from([
                (PK.into(), identifier_key(identifier)),
                ("account".into(), s(account.id.to_string())),
            ]);
            parts.push(put_new(&self.name, item)?);
        }
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }
}
