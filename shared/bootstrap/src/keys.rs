//! Where the keys come from: a variable or a file.

use regain_crypto::{Keyring, KeyringError, SystemRandom};
use regain_domain::Fault;
use zeroize::Zeroizing;

use crate::settings::Variables;

/// Why there are no keys. Names the variable, never a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No variable says where they are.
    #[error("REGAIN_KEYS_FILE (a path) or REGAIN_KEYS (the keys themselves) must be set")]
    Missing,
    /// The file can't be read.
    #[error("REGAIN_KEYS_FILE: the file can't be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// They are not keys.
    #[error("REGAIN_KEYS_FILE or REGAIN_KEYS: {0}")]
    Wrong(#[from] KeyringError),
}

/// Reads the keys.
///
/// # Errors
/// [`KeysError`].
pub fn read(variables: Variables<'_>) -> Result<Keyring, KeysError> {
    let text = match (variables("REGAIN_KEYS_FILE"), variables("REGAIN_KEYS")) {
        (Some(path), _) => Zeroizing::new(std::fs::read_to_string(path).map_err(KeysError::Unreadable)?),
        (None, Some(text)) => Zeroizing::new(text),
        (None, None) => return Err(KeysError::Missing),
    };
    Ok(Keyring::parse(&text)?)
}

/// New keys in their text form.
///
/// # Errors
/// If the system has no randomness to give.
pub fn generate() -> Result<Zeroizing<String>, Fault> {
    Keyring::generate(&SystemRandom)
}
