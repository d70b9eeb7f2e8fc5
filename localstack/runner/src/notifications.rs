//! The one place where the stack meets the notification gateway.

use std::future::Future;

use tokio::net::TcpListener;

/// Serves the gateway and its inbox until `shutdown` resolves.
pub(crate) async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    regain_notifications::Gateway::new().serve(listener, shutdown).await
}
