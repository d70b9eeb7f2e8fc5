//! AWS clients with just what Lambda needs: credentials from the environment, endpoints as every AWS SDK
//! reads them. The HTTP client under them is in `http_client`.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
pub use aws_types::SdkConfig;

use crate::http_client::http_client;
use crate::settings::{SettingError, Variables, set};

/// Where Secrets Manager is, if it isn't where the region has it.
pub(crate) const SECRETS_ENDPOINT: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";

/// The time for a connection to an endpoint.
const CONNECT: Duration = Duration::from_secs(1);
/// The time for one try of a call.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Tries of a call that is throttled or gets no answer.
const TRIES: u32 = 3;
/// The time for a call with all its tries and the pauses between. Below it, who waits for a table that is away
/// is told so by the function; and fetching the keys fits into the ten seconds that Lambda gives a start.
const CALL: Duration = Duration::from_secs(8);

/// Reads region and credentials and makes the HTTP client.
///
/// # Errors
/// [`SettingError`], naming the variable that is missing.
pub fn sdk_config(variables: Variables<'_>) -> Result<SdkConfig, lambda_runtime::Error> {
    let required =
        |name: &'static str| set(variables, name).ok_or(SettingError::Missing(name, "Lambda sets it"));
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        set(variables, "AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(CONNECT)?)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL)
                .build(),
        );
    builder.set_endpoint_url(set(variables, "AWS_ENDPOINT_URL"));
    Ok(builder.build())
}

/// The client for the table.
#[must_use]
pub fn dynamodb(config: &SdkConfig, variables: Variables<'_>) -> aws_sdk_dynamodb::Client {
    let mut builder = aws_sdk_dynamodb::config::Builder::from(config);
    if let Some(endpoint) = set(variables, "AWS_ENDPOINT_URL_DYNAMODB") {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_dynamodb::Client::from_conf(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_is_empty_is_not_set() {
        let with = |empty: &'static [&'static str]| {
            let variables = move |name: &str| match name {
                name if empty.contains(&name) => Some(String::new()),
                "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".to_owned()),
                name if name.starts_with("AWS_ENDPOINT") => None,
                _ => Some("x".to_owned()),
            };
            let config = sdk_config(&variables).unwrap();
            let client = format!("{:?}", dynamodb(&config, &variables).config());
            (config.endpoint_url().map(str::to_owned), client.contains("127.0.0.1:1"))
        };
        let everywhere = Some("http://127.0.0.1:1".to_owned());
        assert_eq!(with(&["AWS_ENDPOINT_URL_DYNAMODB"]), (everywhere, true));
        assert_eq!(with(&["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"]), (None, false));
    }

    #[test]
    fn what_lambda_sets_is_required() {
        let error = sdk_config(&|_| None).unwrap_err().to_string();
        assert!(error.contains("AWS_"), "{error}");
    }
}
