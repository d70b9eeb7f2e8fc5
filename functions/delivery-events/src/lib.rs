//! `delivery-events`: told by SES and SNS what became of messages that they took. Suppresses suppressed addresses and
//! marks challenges whose message did not arrive. It can neither read accounts nor send.
//!
//! `events` opens what AWS wraps events in, `email` and `sms` say what an event of SES or SNS means. To extend:
//! a new kind of event is a match arm there, with the source of what it means beside it.

mod email;
mod events;
mod outcome;
mod sms;
mod telemetry;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent};
use regain_bootstrap::serve::listen;
use regain_bootstrap::{Declaration, Function, Settings, deliveries};
use regain_domain::port::FeedbackStore;
use regain_domain::usecase::take_feedback::{Feedback, TakeFeedback, Verdict};
use regain_domain::{KeyUse, Timestamp};
use serde_json::Value;
use tracing::{Instrument as _, Span};

use crate::telemetry::Undelivered;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "delivery-events",
    telemetry: &[telemetry::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

/// Reads what the function uses: how long a suppressed address gets no messages.
fn configure(settings: &Settings<'_>) -> Result<Duration, Error> {
    Ok(settings.suppression()?)
}

/// Takes events until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config: suppression, context, clock, table, .. } =
        Function::start(&[KeyUse::Identifier], configure).await?;
    let take = Arc::new(TakeFeedback { store: table, context, suppression });
    listen(move |event: LambdaEvent<Value>| {
        let take = Arc::clone(&take);
        let now = clock.now();
        async move { take_all(&take, event.payload, now).await }
    })
    .await
}

/// Takes everything that an event says. What is not understood would not be so later either: it is passed over.
/// A fault of the table fails the invocation, and Lambda invokes again with the same event; what was taken of it
/// already is harmless a second time.
async fn take_all<S: FeedbackStore>(
    take: &TakeFeedback<S>,
    event: Value,
    now: Timestamp,
) -> Result<(), Error> {
    for said in events::read(event) {
        let Ok(said) = said else {
            tracing::warn!("an event that is not understood was passed over");
            continue;
        };
        let Some(feedback) = said else { continue };
        take_one(take, &feedback, now).instrument(deliveries::span()).await?;
    }
    Ok(())
}

async fn take_one<S: FeedbackStore>(
    take: &TakeFeedback<S>,
    feedback: &Feedback,
    now: Timestamp,
) -> Result<(), Error> {
    match take.run(feedback, now).await {
        Ok(taken) => {
            let reason = match feedback.verdict {
                Verdict::Suppress(reason) => reason.as_str(),
                Verdict::NotThisTime => "not_this_time",
                Verdict::Operator(unmended) => unmended.as_str(),
            };
            let told = Undelivered {
                channel: feedback.channel.as_str(),
                reason,
                needs_operator: matches!(feedback.verdict, Verdict::Operator(_)),
                suppressed: taken.suppressed,
                marked: taken.marked,
            };
            told.told();
            Ok(())
        }
        Err(fault) => {
            Span::current().record("fault", true);
            let cause = fault.source().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(cause, "an event will be taken again");
            Err("the event could not be taken".into())
        }
    }
}
