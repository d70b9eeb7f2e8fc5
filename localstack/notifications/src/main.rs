//! The `regain-notifications` command: parses where to listen, serves, and ends on Ctrl-C or SIGTERM.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use regain_notifications::Gateway;
use tokio::net::TcpListener;

/// A stand-in for Amazon SES and SNS that keeps what was sent and shows it as an inbox.
#[derive(Debug, Parser)]
#[command(name = "regain-notifications", version)]
struct Arguments {
    /// The address and port to listen on; port 0 takes a free one. Any other than a loopback address lets the
    /// network read the inbox.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025")]
    listen: SocketAddr,
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("cannot listen on {address} ({source}); choose another address with --listen ADDR")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the server failed: {0}")]
    Serve(#[from] io::Error),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "regain-notifications: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), StartError> {
    let address = arguments.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
    let shutdown = shutdown_signal()?;
    writeln!(io::stdout(), "The notification gateway is at http://{}/", listener.local_addr()?)?;
    Gateway::new().serve(listener, shutdown).await?;
    Ok(())
}

/// Completes on Ctrl-C, and on Unix on SIGTERM. The handlers stand when this returns.
#[cfg(unix)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix twin can fail")]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
