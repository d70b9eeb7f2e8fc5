//! The store of `verify-code`.

use aws_sdk_dynamodb::types::{
    ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use regain_domain::port::{Charge, Redeemed, VerifyStore};
use regain_domain::{Armed, Call, Challenge, ChallengeId, Fault, GuessPolicy, SecretHash, State, Timestamp};

use crate::Table;
use crate::attribute::{PK, b, n, time};
use crate::conditional::{Updated, update_and_see};
use crate::idempotency_records::{Snapshot, recorded};
use crate::item::{self, account_key, challenge_key, to_challenge};
use crate::predicate::{Conditional as _, may_recover, takes_code, takes_guess};
use crate::transaction::{Transacted, unbuilt};

impl VerifyStore for Table {
    async fn charge_attempt(
        &self,
        id: ChallengeId,
        now: Timestamp,
        policy: &GuessPolicy,
        call: Option<&Call>,
    ) -> Result<Charge, Fault> {
        let update = "SET attempts = attempts + :one";
        let snapshot = Snapshot { generation: "generation", attempts: "attempts + :one", channel: "channel" };
        let request = self.update(challenge_key(id));
        let request = recorded(request, update, call, now, &snapshot)
            .only_if(takes_guess(now, *policy).and_unrecorded(call))
            .expression_attribute_values(":one", n(1));
        match update_and_see(request).await? {
            Updated::Done(item) => Ok(Charge::Charged(to_challenge(&item)?)),
            Updated::Refused(item) => Ok(Charge::Refused(item.as_ref().map(to_challenge).transpose()?)),
        }
    }

    async fn redeem(
        &self,
        challenge: &Challenge,
        armed: Armed,
        token_hash: &SecretHash,
        now: Timestamp,
        token_expires_at: Timestamp,
    ) -> Result<Redeemed, Fault> {
        let (token_key, token_hash) = token_hash.parts();
        let verify = Update::builder()
            .table_name(&self.name)
            .key(PK, challenge_key(challenge.id))
            .update_expression(
                "SET #state = :verified, token_key = :key, token_hash = :hash, token_expires_at = :expires",
            )
            .only_if(takes_code(challenge, now))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":verified", item::verified())
            .expression_attribute_values(":key", n(token_key.0))
            .expression_attribute_values(":hash", b(token_hash))
            .expression_attribute_values(":expires", time(token_expires_at))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unbuilt)?;
        let account = ConditionCheck::builder()
            .table_name(&self.name)
            .key(PK, account_key(armed.account))
            .only_if(may_recover(armed))
            .build()
            .map_err(unbuilt)?;
        let parts = vec![
            TransactWriteItem::builder().update(verify).build(),
            TransactWriteItem::builder().condition_check(account).build(),
        ];
        match self.transact(parts).await? {
            Transacted::Done => Ok(Redeemed::Done),
            Transacted::Refused(reasons) => match reasons.into_iter().next() {
                Some(Some(item)) => Ok(match to_challenge(&item)?.state.clone() {
                    State::Open => Redeemed::Stale,
                    state => Redeemed::AlreadyUsed(state),
                }),
                _ => Ok(Redeemed::Stale),
            },
        }
    }
}
