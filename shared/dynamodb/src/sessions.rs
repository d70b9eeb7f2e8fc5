//! Sessions, and the writes to accounts that sign-in and sign-out make.

use regain_domain::port::SessionStore;
use regain_domain::{
    Account, AccountId, Fault, IdentifierHash, PasswordHash, Session, SessionEpoch, SessionId,
};

use crate::Table;
use crate::conditional::update_if;
use crate::fault::fault;
use crate::item::{PK, account_key, from_session, n, s, session_key, to_session};

impl SessionStore for Table {
    async fn account_behind(&self, identifier: &IdentifierHash) -> Result<Option<Account>, Fault> {
        self.read_account_behind(identifier).await
    }

    async fn open_session(&self, session: &Session) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(from_session(session)));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        self.read(session_key(id)).await?.as_ref().map(to_session).transpose()
    }

    async fn session_epoch(&self, account: AccountId) -> Result<Option<SessionEpoch>, Fault> {
        let account = self.read_account(account).await?;
        Ok(account.filter(|a| !a.disabled).map(|a| a.session_epoch))
    }

    async fn close_session(&self, id: SessionId) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.name).key(PK, session_key(id));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn advance_epoch(&self, account: AccountId, epoch: SessionEpoch) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression("SET session_epoch = session_epoch + :one")
            .condition_expression("session_epoch = :epoch")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":epoch", n(epoch.0));
        update_if(request).await.map(drop)
    }

    async fn replace_hash(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression("SET password_hash = :new")
            .condition_expression("password_hash = :old")
            .expression_attribute_values(":new", s(new.as_phc()))
            .expression_attribute_values(":old", s(old.as_phc()));
        update_if(request).await.map(drop)
    }
}
