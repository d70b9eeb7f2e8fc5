//! What `resend-code` does.

use regain_domain::port::{Resend, ResendStore, Resent};
use regain_domain::{Challenge, ChallengeId, Fault};

use crate::Table;
use crate::attribute::{b, n, s, time};
use crate::conditional::{Updated, update_and_see};
use crate::item::{self, challenge_key, to_challenge};
use crate::marks::{Remembered, marked};

/// The send's own attributes. A delivery of the send before it finds nothing to do any more.
const UPDATE: &str = "SET generation = :next, pending = :next, salt = :salt, channel = :channel, \
                      sent_at = :now, expires_at = :expires, purge_at = :purge, caller = :caller, \
                      sms_tries = :none REMOVE sending";
/// `Challenge::refuse_resend` in the words of the table: the cool-down and the number of resends hold as
/// long as the generation is the one that was read.
const CONDITION: &str =
    "#state = :open AND expires_at > :now AND attempts < :limit AND generation = :generation";

impl ResendStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn resend(&self, resend: Resend<'_>) -> Result<Resent, Fault> {
        let Resend { challenge, channel, salt, now, expires_at, policy, caller, call } = resend;
        let after = Challenge { expires_at, ..challenge.clone() };
        let remembered = Remembered { generation: ":next", attempts: "attempts", channel: ":channel" };
        let request = self.update(challenge_key(challenge.id));
        let request = marked(request, UPDATE, CONDITION, call.as_ref(), &remembered)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", item::open())
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":limit", n(policy.attempts))
            .expression_attribute_values(":generation", n(challenge.generation.0))
            .expression_attribute_values(":next", n(challenge.generation.0 + 1))
            .expression_attribute_values(":salt", b(salt.as_bytes()))
            .expression_attribute_values(":channel", s(channel.as_str()))
            .expression_attribute_values(":expires", time(expires_at))
            .expression_attribute_values(":caller", b(caller.as_bytes()))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":purge", time(after.purge_at()));
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
