//! Faults outside of the domain.

use std::error::Error;

type Source = Box<dyn Error + Send + Sync>;

/// A fault of something that the domain relies on. Never a decision about a person: those are values.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The table throttles or is away; the same call may succeed later (503 to a client).
    #[error("a service that this call relies on is unavailable")]
    Unavailable(#[source] Source),
    /// Something that repeating won't mend: a malformed item, a missing key, a refused permission.
    #[error("an internal fault")]
    Internal(#[source] Source),
}

impl Fault {
    /// A fault that repeating won't mend.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// A fault that may be gone at the next try.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }
}
