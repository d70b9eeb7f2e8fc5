//! The signals that end the stack: Ctrl-C, SIGTERM, and the end of standard input where that is asked for.

use std::io::Read as _;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// The exit status of a program that Ctrl-C ended, as shells tell it.
const INTERRUPTED: i32 = 130;

/// The requests to end. From its making on, signals no longer end the process by themselves.
#[derive(Debug)]
pub(crate) struct EndRequests {
    interrupt: Signal,
    terminate: Signal,
    input_end: Option<oneshot::Receiver<()>>,
}

impl EndRequests {
    /// Listens for the signals, and with `watch_input` for the end of standard input.
    pub(crate) fn listen(watch_input: bool) -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            input_end: if watch_input { Some(input_end()?) } else { None },
        })
    }

    /// Waits for a request to end.
    pub(crate) async fn next(&mut self) {
        let input_end = async {
            match &mut self.input_end {
                // The sender also goes away when standard input cannot be read: it has ended then too.
                Some(end) => drop(end.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = input_end => {}
        }
    }

    /// Ends the process at once when another signal comes: for a person who will not wait. The functions'
    /// processes end by themselves when the Runtime API is gone.
    pub(crate) fn end_at_once_on_another(mut self) {
        self.input_end = None;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(INTERRUPTED);
        });
    }
}

/// Resolves when standard input has ended. A thread reads it, since a blocking read cannot be cancelled.
fn input_end() -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, receiver) = oneshot::channel();
    std::thread::Builder::new().name("standard-input".to_owned()).spawn(move || {
        let mut ignored = [0; 256];
        while std::io::stdin().read(&mut ignored).is_ok_and(|read| read > 0) {}
        // The receiver is gone when the stack already ends for another reason.
        let _ = ended.send(());
    })?;
    Ok(receiver)
}
