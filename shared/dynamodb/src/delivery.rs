//! What `deliver-messages` does.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use futures_util::future::{join, try_join_all};
use regain_domain::port::{Arming, ArmingBudget, DeliveryStore, Notice, OpenedLink, Trace};
use regain_domain::{
    Account, AccountId, Armed, Challenge, ChallengeId, Channel, Counter, Fault, IdentifierHash, MessageHash,
    Timestamp,
};

use crate::Table;
use crate::conditional::{Over, update_if};
use crate::counters::{COUNT, NOT_FULL};
use crate::fault::fault;
use crate::item::{
    self, CLAIMED_UNTIL, Item, PK, REQUESTED_BY, Reader, SUPPRESSED_UNTIL, UNDELIVERABLE, account_key,
    challenge_key, channel_set, counter_key, from_link, from_message, identifier_key, n, notice_key, reached,
    s, time, to_link, to_notice,
};
use crate::transaction::{Transacted, unbuilt};

impl Table {
    /// The current send is over. Superseded meanwhile, nothing changes: the next send has a record of its own.
    async fn end_send(&self, challenge: &Challenge, trace: &Trace) -> Result<(), Fault> {
        let mut update = "REMOVE pending, sending".to_owned();
        let mut condition = "generation = :generation";
        let mut request = self
            .update(challenge_key(challenge.id))
            .expression_attribute_values(":generation", n(challenge.generation.0));
        match trace.message.map(|message| message.country) {
            Some(Some(country)) => {
                update.push_str(" SET texted_to = :country");
                request = request.expression_attribute_values(":country", s(country.as_str()));
            }
            Some(None) => update.push_str(", texted_to"),
            // Nobody has the code, so nobody may guess at it; unless the same record has come twice, and the other
            // delivery of it has sent the code.
            None => {
                update.push_str(", account, credential_version");
                condition = "generation = :generation AND (sending = :generation OR pending = :generation)";
            }
        }
        if !trace.refused.is_empty() {
            update = format!("{update} ADD {UNDELIVERABLE} :refused");
            request = request.expression_attribute_values(":refused", channel_set(&trace.refused));
        }
        update_if(request.update_expression(update).condition_expression(condition)).await.map(drop)
    }

    async fn note_message(&self, message: &MessageHash, challenge: &Challenge) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.name);
        let request = request.set_item(Some(from_message(message, challenge)));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }
}

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

    async fn suppressed_until(&self, addresses: &[IdentifierHash]) -> Result<Vec<Option<Timestamp>>, Fault> {
        let items = try_join_all(addresses.iter().map(|hash| self.read(identifier_key(hash)))).await?;
        let until = |item: &Item| Reader(item).number(SUPPRESSED_UNTIL).map(Timestamp::from_unix);
        Ok(items.iter().map(|item| item.as_ref().and_then(until)).collect())
    }

    async fn delivered(&self, challenge: &Challenge, trace: &Trace) -> Result<(), Fault> {
        let Some(hash) = trace.message.and_then(|message| message.hash) else {
            return self.end_send(challenge, trace).await;
        };
        let both = join(self.end_send(challenge, trace), self.note_message(&hash, challenge));
        // Two calls of the SDK at the same time are large.
        let (ended, noted) = Box::pin(both).await;
        ended.and(noted)
    }

    async fn open_link(
        &self,
        link: &Challenge,
        other_ids: &[ChallengeId],
        requested_by: &Challenge,
    ) -> Result<Option<OpenedLink>, Fault> {
        let over = Over { attribute: CLAIMED_UNTIL, now: link.created_at };
        let existing = self.put_challenge(from_link(link, requested_by), other_ids, over).await?;
        existing.as_ref().map(to_link).transpose()
    }

    async fn link_sent(&self, link: ChallengeId, requested_by: ChallengeId) -> Result<(), Fault> {
        let request = self
            .update(challenge_key(link))
            .update_expression(format!("REMOVE {CLAIMED_UNTIL}"))
            .condition_expression(format!("{REQUESTED_BY} = :requested_by"))
            .expression_attribute_values(":requested_by", s(requested_by.to_string()));
        update_if(request).await.map(drop)
    }

    async fn notice(&self, id: ChallengeId) -> Result<Option<Notice>, Fault> {
        self.read(notice_key(id)).await?.as_ref().map(to_notice).transpose()
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.read_account(id).await
    }

    async fn notified(&self, id: ChallengeId, channel: Channel) -> Result<(), Fault> {
        let request = self
            .update(notice_key(id))
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
