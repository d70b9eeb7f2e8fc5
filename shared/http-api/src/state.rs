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
    pub fn new(use_case: impl Into<Arc<U>>, clock: Arc<dyn Clock>) -> Self {
        Self { use_case: use_case.into(), clock }
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

impl<U> FromRef<Timed<U>> for Arc<dyn Clock> {
    fn from_ref(state: &Timed<U>) -> Self {
        Arc::clone(&state.clock)
    }
}

/// The time of the request: the one reading of the clock, by which every rule decides and every duration counts.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub Timestamp);

impl<S: Send + Sync> FromRequestParts<S> for Now
where
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Arc::<dyn Clock>::from_ref(state).now()))
    }
}
