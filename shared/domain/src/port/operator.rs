//! Ports for an operator's commands, by intent. No function of the service does any of it.

use std::future::Future;

use super::{AccountReader, OwnerReader};
use crate::{Account, AccountId, Fault, Identifier, IdentifierHash};

/// Some of all accounts, and where to go on.
#[derive(Debug)]
pub struct AccountPage {
    /// The accounts, in no order.
    pub accounts: Vec<Account>,
    /// The cursor of the next page; none at the end.
    pub next: Option<PageKey>,
}

/// Where a page of accounts ends. Only the store that gave it can read it.
#[derive(Clone, Debug)]
pub struct PageKey(pub String);

/// The table's operations for an operator's commands.
pub trait OperatorStore: OwnerReader + AccountReader<Account> {
    /// Every account, page by page.
    fn accounts(&self, after: Option<PageKey>) -> impl Future<Output = Result<AccountPage, Fault>> + Send;

    /// In one transaction: adds an identifier's hash under another version of the key, with everything that
    /// is noted at the one it is copied from, if the account still has the identifier and the new hash is
    /// not there yet; whether it did.
    fn copy_identifier(&self, copy: IdentifierCopy<'_>) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// In one transaction: removes an identifier's hash under an old version of the key, if it and the one
    /// under the current version lead to the account; whether it did.
    fn remove_identifier(
        &self,
        account: AccountId,
        current: &IdentifierHash,
        old: &IdentifierHash,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// In one transaction: removes an account that hasn't changed since it was read, and its identifiers;
    /// whether it did.
    fn remove_account(
        &self,
        account: &Account,
        identifiers: &[IdentifierHash],
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Ends the suppression of an address, if there is one; whether an account has the address.
    fn unsuppress(&self, identifier: &IdentifierHash) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Disables an account, and moves it on like [`OperatorStore::end_everything`], so that nothing from before
    /// counts again once it is enabled. Whether the account is there.
    fn disable(&self, account: AccountId) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Enables an account; nothing if it is. Whether the account is there.
    fn enable(&self, account: AccountId) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Moves an account on to the next session epoch and credential version, so that every session, armed
    /// challenge, token and link from before is over; `forget_password` removes the password's hash too.
    /// Whether the account is still there.
    fn end_everything(
        &self,
        account: AccountId,
        forget_password: bool,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// An identifier's hash to be copied.
#[derive(Debug)]
pub struct IdentifierCopy<'a> {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The condition on the account.
    pub identifier: &'a Identifier,
    /// The hash that is there.
    pub from: &'a IdentifierHash,
    /// The hash that is to be added.
    pub to: &'a IdentifierHash,
}
