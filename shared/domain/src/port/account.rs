//! Ports for finding the owner of an identifier, reading accounts, and adding them.

use std::future::Future;

use crate::account::DeliveryAccount;
use crate::{Account, AccountId, Fault, IdentifierHash, Timestamp};

/// The owner of an identifier.
pub trait OwnerReader: Send + Sync {
    /// The account that an identifier leads to, if it is there: one read.
    fn owner(
        &self,
        identifier: &IdentifierHash,
    ) -> impl Future<Output = Result<Option<AccountId>, Fault>> + Send;
}

/// Reads accounts, as far as a view shows them: the attributes of the view are read, and no others.
pub trait AccountReader<V: Send>: Send + Sync {
    /// The account: one read, and as much work whether there is one or not.
    fn account(&self, id: AccountId) -> impl Future<Output = Result<Option<V>, Fault>> + Send;

    /// The account of an identifier's owner: one read whether there is one or not. In the place of nobody's the
    /// [decoy](AccountId::decoy) is read.
    fn account_of(
        &self,
        identifier: &IdentifierHash,
        owner: Option<AccountId>,
    ) -> impl Future<Output = Result<Option<V>, Fault>> + Send {
        let id = owner.unwrap_or_else(|| AccountId::decoy(identifier));
        async move { Ok(self.account(id).await?.filter(|_| owner.is_some())) }
    }

    /// The account behind an identifier: two reads whether there is one or not.
    fn account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> impl Future<Output = Result<Option<V>, Fault>> + Send
    where
        Self: OwnerReader,
    {
        async move {
            let owner = self.owner(identifier).await?;
            self.account_of(identifier, owner).await
        }
    }
}

/// Which addresses of an account messages may go to.
pub trait AddressStore: OwnerReader + AccountReader<DeliveryAccount> {
    /// Until when each of some addresses gets no messages, if that was ever said of it; all at the same time.
    fn suppressed_until(
        &self,
        addresses: &[IdentifierHash],
    ) -> impl Future<Output = Result<Vec<Option<Timestamp>>, Fault>> + Send;
}

/// The table's operations for a service of the application's back end.
pub trait AccountStore: Send + Sync {
    /// In one transaction: adds the account and its identifiers, if none of them is taken.
    fn add_account(
        &self,
        account: &Account,
        identifiers: &[IdentifierHash],
    ) -> impl Future<Output = Result<Adding, Fault>> + Send;
}

/// The result of adding an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adding {
    /// It is there.
    Added,
    /// Nothing was added: for each of the identifiers, in their order, the account that has it already.
    Taken(Vec<Option<AccountId>>),
}
