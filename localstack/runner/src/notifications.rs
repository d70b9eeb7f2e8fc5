//! The one place where the stack meets the notification gateway: it is served, its messages are told to the console,
//! and what SES and SNS tell of
//! messages that did not arrive is handed to the function that takes it.
//!
//! On AWS the other side's mail server or network has to answer first, which takes seconds; the delivery notes what
//! it has sent within milliseconds. The gateway knows the outcome before it has answered the send. So that the order
//! is AWS's however slow the machine is, an event is told once the deliveries that were under way have ended, by
//! which they have noted what they sent. Should it be otherwise on AWS, the address is suppressed all the same.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use regain_notifications::Gateway;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use crate::console::Console;
use crate::console::line::Line;
use crate::functions::{DELIVERY, FEEDBACK};
use crate::runtime_api::RuntimeApi;

const FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);
/// Lambda tries an asynchronous event twice more, after one and two minutes; nobody waits that long here. See
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// A gateway each of whose sends is a line of the console. The SDKs pass on the trace header of the invocation that they
/// send in, which names the function and says how long it has been at it.
pub(crate) fn watched(console: Console, api: RuntimeApi) -> Gateway {
    Gateway::watched_by(move |report| {
        let invocation = report.trace_id.as_deref().and_then(|trace_id| api.handling(trace_id));
        let (function, took) = invocation.map_or(("", None), |(function, took)| (function, Some(took)));
        console.write(&Line::message(report, took, function));
    })
}

/// Serves the gateway and its inbox until `shutdown` resolves.
pub(crate) async fn serve(
    gateway: Gateway,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    gateway.serve(listener, shutdown).await
}

/// Invokes the function with every event, for as long as the gateway lives.
pub(crate) async fn tell(mut feedback: broadcast::Receiver<Value>, api: RuntimeApi) {
    // Events are told side by side, in no order, as Lambda does it.
    let mut telling = JoinSet::new();
    loop {
        tokio::select! {
            event = feedback.recv() => match event {
                Ok(event) => {
                    let api = api.clone();
                    telling.spawn(async move {
                        api.wait_until_handled(DELIVERY).await;
                        invoke(&api, Bytes::from(event.to_string())).await;
                    });
                }
                Err(RecvError::Lagged(events)) => {
                    tracing::error!(events, "what became of messages is not told: there are too many");
                }
                Err(RecvError::Closed) => return,
            },
            Some(_) = telling.join_next() => {}
        }
    }
}

async fn invoke(api: &RuntimeApi, event: Bytes) {
    let mut pauses = PAUSES.into_iter();
    loop {
        let Err(error) = api.invoke(FEEDBACK, event.clone(), FUNCTION_TIMEOUT).await else { return };
        tracing::warn!(%error, "what became of a message could not be told");
        let Some(pause) = pauses.next() else { return };
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_is_told_until_it_is_taken_and_three_times_at_the_most() {
        let api = RuntimeApi::new([FEEDBACK]);
        let sender = broadcast::Sender::new(8);
        let telling = tokio::spawn(tell(sender.subscribe(), api.clone()));
        for answers in [&["null"][..], &["crash", "null"], &["crash", "crash", "crash"]] {
            sender.send(json!({ "n": answers.len() })).unwrap();
            for answer in answers {
                let payload = api.play(FEEDBACK, answer).await;
                assert_eq!(payload, json!({ "n": answers.len() }).to_string());
            }
        }
        drop(sender);
        telling.await.unwrap();
    }

    #[tokio::test]
    async fn an_event_is_told_when_the_deliveries_that_were_under_way_have_ended() {
        let api = RuntimeApi::new([DELIVERY, FEEDBACK]);
        let sender = broadcast::Sender::new(8);
        let telling = tokio::spawn(tell(sender.subscribe(), api.clone()));
        for answer in ["null", "crash"] {
            let delivering = api.clone();
            let delivery = tokio::spawn(async move {
                delivering.invoke(DELIVERY, Bytes::from("records"), FUNCTION_TIMEOUT).await
            });
            let (_, end) = api.play_until(DELIVERY, answer).await;
            sender.send(json!({ "bounced": answer })).unwrap();
            let playing = api.clone();
            let told = tokio::spawn(async move { playing.play(FEEDBACK, "null").await });
            // The only thread has nothing left to do but to wait.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(!told.is_finished(), "told before the delivery has ended");
            end();
            assert_eq!(told.await.unwrap(), json!({ "bounced": answer }).to_string());
            assert_eq!(delivery.await.unwrap().is_ok(), answer == "null");
        }
        drop(sender);
        telling.await.unwrap();
    }
}
