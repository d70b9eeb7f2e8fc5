//! What adds accounts.

use regain_domain::port::AccountStore;
use regain_domain::{Account, Fault, IdentifierHash};

use crate::Table;
use crate::item::{Item, PK, from_account, identifier_key, s};
use crate::transaction::{Transacted, put_new};

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
