//! AWS clients with just what Lambda needs: credentials from the environment, endpoints as every AWS SDK
//! reads them, and trust in Amazon's root certificates alone.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
pub use aws_types::SdkConfig;

use crate::keys;
use crate::settings::{SettingError, Variables};

/// Amazon Root CA 1 to 4 and Starfield Services Root CA - G2: what AWS endpoints' certificates chain to
/// (Amazon Trust Services' repository). Loading the system's whole store would cost milliseconds of
/// every cold start. A test compares the file with Mozilla's list.
pub const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Where Secrets Manager is, if it isn't where the region has it.
pub(crate) const SECRETS_ENDPOINT: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";

/// The time for a connection to an endpoint.
const CONNECT: Duration = Duration::from_secs(1);
/// The time for one try of a call.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Tries of a call that is throttled or gets no answer.
const TRIES: u32 = 3;

/// Reads region and credentials and makes the HTTP client.
///
/// # Errors
/// [`SettingError`], naming the variable that is missing.
pub fn sdk_config(variables: Variables<'_>) -> Result<SdkConfig, SettingError> {
    let required = |name: &'static str| {
        variables(name).filter(|v| !v.is_empty()).ok_or(SettingError::Missing(name, "Lambda sets it"))
    };
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        variables("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(variables))
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
        );
    builder.set_endpoint_url(variables("AWS_ENDPOINT_URL"));
    Ok(builder.build())
}

/// Endpoints that are all plain (the local stack's) need no certificates.
fn http_client(variables: Variables<'_>) -> SharedHttpClient {
    const ENDPOINTS: [&str; 3] =
        ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SESV2", "AWS_ENDPOINT_URL_SNS"];
    let has_secret = keys::secret(variables).is_some();
    let is_plain = |name: &str| {
        let endpoint = variables(name).or_else(|| variables("AWS_ENDPOINT_URL"));
        endpoint.is_some_and(|url| url.starts_with("http://"))
    };
    if ENDPOINTS.iter().all(|name| is_plain(name)) && (!has_secret || is_plain(SECRETS_ENDPOINT)) {
        return Builder::new().build_http();
    }
    let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let context = tls::TlsContext::builder().with_trust_store(roots).build();
    let builder = Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
    match context {
        Ok(context) => builder.tls_context(context).build_https(),
        // Can't happen with the roots above, which a test loads; the system's store still is safe.
        Err(_) => builder.build_https(),
    }
}

/// The client for the table.
#[must_use]
pub fn dynamodb(config: &SdkConfig, variables: Variables<'_>) -> aws_sdk_dynamodb::Client {
    let mut builder = aws_sdk_dynamodb::config::Builder::from(config);
    if let Some(endpoint) = variables("AWS_ENDPOINT_URL_DYNAMODB") {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_dynamodb::Client::from_conf(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The certificates of a PEM file.
    fn certificates(pem: &str) -> Vec<Vec<u8>> {
        let bodies = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
        let decode = |body: &str| {
            let base64: String = body.split("-----END").next().unwrap().split_whitespace().collect();
            data_encoding::BASE64.decode(base64.as_bytes()).unwrap()
        };
        bodies.map(decode).collect()
    }

    #[test]
    fn the_roots_are_amazons_in_mozillas_list() {
        let contains = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|w| w == needle);
        let roots = certificates(std::str::from_utf8(AMAZON_ROOTS).unwrap());
        assert_eq!(roots.len(), 5);
        for root in roots {
            let known = webpki_roots::TLS_SERVER_ROOTS
                .iter()
                .find(|anchor| {
                    contains(&root, &anchor.subject) && contains(&root, &anchor.subject_public_key_info)
                })
                .expect("every root is in Mozilla's list");
            assert!(contains(&known.subject, b"Amazon") || contains(&known.subject, b"Starfield Services"));
        }
    }

    #[test]
    fn the_client_loads_the_roots() {
        let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        assert!(tls::TlsContext::builder().with_trust_store(roots).build().is_ok());
        http_client(&|_| None);
    }

    #[test]
    fn what_lambda_sets_is_required() {
        let error = sdk_config(&|_| None).unwrap_err().to_string();
        assert!(error.contains("AWS_"), "{error}");
    }
}
