//! The store of an operator's commands.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem};
use regain_domain::port::operator::{AccountPage, IdentifierCopy, OperatorStore, PageKey};
use regain_domain::{Account, AccountId, EmailAddress, Fault, Identifier, IdentifierHash, PhoneNumber};

use crate::Table;
use crate::accounts::View as _;
use crate::attribute::{PK, Reader, n, s};
use crate::conditional::update_if;
use crate::fault::fault;
use crate::item::{SUPPRESSED, SUPPRESSED_UNTIL, account_key, identifier_key};
use crate::kind::ItemKind;
use crate::predicate::{Conditional as _, Predicate, exists, is, is_absent, lacks};
use crate::transaction::{Transacted, put_new, unbuilt};

impl OperatorStore for Table {
    async fn accounts(&self, after: Option<PageKey>) -> Result<AccountPage, Fault> {
        let mut request = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression(format!("begins_with({PK}, :accounts)"))
            .expression_attribute_values(":accounts", s(ItemKind::Account.prefix()));
        if let Some(PageKey(key)) = after {
            request = request.exclusive_start_key(PK, s(key));
        }
        let page = request.send().await.map_err(|error| fault(&error))?;
        let next = page.last_evaluated_key().and_then(|key| Some(PageKey(key.get(PK)?.as_s().ok()?.clone())));
        let accounts =
            page.items().iter().map(|item| Account::read(&Reader(item))).collect::<Result<_, _>>()?;
        Ok(AccountPage { accounts, next })
    }

    async fn copy_identifier(&self, copy: IdentifierCopy<'_>) -> Result<bool, Fault> {
        let Some(mut item) = self.read(identifier_key(copy.from)).await? else { return Ok(false) };
        item.insert(PK.to_owned(), identifier_key(copy.to));
        let (attribute, contact) = match copy.identifier {
            Identifier::Email(email) => ("email", email.as_str()),
            Identifier::Phone(phone) => ("phone", phone.as_str()),
        };
        let owner = ConditionCheck::builder()
            .table_name(&self.name)
            .key(PK, account_key(copy.account))
            .only_if(is(attribute, s(contact)))
            .build()
            .map_err(unbuilt)?;
        let source = self.leads_to(copy.from, copy.account)?;
        let parts = vec![
            put_new(&self.name, item)?,
            TransactWriteItem::builder().condition_check(owner).build(),
            TransactWriteItem::builder().condition_check(source).build(),
        ];
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }

    async fn remove_identifier(
        &self,
        account: AccountId,
        current: &IdentifierHash,
        old: &IdentifierHash,
    ) -> Result<bool, Fault> {
        let kept = self.leads_to(current, account)?;
        let parts = vec![
            TransactWriteItem::builder().condition_check(kept).build(),
            self.remove_hash(old, leads_to(account))?,
        ];
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }

    async fn remove_account(&self, account: &Account, identifiers: &[IdentifierHash]) -> Result<bool, Fault> {
        let mut as_read = is("credential_version", n(account.credential_version.0))
            .and(is("session_epoch", n(account.session_epoch.0)));
        let contacts = [
            ("email", account.email.as_ref().map(EmailAddress::as_str)),
            ("phone", account.phone.as_ref().map(PhoneNumber::as_str)),
        ];
        for (name, contact) in contacts {
            as_read = as_read.and(contact.map_or_else(|| lacks(name), |contact| is(name, s(contact))));
        }
        let remove = Delete::builder().table_name(&self.name).key(PK, account_key(account.id));
        let remove = remove.only_if(as_read).build().map_err(unbuilt)?;
        let mut parts = vec![TransactWriteItem::builder().delete(remove).build()];
        for identifier in identifiers {
            // Under a version that was added and not yet spread there is none.
            parts.push(self.remove_hash(identifier, is_absent().or(leads_to(account.id)))?);
        }
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }

    async fn unsuppress(&self, identifier: &IdentifierHash) -> Result<bool, Fault> {
        let request = self
            .update(identifier_key(identifier))
            .update_expression(format!("REMOVE {SUPPRESSED}, {SUPPRESSED_UNTIL}"))
            .only_if(exists());
        update_if(request).await
    }

    async fn disable(&self, account: AccountId) -> Result<bool, Fault> {
        let request = self
            .update_account(account, format!("{MOVE_ON}, disabled = :yes"))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        update_if(request).await
    }

    async fn enable(&self, account: AccountId) -> Result<bool, Fault> {
        update_if(self.update_account(account, "REMOVE disabled".to_owned())).await
    }

    async fn end_everything(&self, account: AccountId, forget_password: bool) -> Result<bool, Fault> {
        let forget = if forget_password { " REMOVE password_hash" } else { "" };
        let request = self
            .update_account(account, format!("{MOVE_ON}{forget}"))
            .expression_attribute_values(":one", n(1));
        update_if(request).await
    }
}

/// Ends every session, armed challenge, token and link of an account.
const MOVE_ON: &str =
    "SET session_epoch = session_epoch + :one, credential_version = credential_version + :one";

impl Table {
    /// An update of an account that is there.
    fn update_account(&self, account: AccountId, update: String) -> UpdateItemFluentBuilder {
        self.update(account_key(account)).update_expression(update).only_if(exists())
    }

    /// Holds a transaction to an identifier that leads to an account.
    fn leads_to(&self, identifier: &IdentifierHash, account: AccountId) -> Result<ConditionCheck, Fault> {
        ConditionCheck::builder()
            .table_name(&self.name)
            .key(PK, identifier_key(identifier))
            .only_if(leads_to(account))
            .build()
            .map_err(unbuilt)
    }

    fn remove_hash(
        &self,
        identifier: &IdentifierHash,
        condition: Predicate,
    ) -> Result<TransactWriteItem, Fault> {
        let remove = Delete::builder()
            .table_name(&self.name)
            .key(PK, identifier_key(identifier))
            .only_if(condition)
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().delete(remove).build())
    }
}

/// An identifier leads to an account.
fn leads_to(account: AccountId) -> Predicate {
    is("account", s(account.to_string()))
}
