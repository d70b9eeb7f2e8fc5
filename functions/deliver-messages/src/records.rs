//! Reads the stream's records and answers which of them have to be tried again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use regain_bootstrap::deliveries;
use regain_domain::outbox::Waiting;
use regain_domain::port::{DeliveryStore, Messenger, OutboxStore};
use regain_domain::usecase::deliver::{Blocked, Deliver, Delivered};
use regain_domain::usecase::outbox::{Handled, Progress, SendOutbox};
use regain_domain::{ChallengeId, Clock, Fault, Generation, Timestamp};
use regain_dynamodb::stream::Announced;
use tracing::Instrument as _;

use crate::telemetry;

/// How long a record of the outbox that fails, while nothing beside it succeeds, is tried in its place: so long the
/// stream's own pauses are kept, which an outage is for. After it the record makes way for what is behind it.
const IN_PLACE: Duration = Duration::from_secs(3);

/// The handlers of the records.
pub(crate) struct Handlers<S, M> {
    pub(crate) codes: Deliver<S, M>,
    pub(crate) outbox: SendOutbox<S, M>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Something of the outbox that has to be tried again.
struct Failed {
    waiting: Waiting,
    next_try: Option<Timestamp>,
    sequence_number: Option<String>,
    written: Timestamp,
}

impl<S: DeliveryStore + OutboxStore, M: Messenger> Handlers<S, M> {
    /// Handles a batch. A code that fails ends it: the stream repeats from there, so that the sends of one challenge
    /// stay in order, and a code is not tried for long. What fails in the outbox holds up nothing of another account.
    pub(crate) async fn handle_batch(&self, event: Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        let mut failed = Vec::new();
        let mut seen = HashSet::new();
        let mut is_any_done = false;
        for record in event.records {
            let written = Timestamp::from_unix(record.change.approximate_creation_date_time.timestamp());
            let sequence_number = record.change.sequence_number.clone();
            match Announced::from_image(&record.change.new_image) {
                None => {
                    // Nothing waits: the stream's filter lets none through, and repeating it would change nothing.
                    tracing::warn!("a record with nothing pending was passed over");
                }
                Some(Announced::Code(id, generation)) => {
                    if !self.deliver(id, generation, written).instrument(deliveries::span()).await {
                        response.batch_item_failures.push(failure(sequence_number));
                        break;
                    }
                }
                // Its handler has seen everything that waits there.
                Some(Announced::Waiting(waiting)) if !seen.insert(waiting.clone()) => {}
                Some(Announced::Waiting(waiting)) => {
                    let progress = self.send(&waiting, written).instrument(deliveries::span()).await;
                    if progress.is_done() {
                        is_any_done = true;
                    } else {
                        let next_try = progress.next_try;
                        failed.push(Failed { waiting, next_try, sequence_number, written });
                    }
                }
            }
        }
        for failed in failed {
            if !self.makes_way(&failed, is_any_done).await {
                response.batch_item_failures.push(failure(failed.sequence_number));
            }
        }
        response
    }

    /// Whether something that failed went to the end of the queue, and its record is done with.
    async fn makes_way(&self, failed: &Failed, is_any_done: bool) -> bool {
        let now = self.clock.now();
        let has_had_its_time = failed.written.seconds_until(now) >= IN_PLACE.as_secs();
        // What only waits is left in its place for as long: else it would be written again at every neighbour's turn.
        let may_go = has_had_its_time || is_any_done && failed.next_try.is_some();
        may_go && self.outbox.postpone(&failed.waiting, failed.next_try).await.is_ok()
    }

    /// Delivers a code; whether the record is done with.
    async fn deliver(&self, id: ChallengeId, generation: Generation, written: Timestamp) -> bool {
        let outcome = self.codes.run(id, generation, self.clock.now()).await;
        match &outcome {
            Ok(outcome) => {
                let took = || written.seconds_until(self.clock.now());
                telemetry::delivered(
                    name(outcome),
                    matches!(outcome, Delivered::Sent | Delivered::FellBack).then(took),
                );
            }
            Err(error) => tell_failure(&error.0),
        }
        outcome.is_ok()
    }

    /// Sends what waits in the outbox; how far that came.
    async fn send(&self, waiting: &Waiting, written: Timestamp) -> Progress {
        let progress = self.outbox.run(waiting, self.clock.now()).await;
        for handled in progress.handled.iter().copied() {
            if handled == Handled::GivenUp {
                telemetry::given_up();
                continue;
            }
            let took = || written.seconds_until(self.clock.now());
            telemetry::delivered(handled_name(handled), (handled == Handled::Sent).then(took));
        }
        if let Some(fault) = &progress.stopped_by {
            tell_failure(fault);
        }
        progress
    }
}

fn tell_failure(fault: &Fault) {
    let cause = std::error::Error::source(fault).map(ToString::to_string).unwrap_or_default();
    telemetry::failed(&cause);
}

fn failure(sequence_number: Option<String>) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = sequence_number;
    failure
}

/// The outcome's name in logs and metrics.
fn name(outcome: &Delivered) -> &'static str {
    match outcome {
        Delivered::Sent => "sent",
        Delivered::FellBack => "fell_back",
        Delivered::Refused { .. } => "refused",
        Delivered::Stale => "stale",
        Delivered::NoRecipient => "no_recipient",
        Delivered::PostalCodeWrong => "postal_code_wrong",
        Delivered::BudgetSpent => "budget_spent",
        Delivered::Suppressed => "suppressed",
        Delivered::Unknown => "unknown",
        Delivered::Blocked(Blocked::Country) => "blocked_by_country",
        Delivered::Blocked(Blocked::Budget) => "blocked_by_budget",
        Delivered::Blocked(Blocked::Breaker) => "blocked_by_breaker",
    }
}

/// The same of the outbox.
fn handled_name(handled: Handled) -> &'static str {
    match handled {
        Handled::Sent => "sent",
        Handled::Queued => "queued",
        Handled::Unknown => "unknown",
        Handled::Refused => "refused",
        Handled::NoRecipient => "no_recipient",
        Handled::PostalCodeWrong => "postal_code_wrong",
        Handled::AlreadyToday => "already_today",
        Handled::Suppressed => "suppressed",
        Handled::CountryNotAllowed => "blocked_by_country",
        Handled::Stale => "stale",
        Handled::GivenUp => "given_up",
    }
}
