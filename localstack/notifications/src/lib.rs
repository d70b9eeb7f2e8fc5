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
//! | `gateway` | the state that all of these share |
//! | `mailbox` | addresses in the headers of a mail |
//! | `inbox` | what was sent: its bounds, searching it, waiting for it |
//! | `reading` | finding the code and the reference in a text |
//! | `fault` | which sends fail, and how |
//! | `feedback` | what the services tell later of a message that did not arrive |
//! | `api` | the gateway's own HTTP interface: messages, faults, `LocalStack`'s forms |
//! | `page` | the inbox as a person sees it, what of it is shown for a URL, and what each document may load |
//! | [`guard`] | keeping web pages out, for the other listeners of the local stack too |
//! | `http` | what every answer goes through |
//!
//! To add a kind of fault, add a variant to `fault::Kind`; the compiler then asks both services for its shape.
//! To read references in another language, add its label to `reading::REFERENCE_LABELS`.
//!
//! # What did not arrive
//!
//! A send that meets the fault `bounce`, or a text message that meets `quota_spent`, is taken and never arrives. What
//! SES and SNS tell of it then comes out of
//! [`Gateway::feedback`], as the event that invokes a Lambda function. Where nobody listens it is lost.
//!
//! # Who may call it
//!
//! Signatures are not checked and there are no accounts, so it binds to a loopback address unless told
//! otherwise. Pages of other origins in the developer's browser are kept out by [`guard`].

mod api;
mod fault;
mod feedback;
mod gateway;
pub mod guard;
mod http;
mod inbox;
mod mailbox;
mod page;
mod reading;
mod ses;
mod sns;

use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, map_response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

pub use crate::gateway::{Gateway, SendReport};

/// The largest request body accepted, in bytes. SNS takes 256 KiB; SES takes more, but no recovery mail needs it.
const BODY_LIMIT: usize = 512 * 1024;

/// How long [`Gateway::serve`] waits, once told to stop, for clients that never finish their request.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

impl Gateway {
    /// The gateway as a router, to serve it beside others or to call it without a socket.
    ///
    /// Reads held by `wait` and sends held by the `hang` fault end early only under [`Gateway::serve`].
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page::show).post(sns::publish))
            .merge(page::routes())
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
            gateway.close();
        };
        let server = axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).into_future();
        let too_late = async {
            self.closing().await;
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            result = server => result,
            () = too_late => Ok(()),
        }
    }
}
