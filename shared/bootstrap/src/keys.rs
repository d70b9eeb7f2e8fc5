//! Where the keys come from: a file, a variable, or a secret of AWS Secrets Manager.

use aws_types::SdkConfig;
use regain_crypto::{Keyring, KeyringError, RotationError, SystemRandom};
use regain_domain::{Fault, KeyUse, KeyVersion};
use zeroize::Zeroizing;

use crate::aws::SECRETS_ENDPOINT;
use crate::secrets::{self, SecretError};
use crate::settings::{Variables, set};

const FILE: &str = "REGAIN_KEYS_FILE";
const TEXT: &str = "REGAIN_KEYS";
const SECRET: &str = "REGAIN_KEYS_SECRET";

/// Why there are no keys. Names the variable, never a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No variable says where they are.
    #[error("{SECRET} (the ARN of a secret), {FILE} (a path) or {TEXT} (the keys themselves) must be set")]
    Missing,
    /// The file can't be read.
    #[error("{FILE}: the file can't be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The secret can't be read.
    #[error("{SECRET}: {0}")]
    Unavailable(#[source] SecretError),
    /// They are not keys.
    #[error("{variable}: {error}")]
    Wrong {
        /// The variable that led to them.
        variable: &'static str,
        /// The fault in them.
        #[source]
        error: KeyringError,
    },
}

/// The secret that the keys are read from, if they are read from one: a file and a variable are nearer.
fn secret(variables: Variables<'_>) -> Option<String> {
    let is_nearer = set(variables, FILE).is_some() || set(variables, TEXT).is_some();
    set(variables, SECRET).filter(|_| !is_nearer)
}

/// Reads the keys. Only a secret needs the network: one call, before the first event.
///
/// # Errors
/// [`KeysError`].
pub async fn read(variables: Variables<'_>, aws: &SdkConfig) -> Result<Keyring, KeysError> {
    let (variable, text) = match (set(variables, FILE), set(variables, TEXT), secret(variables)) {
        (Some(path), _, _) => {
            (FILE, Zeroizing::new(std::fs::read_to_string(path).map_err(KeysError::Unreadable)?))
        }
        (None, Some(text), _) => (TEXT, Zeroizing::new(text)),
        (None, None, Some(secret)) => {
            let endpoint = set(variables, SECRETS_ENDPOINT);
            let text = secrets::read(aws, endpoint.as_deref(), &secret).await;
            (SECRET, text.map_err(KeysError::Unavailable)?)
        }
        (None, None, None) => return Err(KeysError::Missing),
    };
    Keyring::parse(&text).map_err(|error| KeysError::Wrong { variable, error })
}

/// New keys in their text form.
///
/// # Errors
/// If the system has no randomness to give.
pub fn generate() -> Result<Zeroizing<String>, Fault> {
    Ok(Keyring::new(&SystemRandom)?.to_text())
}

/// Keys from their text form, for a step of a rotation.
///
/// # Errors
/// [`KeyringError`], without any key in it.
pub fn parse(text: &str) -> Result<Keyring, KeyringError> {
    Keyring::parse(text)
}

/// Adds a new version of a key, by the system's randomness.
///
/// # Errors
/// [`RotationError`], without any key in it.
pub fn add(keyring: &mut Keyring, key_use: KeyUse) -> Result<KeyVersion, RotationError> {
    keyring.add(key_use, &SystemRandom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sdk_config;

    async fn error(settings: &[(&str, &str)]) -> String {
        let variables = |wanted: &str| {
            let own = settings.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned());
            own.or_else(|| match wanted {
                "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".to_owned()),
                name if name.starts_with("AWS_ENDPOINT") => None,
                name => name.starts_with("AWS_").then(|| "x".to_owned()),
            })
        };
        read(&variables, &sdk_config(&variables).unwrap()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn what_is_wrong_names_the_variable() {
        assert!(error(&[]).await.starts_with("REGAIN_KEYS_SECRET (the ARN"));
        assert!(error(&[(SECRET, "")]).await.starts_with("REGAIN_KEYS_SECRET (the ARN"));
        assert!(error(&[(FILE, ""), (TEXT, "")]).await.starts_with("REGAIN_KEYS_SECRET (the ARN"));
        assert!(error(&[(FILE, ""), (TEXT, "{}")]).await.starts_with("REGAIN_KEYS: "));
        assert!(error(&[(FILE, "/nowhere")]).await.starts_with("REGAIN_KEYS_FILE: "));
        assert!(error(&[(TEXT, "{}")]).await.starts_with("REGAIN_KEYS: "));
        assert!(error(&[(TEXT, "{}"), (SECRET, "arn")]).await.starts_with("REGAIN_KEYS: "));
        let unreachable = "REGAIN_KEYS_SECRET: Secrets Manager can't be reached";
        assert_eq!(error(&[(SECRET, "arn")]).await, unreachable);
        let empty = [(FILE, ""), (TEXT, ""), (SECRETS_ENDPOINT, ""), (SECRET, "arn")];
        assert_eq!(error(&empty).await, unreachable);
    }
}
