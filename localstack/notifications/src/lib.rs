//! The notification gateway: a stand-in for Amazon SES (API v2) and Amazon SNS, for local work and CI.
//!
//! Code under test sends with the ordinary AWS SDKs, their endpoint set to this server. Whatever it sends is
//! kept in bounded memory, and a person reads it at `GET /`, a test at `GET /messages`.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8025").await?;
//! regain_notifications::Gateway::new().serve(listener, std::future::pending()).await
//! # }
//! ```
//!
//! # Where things stand
//!
//! | module | what belongs there |
//! | --- | --- |
//! | `ses`, `sns` | one AWS service each: its request, its answer, its errors, and what each fault looks like in it |
//! | `mailbox` | addresses in the headers of a mail |
//! | `inbox` | what was sent: its bounds, searching it, waiting for it |
//! | `reading` | finding the code and the reference in a text |
//! | `fault` | which sends fail, and how |
//! | `feedback` | what the services tell later of a message that did not arrive |
//! | `api` | the gateway's own HTTP interface: messages, faults, `LocalStack`'s forms |
//! | `page` | the inbox page and its content security policy |
//! | [`guard`] | keeping web pages out, for the other listeners of the local stack too |
//! | `http` | what every answer goes through |
//!
//! To add a kind of fault, add a variant to `fault::Kind`; the compiler then asks both services for its shape.
//! To read references in another language, add its label to `reading::REFERENCE_LABELS`.
//!
//! # What did not arrive
//!
//! A send that meets the fault `bounce`, or a text message that meets `quota_spent`, is taken and never arrives. What SES and SNS tell of it then comes out of
//! [`Gateway::feedback`], as the event that invokes a Lambda function. Where nobody listens it is lost.
//!
//! # Who may call it
//!
//! Signatures are not checked and there are no accounts, so it binds to a loopback address unless told
//! otherwise. Pages of other origins in the developer's browser are kept out by [`guard`].

mod api;
mod fault;
mod feedback;
pub mod guard;
mod http;
mod inbox;
mod mailbox;
mod page;
mod reading;
mod ses;
mod sns;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, map_response};
use axum::routing::{get, post};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};

use crate::fault::{Faults, Kind};
use crate::inbox::{Channel, Inbox, Sent};

/// The largest request body accepted, in bytes. SNS takes 256 KiB; SES takes more, but no recovery mail needs it.
const BODY_LIMIT: usize = 512 * 1024;

/// How long [`Gateway::serve`] waits, once told to stop, for clients that never finish their request.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

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

    /// The gateway as a router, to serve it beside others or to call it without a socket.
    ///
    /// Reads held by `wait` and sends held by the `hang` fault end early only under [`Gateway::serve`].
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page::show).post(sns::publish))
            .route("/v2/email/outbound-emails", post(ses::send_email))
            .merge(api::routes())
            .fallback(http::not_found)
            .method_not_allowed_fallback(http::method_not_allowed)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(from_fn(guard::refuse_foreign))
            .layer(map_response(http::add_headers))
            .with_state(self.clone())
    }

    /// Serves the gateway until `shutdown` completes, then ends within about two seconds: held requests are
    /// released, running ones finish, and clients that never finish their request are left behind.
    ///
    /// A gateway is served once: after the shutdown its clones no longer hold requests.
    ///
    /// # Errors
    ///
    /// When the listener fails for good.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let gateway = self.clone();
        let shutdown = async move {
            shutdown.await;
            gateway.shared.closing.send_replace(true);
        };
        let server = axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).into_future();
        let too_late = async {
            self.closing().await;
            tokio::time::sleep(SHUTDOWN_PATIENCE).await;
        };
        tokio::select! {
            result = server => result,
            () = too_late => Ok(()),
        }
    }

    /// What the services tell from now on of messages that did not arrive.
    #[must_use]
    pub fn feedback(&self) -> broadcast::Receiver<Value> {
        self.shared.feedback.subscribe()
    }

    /// Completes when the gateway shuts down.
    async fn closing(&self) {
        // An error would mean that the sender is gone, and `self` holds it.
        let _ = self.shared.closing.subscribe().wait_for(|closing| *closing).await;
    }

    fn inbox(&self) -> &Inbox {
        &self.shared.inbox
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was sent and returns the id its sender is told.
    fn keep(&self, sent: Sent) -> String {
        let channel = sent.channel;
        let id = self.inbox().keep(sent, now());
        tracing::info!(message_id = %id, channel = channel.as_str(), "message kept");
        id.to_string()
    }

    /// Takes what was sent, which never arrives, has what the service tells of it told, and returns the id its sender
    /// is told.
    fn lose(&self, sent: &Sent, event: impl FnOnce(&Sent, &str, OffsetDateTime) -> Value) -> String {
        let id = self.inbox().pass_by(sent).to_string();
        tracing::info!(message_id = %id, channel = sent.channel.as_str(), "message taken and lost");
        // Nobody has to listen.
        let _ = self.shared.feedback.send(event(sent, &id, now()));
        id
    }

    /// The fault this send meets, if any; counts the send.
    fn strike(&self, channel: Channel, recipients: &[String]) -> Option<Kind> {
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
