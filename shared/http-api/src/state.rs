//! The state of an operation's routes: its use case, and the clock that tells each request's time.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use regain_domain::{Clock, Timestamp};

/// A use case, and the clock that tells the time of each request. Handlers get `State<Arc<U>>` and `Now` of it.
pub struct Timed<U> {
    use_case: Arc<U>,
    clock: Arc<dyn Clock>,
}

impl<U> Timed<U> {
    /// The use case, timed by the clock.
    pub fn new(use_case: U, clock: Arc<dyn Clock>) -> Self {
        Self { use_case: Arc::new(use_case), clock }
    }
}

impl<U> Clone for Timed<U> {
    fn clone(&self) -> Self {
        Self { use_case: Arc::clone(&self.use_case), clock: Arc::clone(&self.clock) }
    }
}

impl<U> FromRef<Timed<U>> for Arc<U> {
    fn from_ref(state: &Timed<U>) -> Self {
        Arc::clone(&state.use_case)
    }
}

/// The time of the request: the one reading of the clock, by which every rule decides and every duration counts.
pub(crate) struct Now(pub(crate) Timestamp);

impl<U: Send + Sync> FromRequestParts<Timed<U>> for Now {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &Timed<U>) -> Result<Self, Infallible> {
        Ok(Self(state.clock.now()))
    }
}
