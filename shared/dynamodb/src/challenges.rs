//! Challenges: every arrow of their state machine is one write here.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use regain_domain::challenge::REJECTIONS_PER_TOKEN;
use regain_domain::port::{
    Arming, ArmingBudget, Charge, DeliveryStore, PasswordChange, PasswordStore, Redeemed, RequestStore,
    VerifyStore,
};
use regain_domain::{
    Account, AccountId, Armed, Challenge, ChallengeId, ChallengePolicy, Fault, IdentifierHash, SecretHash,
    Timestamp,
};

use crate::Table;
use crate::conditional::update_if;
use crate::counters::{COUNT, NOT_FULL};
use crate::fault::fault;
use crate::item::{
    self, Item, PK, Reader, account_key, b, challenge_key, counter_key, from_challenge, n, s, time,
    to_challenge,
};
use crate::transaction::Transacted;

/// A builder of the SDK that lacks a member it requires: a mistake in this file.
pub(crate) fn unbuilt(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::internal(error)
}

impl Table {
    async fn read_challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        let item = self.get(challenge_key(id)).await?;
        item.as_ref().map(to_challenge).transpose()
    }

    /// Reads an item as it is now.
    pub(crate) async fn get(
        &self,
        key: aws_sdk_dynamodb::types::AttributeValue,
    ) -> Result<Option<Item>, Fault> {
        let request = self.client.get_item().table_name(&self.name).key(PK, key).consistent_read(true);
        Ok(request.send().await.map_err(|error| fault(&error))?.item)
    }
}

impl RequestStore for Table {
    async fn open_challenge(&self, challenge: &Challenge) -> Result<(), Fault> {
        let result = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(from_challenge(challenge)))
            .condition_expression(format!("attribute_not_exists({PK})"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = result else { return Ok(()) };
        let existing = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(e)) => {
                e.item().map(to_challenge).transpose()?
            }
            _ => return Err(fault(&error)),
        };
        // The SDK may have tried again after an answer that was lost: then it is this very challenge.
        if existing.is_some_and(|existing| existing.salt == challenge.salt) {
            Ok(())
        } else {
            Err(Fault::internal("dynamodb: a challenge with this random id exists"))
        }
    }
}

impl VerifyStore for Table {
    async fn charge_attempt(
        &self,
        id: ChallengeId,
        now: Timestamp,
        policy: &ChallengePolicy,
    ) -> Result<Charge, Fault> {
        let result = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, challenge_key(id))
            .update_expression("SET attempts = attempts + :one")
            // `Challenge::refuse_guess` in the words of the table.
            .condition_expression("#state = :open AND expires_at > :now AND attempts < :limit")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":open", item::open())
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":limit", n(policy.attempts))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(output) => Ok(Charge::Charged(to_challenge(&output.attributes.unwrap_or_default())?)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(e)) => {
                    Ok(Charge::Refused(e.item().map(to_challenge).transpose()?))
                }
                _ => Err(fault(&error)),
            },
        }
    }

    async fn refund_attempt(&self, id: ChallengeId) -> Result<(), Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, challenge_key(id))
            .update_expression("SET attempts = attempts - :one")
            .condition_expression("attempts > :none")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":none", n(0));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn redeem(
        &self,
        challenge: &Challenge,
        armed: Armed,
        token_hash: &SecretHash,
        token_expires_at: Timestamp,
    ) -> Result<Redeemed, Fault> {
        let (token_key, token_hash) = token_hash.parts();
        let verify = Update::builder()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression(
                "SET #state = :verified, token_key = :key, token_hash = :hash, token_expires_at = :expires",
            )
            .condition_expression("#state = :open AND generation = :generation")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":verified", item::verified())
            .expression_attribute_values(":open", item::open())
            .expression_attribute_values(":generation", n(challenge.generation.0))
            .expression_attribute_values(":key", n(token_key.0))
            .expression_attribute_values(":hash", b(token_hash))
            .expression_attribute_values(":expires", time(token_expires_at))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unbuilt)?;
        let account = ConditionCheck::builder()
            .table_name(&self.name)
            .key(PK, account_key(armed.account))
            .condition_expression("credential_version = :version AND attribute_not_exists(disabled)")
            .expression_attribute_values(":version", n(armed.credential_version.0))
            .build()
            .map_err(unbuilt)?;
        let parts = vec![
            TransactWriteItem::builder().update(verify).build(),
            TransactWriteItem::builder().condition_check(account).build(),
        ];
        match self.transact(parts).await? {
            Transacted::Done => Ok(Redeemed::Done),
            Transacted::Refused(reasons) => Ok(match reasons.first() {
                Some(Some(item)) if item.get("state") != Some(&item::open()) => Redeemed::AlreadyUsed,
                _ => Redeemed::Stale,
            }),
        }
    }
}

impl PasswordStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.read_account(id).await
    }

    async fn note_rejection(&self, id: ChallengeId, token_hash: &SecretHash) -> Result<bool, Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, challenge_key(id))
            .update_expression("SET rejections = rejections + :one")
            .condition_expression("#state = :verified AND token_hash = :hash AND rejections < :limit")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":verified", item::verified())
            .expression_attribute_values(":hash", b(token_hash.parts().1))
            .expression_attribute_values(":limit", n(REJECTIONS_PER_TOKEN));
        update_if(request).await
    }

    async fn set_password(&self, change: PasswordChange<'_>) -> Result<bool, Fault> {
        let spend = Update::builder()
            .table_name(&self.name)
            .key(PK, challenge_key(change.challenge))
            .update_expression("SET #state = :used")
            .condition_expression(
                "#state = :verified AND token_hash = :hash AND token_expires_at > :now AND rejections < :limit",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":used", item::used())
            .expression_attribute_values(":verified", item::verified())
            .expression_attribute_values(":hash", b(change.token_hash.parts().1))
            .expression_attribute_values(":now", time(change.now))
            .expression_attribute_values(":limit", n(REJECTIONS_PER_TOKEN))
            .build()
            .map_err(unbuilt)?;
        let account = Update::builder()
            .table_name(&self.name)
            .key(PK, account_key(change.armed.account))
            .update_expression(
                "SET password_hash = :password, credential_version = credential_version + :one, \
                 session_epoch = session_epoch + :one, armed_since_success = :none",
            )
            .condition_expression("credential_version = :version AND attribute_not_exists(disabled)")
            .expression_attribute_values(":password", s(change.password_hash.as_phc()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":version", n(change.armed.credential_version.0))
            .build()
            .map_err(unbuilt)?;
        let parts = vec![
            TransactWriteItem::builder().update(spend).build(),
            TransactWriteItem::builder().update(account).build(),
        ];
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }
}

impl DeliveryStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn account_behind(&self, identifier: &IdentifierHash) -> Result<Option<Account>, Fault> {
        self.read_account_behind(identifier).await
    }

    async fn arm(&self, challenge: &Challenge, armed: Armed, budget: &ArmingBudget) -> Result<Arming, Fault> {
        let arm = Update::builder()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression(
                "SET account = :account, credential_version = :version, sending = :generation REMOVE pending",
            )
            .condition_expression(
                "#state = :open AND pending = :generation AND attribute_not_exists(account)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":account", s(armed.account.to_string()))
            .expression_attribute_values(":version", n(armed.credential_version.0))
            .expression_attribute_values(":open", item::open())
            .expression_attribute_values(":generation", n(challenge.generation.0))
            .build()
            .map_err(unbuilt)?;
        let account = Update::builder()
            .table_name(&self.name)
            .key(PK, account_key(armed.account))
            .update_expression("SET armed_since_success = armed_since_success + :one")
            .condition_expression("credential_version = :version AND armed_since_success < :limit")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":version", n(armed.credential_version.0))
            .expression_attribute_values(":limit", n(budget.since_success))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unbuilt)?;
        let day = Update::builder()
            .table_name(&self.name)
            .key(PK, counter_key(&budget.per_day))
            .update_expression(COUNT)
            .condition_expression(NOT_FULL)
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":end", time(budget.per_day.window_end))
            .expression_attribute_values(":limit", n(budget.per_day.limit))
            .build()
            .map_err(unbuilt)?;
        let parts =
            [arm, account, day].map(|update| TransactWriteItem::builder().update(update).build()).to_vec();
        let Transacted::Refused(reasons) = self.transact(parts).await? else { return Ok(Arming::Armed) };
        let [challenge, account, day] = reasons.as_slice() else {
            return Err(Fault::internal("dynamodb: a cancellation without its reasons"));
        };
        let version = account.as_ref().map(|item| Reader(item).number("credential_version"));
        Ok(match (challenge, version, day) {
            (Some(_), _, _) => Arming::Changed,
            (None, Some(version), _) if version != Some(armed.credential_version.0) => Arming::Changed,
            _ => Arming::BudgetSpent,
        })
    }

    async fn delivered(&self, challenge: &Challenge) -> Result<(), Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression("REMOVE pending, sending")
            .condition_expression("generation = :generation")
            .expression_attribute_values(":generation", n(challenge.generation.0));
        // Superseded meanwhile: then the next send has a record of its own.
        update_if(request).await.map(drop)
    }
}

/// Adds an item that must not be there yet.
pub(crate) fn put_new(table: &str, item: Item) -> Result<TransactWriteItem, Fault> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(format!("attribute_not_exists({PK})"))
        .build()
        .map_err(unbuilt)?;
    Ok(TransactWriteItem::builder().put(put).build())
}
