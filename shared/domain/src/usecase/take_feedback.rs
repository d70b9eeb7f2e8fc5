//! The services tell what became of messages that they took: addresses that are suppressed get no more for a
//! while, and a challenge whose message did not arrive goes by the other channel from then on.
//!
//! Told by events, at least once each, in any order. Whatever happens here, no answer to a client differs.

use std::time::Duration;

use futures_util::future::{join, try_join_all};
use tracing::Span;
use tracing::field::Empty;

use crate::port::{FeedbackStore, SuppressionReason};
use crate::{Channel, Context, Fault, Identifier, IdentifierHash, MessageHash, MessageId, Timestamp};

/// A service's report on a message that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The way that the message went.
    pub channel: Channel,
    /// The service's id for the message.
    pub message: MessageId,
    /// The addresses that it is about, where that matters.
    pub addresses: Vec<Identifier>,
    /// The consequence for them.
    pub verdict: Verdict,
}

/// The consequence for an address of a message that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No message will arrive there: none is sent for a while.
    Suppress(SuppressionReason),
    /// This one did not; the next may.
    NotThisTime,
    /// None arrives anywhere until an operator mends something. It says nothing of the address.
    Operator(Unmended),
}

/// A fault that an operator has to mend before messages arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmended {
    /// The account has spent what it may.
    QuotaSpent,
    /// The account may not send: it is in a sandbox, or under review.
    AccountRestricted,
    /// The account has no sender for the place where the message goes.
    NoSender,
    /// The message itself is not taken: its words, or its price.
    Message,
}

impl Unmended {
    /// The word for it in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QuotaSpent => "quota_spent",
            Self::AccountRestricted => "account_restricted",
            Self::NoSender => "no_sender",
            Self::Message => "message_not_taken",
        }
    }
}

/// The result of feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many addresses of accounts are suppressed by it.
    pub suppressed: usize,
    /// Whether a challenge was marked.
    pub marked: bool,
}

/// The use case.
pub struct TakeFeedback<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
    /// How long a suppressed address gets no messages.
    pub suppression: Duration,
}

impl<S: FeedbackStore> TakeFeedback<S> {
    /// Notes what feedback says. The same feedback again changes nothing but the end of the suppression.
    #[tracing::instrument(name = "take_feedback", skip_all, fields(challenge = Empty, channel = Empty))]
    pub async fn run(&self, feedback: &Feedback, now: Timestamp) -> Result<Taken, Fault> {
        Span::current().record("channel", feedback.channel.as_str());
        let message = MessageHash::of(self.context.prf.as_ref(), feedback.channel, &feedback.message)?;
        let (suppressed, challenge) =
            join(self.suppress(feedback, now), self.store.challenge_of(message)).await;
        // Nobody's message but a recent challenge's is noted: another application's leads nowhere.
        let marked = match challenge? {
            Some(id) => {
                self.context.note_challenge(id);
                self.store.mark_undeliverable(id, feedback.channel).await?
            }
            None => false,
        };
        Ok(Taken { suppressed: suppressed?, marked })
    }

    async fn suppress(&self, feedback: &Feedback, now: Timestamp) -> Result<usize, Fault> {
        let Verdict::Suppress(reason) = feedback.verdict else { return Ok(0) };
        let until = now.plus(self.suppression);
        let prf = self.context.prf.as_ref();
        // Under every version of the key: what is noted while it rotates must be there after it, too.
        let hashes = feedback.addresses.iter().map(|a| IdentifierHash::under_every_version(prf, a));
        let hashes: Vec<Vec<_>> = hashes.collect::<Result<_, _>>()?;
        let suppress = |hash| self.store.suppress(hash, reason, until);
        let written =
            try_join_all(hashes.iter().map(|of_one| try_join_all(of_one.iter().map(suppress)))).await?;
        Ok(written.into_iter().filter(|versions| versions.contains(&true)).count())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt as _;

    use super::*;
    use crate::ChallengeId;
    use crate::testing::{TestPrf, TestRandom, challenge};

    /// One known address, one known message, one challenge.
    #[derive(Clone, Default)]
    struct Store(Arc<Mutex<Noted>>);

    #[derive(Default)]
    struct Noted {
        suppressed: BTreeMap<[u8; 32], (&'static str, Timestamp)>,
        marked: BTreeSet<&'static str>,
        is_challenge_gone: bool,
    }

    impl FeedbackStore for Store {
        async fn suppress(
            &self,
            address: &IdentifierHash,
            reason: SuppressionReason,
            until: Timestamp,
        ) -> Result<bool, Fault> {
            let is_known = *address == IdentifierHash::of(&TestPrf, &alice())?;
            if is_known {
                self.0.lock().unwrap().suppressed.insert(*address.as_bytes(), (reason.as_str(), until));
            }
            Ok(is_known)
        }

        async fn challenge_of(&self, message: MessageHash) -> Result<Option<ChallengeId>, Fault> {
            let known = MessageHash::of(&TestPrf, Channel::Email, &id("known"))?;
            Ok((message == known).then(|| challenge().id))
        }

        async fn mark_undeliverable(&self, _: ChallengeId, channel: Channel) -> Result<bool, Fault> {
            let mut noted = self.0.lock().unwrap();
            if noted.is_challenge_gone {
                return Ok(false);
            }
            noted.marked.insert(channel.as_str());
            Ok(true)
        }
    }

    fn id(text: &str) -> MessageId {
        MessageId::parse(text).unwrap()
    }

    fn alice() -> Identifier {
        Identifier::parse("alice@example.com").unwrap()
    }

    fn feedback(message: &str, address: &str, verdict: Verdict) -> Feedback {
        let addresses = vec![Identifier::parse(address).unwrap()];
        Feedback { channel: Channel::Email, message: id(message), addresses, verdict }
    }

    const START: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn take(store: &Store, feedback: &Feedback) -> Taken {
        let context = Context { random: Arc::new(TestRandom), prf: Arc::new(TestPrf) };
        let suppression = Duration::from_hours(24);
        let take = TakeFeedback { store: store.clone(), context, suppression };
        take.run(feedback, START).now_or_never().expect("nothing waits").unwrap()
    }

    #[test]
    fn a_dead_address_is_suppressed_and_its_challenge_marked() {
        let store = Store::default();
        // The address comes back as the other side wrote it.
        let bounce = feedback("known", "Alice@Example.com", Verdict::Suppress(SuppressionReason::Bounced));
        for _ in 0..2 {
            assert_eq!(take(&store, &bounce), Taken { suppressed: 1, marked: true });
        }
        let noted = store.0.lock().unwrap();
        let until = START.plus(Duration::from_hours(24));
        assert_eq!(noted.suppressed.values().collect::<Vec<_>>(), [&("bounced", until)]);
        assert_eq!(noted.marked, BTreeSet::from(["email"]));
    }

    #[test]
    fn what_passes_marks_the_challenge_alone() {
        let store = Store::default();
        let late = feedback("known", "alice@example.com", Verdict::NotThisTime);
        assert_eq!(take(&store, &late), Taken { suppressed: 0, marked: true });
        assert!(store.0.lock().unwrap().suppressed.is_empty());
    }

    #[test]
    fn what_an_operator_has_to_mend_marks_the_challenge_and_suppresses_nobody() {
        let store = Store::default();
        let spent = feedback("known", "alice@example.com", Verdict::Operator(Unmended::QuotaSpent));
        assert_eq!(take(&store, &spent), Taken { suppressed: 0, marked: true });
        assert!(store.0.lock().unwrap().suppressed.is_empty());
    }

    #[test]
    fn what_is_nobodys_leaves_nothing() {
        let store = Store::default();
        let nobodys =
            feedback("other", "nobody@example.com", Verdict::Suppress(SuppressionReason::Complained));
        assert_eq!(take(&store, &nobodys), Taken { suppressed: 0, marked: false });
        let by_text =
            Feedback { channel: Channel::Sms, ..feedback("known", "+46701740605", nobodys.verdict) };
        assert_eq!(take(&store, &by_text), Taken { suppressed: 0, marked: false });
        store.0.lock().unwrap().is_challenge_gone = true;
        let late = feedback("known", "nobody@example.com", Verdict::NotThisTime);
        assert_eq!(take(&store, &late), Taken { suppressed: 0, marked: false });
        let noted = store.0.lock().unwrap();
        assert!(noted.suppressed.is_empty() && noted.marked.is_empty());
    }
}
