//! The store of `set-password`.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use regain_domain::port::{CredentialStore, PasswordChange, PasswordStore};
use regain_domain::{AccountId, Call, Challenge, ChallengeId, Fault, PasswordHash, SecretHash, Timestamp};

use crate::Table;
use crate::accounts::{PASSWORD_CHANGED_AT, PASSWORD_HASH, RECOVERED_AT, SESSION_EPOCH};
use crate::attribute::{PK, b, n, s, time};
use crate::conditional::update_if;
use crate::idempotency_records::{Snapshot, recorded};
use crate::item::{self, ARMED_SINCE_SUCCESS, CREDENTIAL_VERSION, account_key, challenge_key};
use crate::predicate::{Conditional as _, is, may_recover, takes_token};
use crate::sign_in::from_device;
use crate::transaction::{Transacted, put_new, unbuilt};

impl PasswordStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn note_rejection(
        &self,
        id: ChallengeId,
        token_hash: &SecretHash,
        now: Timestamp,
        call: Option<&Call>,
    ) -> Result<bool, Fault> {
        let update = "SET rejections = rejections + :one";
        let snapshot = Snapshot { generation: "generation", attempts: "attempts", channel: "channel" };
        let request = self.update(challenge_key(id));
        let request = recorded(request, update, call, now, &snapshot)
            .only_if(takes_token(token_hash, now).and_unrecorded(call))
            .expression_attribute_values(":one", n(1));
        update_if(request).await
    }
}

impl CredentialStore for Table {
    async fn set_password(&self, hash: &PasswordHash, change: PasswordChange<'_>) -> Result<bool, Fault> {
        let spend = Update::builder().table_name(&self.name).key(PK, challenge_key(change.challenge));
        let spend = match &change.record {
            None => spend.update_expression("SET #state = :used, changed_at = :now"),
            Some(call) => spend
                .update_expression(
                    "SET #state = :used, changed_at = :now, call_name = :call, call_fingerprint = :fingerprint",
                )
                .expression_attribute_values(":call", b(&call.name))
                .expression_attribute_values(":fingerprint", b(&call.fingerprint)),
        };
        let spend = spend
            .only_if(takes_token(change.token_hash, change.now))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":used", item::used())
            .expression_attribute_values(":now", time(change.now))
            .build()
            .map_err(unbuilt)?;
        let account = Update::builder()
            .table_name(&self.name)
            .key(PK, account_key(change.armed.account))
            .update_expression(format!(
                "SET {PASSWORD_HASH} = :password, {CREDENTIAL_VERSION} = {CREDENTIAL_VERSION} + :one, \
                 {SESSION_EPOCH} = {SESSION_EPOCH} + :one, {ARMED_SINCE_SUCCESS} = :none, \
                 {PASSWORD_CHANGED_AT} = :now, {RECOVERED_AT} = :now"
            ))
            .only_if(may_recover(change.armed))
            .expression_attribute_values(":password", s(hash.as_phc()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":now", time(change.now))
            .build()
            .map_err(unbuilt)?;
        let parts = vec![
            TransactWriteItem::builder().update(spend).build(),
            TransactWriteItem::builder().update(account).build(),
            self.add_entry(change.armed.account, &change.notice())?,
            put_new(&self.name, from_device(&change.device))?,
        ];
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }

    async fn replace_hash(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression(format!("SET {PASSWORD_HASH} = :new"))
            .only_if(is(PASSWORD_HASH, s(old.as_phc())))
            .expression_attribute_values(":new", s(new.as_phc()));
        update_if(request).await.map(drop)
    }
}
