//! The store of the delivery of codes.

use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use futures_util::future::{join, try_join_all};
use regain_domain::outbox::Lookup;
use regain_domain::port::{AddressStore, Arming, DeliveryStore, SendRecord};
use regain_domain::{
    Armed, Challenge, ChallengeId, Fault, GuessCharge, IdentifierHash, MessageHash, SinceSuccess, Timestamp,
};

use crate::Table;
use crate::attribute::{Item, PK, Reader, b, n, s};
use crate::conditional::update_if;
use crate::fault::fault;
use crate::item::{
    ARMED_SINCE_SUCCESS, NOWHERE, PENDING, SENDING, SMS_SENT_RANGE, SMS_SENT_TO, SUPPRESSED_UNTIL,
    UNDELIVERABLE, account_key, challenge_key, channel_set, from_message, identifier_key,
};
use crate::predicate::{
    Conditional as _, is_armed_as, is_current, is_pending, is_sending, may_recover, takes_challenge,
    waits_for_code,
};
use crate::transaction::{Transacted, unbuilt};

impl Table {
    /// The current send is over. Superseded meanwhile, nothing changes: the next send has a record of its own.
    async fn end_send(&self, challenge: &Challenge, armed: Armed, record: &SendRecord) -> Result<(), Fault> {
        let mut update = format!(
            "SET account = :account, credential_version = :version, {SMS_SENT_TO} = :country, \
             {SMS_SENT_RANGE} = :range REMOVE {PENDING}, {SENDING}"
        );
        let to = record.message.and_then(|message| message.sms_sent_to);
        let generation = challenge.generation;
        let condition = if record.message.is_some() {
            is_current(generation)
        } else {
            // Nobody has the code; unless the same record has come twice, and the other delivery of it has sent the
            // code and is done.
            is_current(generation).and(is_sending(generation).or(is_pending(generation)))
        };
        let mut request = self
            .update(challenge_key(challenge.id))
            .expression_attribute_values(":account", s(armed.account.to_string()))
            .expression_attribute_values(":version", n(armed.credential_version.0))
            .expression_attribute_values(":country", s(to.as_ref().map_or(NOWHERE, |to| to.country.as_str())))
            .expression_attribute_values(":range", b(&to.map_or([0; 32], |to| to.range)));
        if !record.refused.is_empty() {
            update = format!("{update} ADD {UNDELIVERABLE} :refused");
            request = request.expression_attribute_values(":refused", channel_set(&record.refused));
        }
        update_if(request.update_expression(update).only_if(condition)).await.map(drop)
    }

    async fn note_message(&self, message: &MessageHash, challenge: &Challenge) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.name);
        let request = request.set_item(Some(from_message(message, challenge)));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }
}

impl AddressStore for Table {
    async fn suppressed_until(&self, addresses: &[IdentifierHash]) -> Result<Vec<Option<Timestamp>>, Fault> {
        let items = try_join_all(
            addresses.iter().map(|hash| self.read_only(identifier_key(hash), &[SUPPRESSED_UNTIL])),
        )
        .await?;
        let until = |item: &Item| Reader(item).number(SUPPRESSED_UNTIL).map(Timestamp::from_unix);
        Ok(items.iter().map(|item| item.as_ref().and_then(until)).collect())
    }
}

impl DeliveryStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn arm(&self, challenge: &Challenge, armed: Armed, charge: &GuessCharge) -> Result<Arming, Fault> {
        let generation = challenge.generation;
        let as_read = waits_for_code().and(is_pending(generation)).and(is_armed_as(challenge.armed));
        let arm = Update::builder()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression(format!(
                "SET account = :account, credential_version = :version, {SENDING} = :generation REMOVE {PENDING}"
            ))
            .only_if(as_read)
            .expression_attribute_values(":account", s(armed.account.to_string()))
            .expression_attribute_values(":version", n(armed.credential_version.0))
            .expression_attribute_values(":generation", n(generation.0))
            .build()
            .map_err(unbuilt)?;
        let since_success = match &charge.since_success {
            SinceSuccess::Account { limit } => Update::builder()
                .table_name(&self.name)
                .key(PK, account_key(armed.account))
                .update_expression(format!("SET {ARMED_SINCE_SUCCESS} = {ARMED_SINCE_SUCCESS} + :count"))
                .only_if(may_recover(armed).and(takes_challenge(*limit)))
                .expression_attribute_values(":count", n(charge.challenges))
                // The item tells an account that has moved on, which is looked at again, from a spent budget. It comes
                // whole: nothing narrows it, and a read of its own would tell another moment's.
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .build()
                .map_err(unbuilt)?,
            SinceSuccess::Decoy(counter) => self.consume_in_transaction(counter, charge.challenges)?,
        };
        let day = self.consume_in_transaction(&charge.per_day, charge.challenges)?;
        let parts =
            [arm, since_success, day].map(|update| TransactWriteItem::builder().update(update).build());
        let Transacted::Refused(reasons) = self.transact(parts.to_vec()).await? else {
            return Ok(Arming::Armed);
        };
        let [challenge, account, day] = reasons.as_slice() else {
            return Err(Fault::internal("dynamodb: a cancellation without its reasons"));
        };
        let has_moved_on = |item: &Item| {
            let version = Reader(item).number("credential_version");
            version != Some(armed.credential_version.0) || item.contains_key("disabled")
        };
        Ok(match (challenge, account, day) {
            (Some(_), _, _) => Arming::Changed,
            (None, Some(item), _) if has_moved_on(item) => Arming::Changed,
            _ => Arming::BudgetSpent,
        })
    }

    async fn delivered(&self, challenge: &Challenge, armed: Armed, record: &SendRecord) -> Result<(), Fault> {
        let Some(hash) = record.message.and_then(|message| message.hash) else {
            return self.end_send(challenge, armed, record).await;
        };
        let both = join(self.end_send(challenge, armed, record), self.note_message(&hash, challenge));
        // Two calls of the SDK at the same time are large.
        let (ended, noted) = Box::pin(both).await;
        ended.and(noted)
    }

    async fn queue(&self, lookup: &Lookup) -> Result<(), Fault> {
        self.queue_lookup(lookup).await
    }
}
