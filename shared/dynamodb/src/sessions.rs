//! Sessions, and the writes of signing out.

use regain_domain::port::{SessionReader, SessionStore};
use regain_domain::{AccountId, Fault, Session, SessionEpoch, SessionId};

use crate::Table;
use crate::accounts::SESSION_EPOCH;
use crate::attribute::{PK, n};
use crate::conditional::update_if;
use crate::fault::fault;
use crate::item::{account_key, session_key, to_session};
use crate::predicate::{Conditional as _, is};

impl SessionReader for Table {
    async fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        self.read(session_key(id)).await?.as_ref().map(to_session).transpose()
    }
}

impl SessionStore for Table {
    async fn close_session(&self, id: SessionId) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.name).key(PK, session_key(id));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn advance_epoch(&self, account: AccountId, epoch: SessionEpoch) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression(format!("SET {SESSION_EPOCH} = {SESSION_EPOCH} + :one"))
            .only_if(is(SESSION_EPOCH, n(epoch.0)))
            .expression_attribute_values(":one", n(1));
        update_if(request).await.map(drop)
    }
}
