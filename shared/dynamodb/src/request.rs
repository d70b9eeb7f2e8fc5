//! The store of `request-code`.

use regain_domain::outbox::Lookup;
use regain_domain::port::RequestStore;
use regain_domain::{Challenge, ChallengeId, Fault};

use crate::Table;
use crate::item::{PURGE_AT, from_challenge, to_challenge};
use crate::predicate::{is_absent, is_over};

impl RequestStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn queue(&self, lookup: &Lookup) -> Result<(), Fault> {
        self.queue_lookup(lookup).await
    }

    async fn open_challenge(
        &self,
        challenge: &Challenge,
        other_ids: &[ChallengeId],
    ) -> Result<Option<Challenge>, Fault> {
        // The TTL may be late: what may be purged is in nobody's way.
        let is_free = is_absent().or(is_over(PURGE_AT, challenge.created_at));
        let existing = self.put_challenge(from_challenge(challenge), other_ids, is_free).await?;
        let existing = existing.as_ref().map(to_challenge).transpose()?;
        // The SDK may have tried again after an answer that was lost: then it is this very challenge.
        Ok(existing.filter(|existing| existing.salt != challenge.salt))
    }
}
