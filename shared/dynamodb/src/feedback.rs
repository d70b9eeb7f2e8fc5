//! The store of `delivery-events`.

use regain_domain::port::{FeedbackStore, SuppressionReason};
use regain_domain::{ChallengeId, Channel, Fault, IdentifierHash, MessageHash, Timestamp};

use crate::Table;
use crate::attribute::{s, time};
use crate::conditional::update_if;
use crate::item::{
    SUPPRESSED, SUPPRESSED_UNTIL, UNDELIVERABLE, challenge_key, channel_set, identifier_key, message_key,
    to_message,
};
use crate::predicate::{Conditional as _, exists};

impl FeedbackStore for Table {
    async fn suppress(
        &self,
        address: &IdentifierHash,
        reason: SuppressionReason,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let request = self
            .update(identifier_key(address))
            .update_expression(format!("SET {SUPPRESSED} = :reason, {SUPPRESSED_UNTIL} = :until"))
            .only_if(exists())
            .expression_attribute_values(":reason", s(reason.as_str()))
            .expression_attribute_values(":until", time(until));
        update_if(request).await
    }

    async fn challenge_of(&self, message: MessageHash) -> Result<Option<ChallengeId>, Fault> {
        self.read(message_key(&message)).await?.as_ref().map(to_message).transpose()
    }

    async fn mark_undeliverable(&self, id: ChallengeId, channel: Channel) -> Result<bool, Fault> {
        let request = self
            .update(challenge_key(id))
            .update_expression(format!("ADD {UNDELIVERABLE} :channel"))
            .only_if(exists())
            .expression_attribute_values(":channel", channel_set(&[channel]));
        update_if(request).await
    }
}
