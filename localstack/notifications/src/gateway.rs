//! The state that the services and the gateway's own interface share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{broadcast, watch};

use crate::fault::{Faults, Kind};
use crate::inbox::{Channel, Inbox, Sent};

/// How many events wait for a slow listener; the oldest go first.
const FEEDBACK_LIMIT: usize = 1_000;

/// The notification gateway. Clones share one inbox and one set of faults.
#[derive(Clone, Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    inbox: Inbox,
    faults: Mutex<Faults>,
    feedback: broadcast::Sender<Value>,
    closing: watch::Sender<bool>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self::new()
    }
}

impl Gateway {
    /// A gateway with an empty inbox and no faults.
    ///
    /// Message ids continue from the time of this call, so they keep growing over restarts.
    #[must_use]
    pub fn new() -> Self {
        let micros = u64::try_from(now().unix_timestamp_nanos() / 1_000).unwrap_or_default();
        Self {
            shared: Arc::new(Shared {
                inbox: Inbox::new(micros),
                faults: Mutex::new(Faults::default()),
                feedback: broadcast::Sender::new(FEEDBACK_LIMIT),
                closing: watch::Sender::new(false),
            }),
        }
    }

    /// The services' reports from now on, of messages that did not arrive.
    #[must_use]
    pub fn feedback(&self) -> broadcast::Receiver<Value> {
        self.shared.feedback.subscribe()
    }

    /// Releases everything that is held: the gateway shuts down.
    pub(crate) fn close(&self) {
        self.shared.closing.send_replace(true);
    }

    /// Completes when the gateway shuts down.
    pub(crate) async fn closing(&self) {
        // An error would mean that the sender is gone, and `self` holds it.
        let _ = self.shared.closing.subscribe().wait_for(|closing| *closing).await;
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.shared.inbox
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was sent and returns the id its sender is told.
    pub(crate) fn keep(&self, sent: Sent) -> String {
        let channel = sent.channel;
        let id = self.inbox().keep(sent, now());
        tracing::info!(message_id = %id, channel = channel.as_str(), "message kept");
        id.to_string()
    }

    /// Takes what was sent, which never arrives, has what the service tells of it told, and returns the id its sender
    /// is told.
    pub(crate) fn lose(
        &self,
        sent: &Sent,
        event: impl FnOnce(&Sent, &str, OffsetDateTime) -> Value,
    ) -> String {
        let id = self.inbox().pass_by(sent).to_string();
        tracing::info!(message_id = %id, channel = sent.channel.as_str(), "message taken and lost");
        // Nobody has to listen.
        let _ = self.shared.feedback.send(event(sent, &id, now()));
        id
    }

    /// The fault this send meets, if any; counts the send.
    pub(crate) fn strike(&self, channel: Channel, recipients: &[String]) -> Option<Kind> {
        let fault = self.faults().strike(channel, recipients)?;
        tracing::info!(channel = channel.as_str(), fault = ?fault, "fault injected");
        Some(fault)
    }
}

/// The system's time, in UTC. The only place that asks.
#[expect(clippy::disallowed_methods, reason = "the gateway is part of the machine around the functions")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
