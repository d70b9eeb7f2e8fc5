//! The store of `resend-code`.

use regain_domain::challenge::purge_at;
use regain_domain::port::{Resend, ResendStore, Resent};
use regain_domain::{Challenge, ChallengeId, Fault};

use crate::Table;
use crate::attribute::{b, n, s, time};
use crate::conditional::{Updated, update_and_see};
use crate::idempotency_records::{Snapshot, recorded};
use crate::item::{challenge_key, to_challenge};
use crate::predicate::{Conditional as _, takes_resend};

/// The send's own attributes. A delivery of the send before it finds nothing to do any more.
const UPDATE: &str = "SET generation = :next, pending = :next, salt = :salt, channel = :channel, \
                      sent_at = :now, expires_at = :expires, purge_at = :purge, caller = :caller, \
                      sms_tries = :none REMOVE sending";
impl ResendStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn resend(&self, resend: Resend<'_>) -> Result<Resent, Fault> {
        let Resend { challenge, channel, salt, now, expires_at, policy, caller, call } = resend;
        let snapshot = Snapshot { generation: ":next", attempts: "attempts", channel: ":channel" };
        let request = self.update(challenge_key(challenge.id));
        let request = recorded(request, UPDATE, call.as_ref(), now, &snapshot)
            .only_if(takes_resend(challenge, now, policy).and_unrecorded(call.as_ref()))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":next", n(challenge.generation.next().0))
            .expression_attribute_values(":salt", b(salt.as_bytes()))
            .expression_attribute_values(":channel", s(channel.as_str()))
            .expression_attribute_values(":expires", time(expires_at))
            .expression_attribute_values(":caller", b(caller.as_bytes()))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":purge", time(purge_at(expires_at)));
        match update_and_see(request).await? {
            Updated::Done(item) => {
                let after = to_challenge(&item)?;
                Ok(Resent::Done(after))
            }
            Updated::Refused(item) => {
                let current = item.as_ref().map(to_challenge).transpose()?;
                // The SDK may have tried again after an answer that was lost: then it is this very send.
                match current {
                    Some(current) if current.salt == salt => Ok(Resent::Done(current)),
                    current => Ok(Resent::Refused(current)),
                }
            }
        }
    }
}
