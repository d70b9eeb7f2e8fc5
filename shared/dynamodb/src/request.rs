//! What `request-code` does.

use regain_domain::port::RequestStore;
use regain_domain::{Challenge, ChallengeId, Fault};

use crate::Table;
use crate::conditional::put_if_absent;
use crate::item::{from_challenge, to_challenge};

impl RequestStore for Table {
    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn open_challenge(&self, challenge: &Challenge) -> Result<Option<Challenge>, Fault> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(from_challenge(challenge)));
        let existing = put_if_absent(request).await?.as_ref().map(to_challenge).transpose()?;
        // The SDK may have tried again after an answer that was lost: then it is this very challenge.
        Ok(existing.filter(|existing| existing.salt != challenge.salt))
    }
}
