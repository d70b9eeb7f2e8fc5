//! Whose an identifier is, and adding accounts.

use std::future::Future;

use crate::{Account, AccountId, Fault, IdentifierHash, Timestamp};

/// Whose an identifier is, and which addresses messages may go to.
pub trait AddressStore: Send + Sync {
    /// The account behind an identifier, in the same number of reads whether there is one or not.
    fn account_behind(
        &self,
        identifier: &IdentifierHash,
    ) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// Until when each of some addresses gets no messages, if that was ever said of it; all at the same time.
    fn suppressed_until(
        &self,
        addresses: &[IdentifierHash],
    ) -> impl Future<Output = Result<Vec<Option<Timestamp>>, Fault>> + Send;
}

/// What a service of the application's back end does to the table.
pub trait AccountStore: Send + Sync {
    /// In one transaction: adds the account and its identifiers, if none of them is taken.
    fn add_account(
        &self,
        account: &Account,
        identifiers: &[IdentifierHash],
    ) -> impl Future<Output = Result<Adding, Fault>> + Send;
}

/// What came of adding an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adding {
    /// It is there.
    Added,
    /// Nothing was added: for each of the identifiers, in their order, the account that has it already.
    Taken(Vec<Option<AccountId>>),
}
