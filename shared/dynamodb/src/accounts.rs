//! What adds accounts.

use regain_domain::port::{AccountStore, Adding};
use regain_domain::{Account, AccountId, Fault, IdentifierHash};

use crate::Table;
use crate::attribute::{Item, PK, Reader, s};
use crate::item::{from_account, identifier_key};
use crate::transaction::{Transacted, put_new};

impl AccountStore for Table {
    async fn add_account(&self, account: &Account, identifiers: &[IdentifierHash]) -> Result<Adding, Fault> {
        let mut parts = vec![put_new(&self.name, from_account(account))?];
        for identifier in identifiers {
            let item = Item::from([
                (PK.into(), identifier_key(identifier)),
                ("account".into(), s(account.id.to_string())),
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
pub(crate) fn owner(item: &Item) -> Option<AccountId> {
    AccountId::parse(Reader(item).text("account")?)
}
