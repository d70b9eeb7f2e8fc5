//! The adapters for cryptography, randomness and the clock: HMAC-SHA-256 with versioned keys, Argon2id,
//! the system's randomness, the system's time.
//!
//! To extend: a new use of a key is a variant of [`regain_domain::KeyUse`]; every key file then needs it,
//! and [`Keyring::parse`] says so at start.

mod argon2id;
mod keyring;
mod phc;
pub mod rotation;
mod system;

pub use argon2id::{Argon2Parameters, Argon2id, InvalidParameters};
pub use keyring::{Keyring, KeyringError};
pub use rotation::RotationError;
pub use system::{SystemClock, SystemRandom};
