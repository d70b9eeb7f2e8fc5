//! Randomness and keyed functions for every use case. The time is a parameter of `run`.

use std::sync::Arc;

use crate::{Fault, Prf};

/// A cryptographically secure source of randomness.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`Fault::Internal`] if the system has no randomness to give: nothing may go on without it.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}

/// Randomness and keys, shared by all use cases of a function.
#[derive(Clone)]
pub struct Context {
    /// Gives randomness.
    pub random: Arc<dyn Random>,
    /// Holds the keys.
    pub prf: Arc<dyn Prf>,
}

impl Context {
    /// `N` random bytes.
    ///
    /// # Errors
    /// As [`Random::fill`].
    pub fn random_bytes<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }
}
