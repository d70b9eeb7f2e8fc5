//! The state that the services and the gateway's own interface share.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{broadcast, watch};

use crate::fault::{Faults, Kind};
use crate::inbox::{Inbox, Sent};
use crate::reading;

/// The header in which AWS's SDKs pass on the trace of the invocation that they run in.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// How many events wait for a slow listener; the oldest go first.
const FEEDBACK_LIMIT: usize = 1_000;

/// A send as the gateway took it, for whoever shows what is going on. It holds no address, no code and no words of the
/// message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReport {
    /// `email` or `sms`.
    pub channel: &'static str,
    /// The fault that it met, by its name in `/faults`.
    pub fault: Option<&'static str>,
    /// The reference in its text.
    pub reference: Option<String>,
    /// The trace header of the Lambda invocation that it was sent in.
    pub trace_id: Option<String>,
}

/// Is told of each send, before its sender is answered.
struct Watcher(Box<dyn Fn(&SendReport) + Send + Sync>);

impl Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

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
    watcher: Watcher,
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
        Self::watched_by(|_| {})
    }

    /// The same, which tells somebody of each send.
    #[must_use]
    pub fn watched_by(watcher: impl Fn(&SendReport) + Send + Sync + 'static) -> Self {
        let micros = u64::try_from(now().unix_timestamp_nanos() / 1_000).unwrap_or_default();
        Self {
            shared: Arc::new(Shared {
                inbox: Inbox::new(micros),
                faults: Mutex::new(Faults::default()),
                feedback: broadcast::Sender::new(FEEDBACK_LIMIT),
                closing: watch::Sender::new(false),
                watcher: Watcher(Box::new(watcher)),
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
        self.inbox().keep(sent, now()).to_string()
    }

    /// Takes what was sent, which never arrives, has what the service tells of it told, and returns the id its sender
    /// is told.
    pub(crate) fn lose(
        &self,
        sent: &Sent,
        event: impl FnOnce(&Sent, &str, OffsetDateTime) -> Value,
    ) -> String {
        let id = self.inbox().pass_by(sent).to_string();
        // Nobody has to listen.
        let _ = self.shared.feedback.send(event(sent, &id, now()));
        id
    }

    /// The fault this send meets, if any; counts the send and tells the watcher of it.
    pub(crate) fn strike(&self, sent: &Sent, headers: &HeaderMap) -> Option<Kind> {
        let fault = self.faults().strike(sent.channel, &sent.recipients);
        let Watcher(tell) = &self.shared.watcher;
        tell(&SendReport {
            channel: sent.channel.as_str(),
            fault: fault.map(Kind::as_str),
            reference: reading::reference(&sent.text),
            trace_id: headers.get(TRACE_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned),
        });
        fault
    }
}

/// The system's time, in UTC. The only place that asks.
#[expect(clippy::disallowed_methods, reason = "the gateway is part of the machine around the functions")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
