//! The outcome of reading an event.

use regain_domain::usecase::take_feedback::Feedback;

/// An event that has another form than AWS documents. Shows nothing: events hold addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnrecognizedEvent;

/// One part of an event: feedback, or nothing that matters here.
pub(crate) type ParsedEvent = Result<Option<Feedback>, UnrecognizedEvent>;
