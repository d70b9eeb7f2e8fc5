//! What `deliver-messages` does.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use regain_domain::port::{Arming, ArmingBudget, DeliveryStore, Notice, OpenedLink};
use regain_domain::{
    Account, AccountId, Armed, Challenge, ChallengeId, Channel, Counter, Country, Fault, IdentifierHash,
};

use crate::Table;
use crate::conditional::update_if;
use crate::counters::{COUNT, NOT_FULL};
use crate::fault::fault;
use crate::item::{
    self, PK, Reader, account_key, challenge_key, counter_key, from_link, n, notice_key, reached, s, time,
    to_link, to_notice,
};
use crate::transaction::{Transacted, unbuilt};

impl DeliveryStore for Table {
    async fn counts(&self, counters: &[&Counter]) -> Result<Vec<u32>, Fault> {
        self.read_counts(counters).await
    }

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

    async fn delivered(&self, challenge: &Challenge, texted_to: Option<Country>) -> Result<(), Fault> {
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression("REMOVE pending, sending")
            .condition_expression("generation = :generation")
            .expression_attribute_values(":generation", n(challenge.generation.0));
        if let Some(country) = texted_to {
            request = request
                .update_expression("SET texted_to = :country REMOVE pending, sending")
                .expression_attribute_values(":country", s(country.as_str()));
        }
        // Superseded meanwhile: then the next send has a record of its own.
        update_if(request).await.map(drop)
    }

    async fn open_link(
        &self,
        link: &Challenge,
        other_ids: &[ChallengeId],
        requested_by: ChallengeId,
    ) -> Result<Option<OpenedLink>, Fault> {
        let existing = self.put_challenge(from_link(link, requested_by), other_ids).await?;
        existing.as_ref().map(to_link).transpose()
    }

    async fn notice(&self, id: ChallengeId) -> Result<Option<Notice>, Fault> {
        self.read(notice_key(id)).await?.as_ref().map(to_notice).transpose()
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.read_account(id).await
    }

    async fn notified(&self, id: ChallengeId, channel: Channel) -> Result<(), Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(PK, notice_key(id))
            // Another name than the stream's filter looks for: the rest is done by the delivery under way.
            .update_expression("SET #reached = :yes REMOVE pending")
            .condition_expression(format!("attribute_exists({PK})"))
            .expression_attribute_names("#reached", reached(channel))
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        update_if(request).await.map(drop)
    }

    async fn close_notice(&self, id: ChallengeId) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.name).key(PK, notice_key(id));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }
}
