//! The adapters for cryptography, randomness and the clock: HMAC-SHA-256 with versioned keys, Argon2id and the
//! password hashes of other programs, the system's randomness, the system's time.
//!
//! To extend: a new use of a key is a variant of [`regain_domain::KeyUse`]; every key file then needs it,
//! and [`Keyring::parse`] says so at start. A new scheme of password hashes is a variant in `imported.rs`, and what
//! programs write for it is read in `foreign.rs`.

mod argon2id;
mod digest;
mod foreign;
mod imported;
mod keyring;
mod phc;
pub mod rotation;
mod stored;
mod system;
#[cfg(test)]
mod vectors;

pub use argon2id::{Argon2Parameters, Argon2id, InvalidParameters};
pub use keyring::{Keyring, KeyringError};
pub use rotation::RotationError;
pub use system::{SystemClock, SystemRandom};
