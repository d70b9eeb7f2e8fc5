//! The day's recovery link.

use std::time::Duration;

use crate::account::Contact;
use crate::limit::{Counter, DAY};
use crate::port::{DeliveryStore, Message, Messenger};
use crate::usecase::deliver::sending::Sending;
use crate::usecase::deliver::{Deliver, Delivered, locales};
use crate::{
    Account, Armed, Challenge, ChallengeId, Fault, KeyUse, Salt, State, Timestamp, VerificationToken,
};

/// How long a recovery link works: as long as NIST SP 800-63B-4, section 4.2.1.2, lets a recovery code sent
/// by email.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

impl<S: DeliveryStore, M: Messenger> Deliver<S, M> {
    /// A link that needs no guessing, one a day, so that nobody can lock the owner out by asking for codes.
    /// It goes where a code would have gone, or else to the address that takes it. The day's link is the request's
    /// that opened it, until it is sent or the request has expired: one that couldn't be sent is not the last.
    pub(super) async fn send_link(
        &self,
        challenge: &Challenge,
        account: &Account,
        alive: &[Contact],
        now: Timestamp,
    ) -> Result<Sending, Fault> {
        if !self.is_any_reachable(alive) {
            return Ok(Delivered::Suppressed.into());
        }
        let prf = self.environment.prf.as_ref();
        let day = Counter::new("link", [0; 32], DAY, 1, now).window_start.as_unix().to_be_bytes();
        // Under each version of the key: a day on which it rotates has one link as well.
        let named = |version| {
            let output = prf.evaluate(KeyUse::Token, version, &[b"link id", account.id.as_bytes(), &day])?;
            Ok::<_, Fault>(ChallengeId::of_output(&output))
        };
        let current = prf.current(KeyUse::Token);
        let others = prf.versions(KeyUse::Token).into_iter().filter(|version| *version != current);
        let (id, other_ids) = (named(current)?, others.map(named).collect::<Result<Vec<_>, _>>()?);
        let token = |link: &Challenge| {
            // As a code: a delivery that is repeated makes the same link again, and the key alone none.
            let parts = [b"link".as_slice(), link.id.as_bytes(), link.salt.as_bytes()];
            let secret = prf.evaluate(KeyUse::Code, link.code_key, &parts)?;
            Ok::<_, Fault>(VerificationToken::new(link.id, *secret))
        };
        let mut link = Challenge {
            id,
            salt: Salt::from_bytes(self.environment.random_bytes()?),
            code_key: prf.current(KeyUse::Code),
            created_at: now,
            sent_at: now,
            expires_at: now.plus(LINK_LIFETIME),
            armed: Some(Armed { account: account.id, credential_version: account.credential_version }),
            pending: false,
            attempts: 0,
            rejections: 0,
            texted_to: None,
            marks: Vec::new(),
            undeliverable: Vec::new(),
            ..challenge.clone()
        };
        let token_hash = token(&link)?.hash(prf)?;
        link.state = State::Verified { token_hash, token_expires_at: link.expires_at };
        if let Some(opened) = self.store.open_link(&link, &other_ids, challenge).await? {
            if opened.requested_by != challenge.id {
                return Ok(Delivered::BudgetSpent.into());
            }
            if opened.is_sent {
                return Ok(Delivered::Sent.into());
            }
            link = opened.link;
        }
        let message = Message::RecoveryLink { token: token(&link)?, hours: LINK_LIFETIME.as_secs() / 3_600 };
        let locales = locales(account, challenge.locale.as_ref());
        let sending = self.send_by_any(challenge, alive, &locales, &message, now).await?;
        if sending.is_sent() {
            self.store.link_sent(link.id, challenge.id).await?;
        }
        Ok(sending)
    }
}
