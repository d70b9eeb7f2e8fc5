//! Reads one secret from AWS Secrets Manager: the one call that the functions make there.
//!
//! It is made of the parts that the SDK's clients are made of (orchestrator, retries, Signature
//! Version 4), which are linked anyway. A client of its own for one call would cost every function its
//! size and every build its minutes.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The service, as signatures name it and its host begins.
const SERVICE: &str = "secretsmanager";
/// The call and the version of its API.
const TARGET: &str = "secretsmanager.GetSecretValue";

/// Why there is no secret. Names what Secrets Manager said, never a part of an answer.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager says no, by the code of its error.
    #[error("Secrets Manager answers {0}")]
    Refused(String),
    /// No answer came in time.
    #[error("Secrets Manager can't be reached")]
    Unreachable,
    /// The answer isn't one, or the secret is binary.
    #[error("the secret is not a text")]
    NoText,
    /// The configuration lacks what a request needs.
    #[error("there are no credentials or no region")]
    Unconfigured,
}

/// A secret on its way through the orchestrator, which wants to be able to print what it carries.
struct Secret(Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    secret_string: Option<Zeroizing<String>>,
}

/// The current version of a secret, by its name or ARN. Throttling, outages and lost answers are tried
/// again as often as `aws` says.
///
/// # Errors
/// [`SecretError`].
pub async fn read(
    aws: &SdkConfig,
    endpoint: Option<&str>,
    secret: &str,
) -> Result<Zeroizing<String>, SecretError> {
    let region = aws.region().ok_or(SecretError::Unconfigured)?;
    let endpoint = match endpoint.or(aws.endpoint_url()) {
        Some(endpoint) => endpoint.to_owned(),
        None => default_endpoint(region.as_ref()),
    };
    let operation = Operation::builder()
        .service_name(SERVICE)
        .operation_name("GetSecretValue")
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .http_client(aws.http_client().ok_or(SecretError::Unconfigured)?)
        .timeout_config(aws.timeout_config().cloned().ok_or(SecretError::Unconfigured)?)
        .standard_retry(aws.retry_config().ok_or(SecretError::Unconfigured)?)
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .runtime_plugin(signing(aws)?)
        .serializer(|secret: String| request(&secret))
        .deserializer(secret_of)
        .build();
    match operation.invoke(secret.to_owned()).await {
        Ok(Secret(text)) => Ok(text),
        Err(SdkError::ServiceError(error)) => {
            let code = error.err().code().map(str::to_owned);
            Err(code.map_or(SecretError::NoText, SecretError::Refused))
        }
        Err(_) => Err(SecretError::Unreachable),
    }
}

fn default_endpoint(region: &str) -> String {
    // The partitions that are named by their regions; others need the endpoint's variable.
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{SERVICE}.{region}.{domain}")
}

/// Signature Version 4 with the functions' own credentials.
fn signing(aws: &SdkConfig) -> Result<StaticRuntimePlugin, SecretError> {
    let credentials = aws.credentials_provider().ok_or(SecretError::Unconfigured)?;
    let region = aws.region().ok_or(SecretError::Unconfigured)?;
    let mut config = Layer::new("signing");
    config.store_put(AuthSchemeOptionResolverParams::new(()));
    config.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region.clone())),
        name: Some(SigningName::from_static(SERVICE)),
        signing_options: SigningOptions::default(),
        ..Default::default()
    });
    let resolver = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(resolver)))
        .with_identity_cache(Some(IdentityCache::no_cache()))
        .with_identity_resolver(SCHEME_ID, credentials);
    Ok(StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components))
}

fn request(secret: &str) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let body = serde_json::json!({"SecretId": secret}).to_string();
    let request = http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", TARGET)
        .body(SdkBody::from(body))?;
    Ok(request.try_into()?)
}

fn secret_of(response: &HttpResponse) -> Result<Secret, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        let answer = serde_json::from_slice::<Answer>(body).ok();
        let text = answer.and_then(|answer| answer.secret_string);
        // An error without a code: what is wrong with the secret itself.
        return text
            .map(Secret)
            .ok_or_else(|| OrchestratorError::operation(ErrorMetadata::builder().build()));
    }
    Err(OrchestratorError::operation(ErrorMetadata::builder().code(error_code(response, body)).build()))
}

/// The code of an error: the last part of `__type`, or else the status.
fn error_code(response: &HttpResponse, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "__type")]
        kind: String,
    }
    let is_name = |code: &str| !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric());
    serde_json::from_slice::<Refusal>(body)
        .ok()
        .and_then(|refusal| refusal.kind.rsplit('#').next().map(str::to_owned))
        .filter(|code| is_name(code))
        .unwrap_or_else(|| format!("with status {}", response.status().as_u16()))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::State;
    use axum::response::IntoResponse as _;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::aws::sdk_config;

    /// The answers that the double will give, and the requests that it has had.
    #[derive(Clone, Default)]
    struct Double {
        answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
        requests: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    }

    impl Double {
        async fn start(answers: &[(u16, &'static str)]) -> (Self, String) {
            let double = Self::default();
            double.answers.lock().unwrap().extend(answers);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            let router = Router::new().fallback(Self::answer).with_state(double.clone());
            tokio::spawn(async move { axum::serve(listener, router).await });
            (double, endpoint)
        }

        #[expect(clippy::unused_async, reason = "a handler is async")]
        async fn answer(
            State(double): State<Self>,
            headers: HeaderMap,
            body: String,
        ) -> axum::response::Response {
            double.requests.lock().unwrap().push((headers, body));
            let (status, body) = double.answers.lock().unwrap().pop_front().unwrap();
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
    }

    fn config() -> SdkConfig {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "session"),
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ];
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let config = sdk_config(&find).unwrap();
        let quick = config.retry_config().unwrap().clone();
        let quick = quick.with_initial_backoff(std::time::Duration::from_millis(1));
        config.to_builder().retry_config(quick).build()
    }

    const ARN: &str = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:regain-AbCdEf";

    #[tokio::test]
    async fn the_call_is_signed_and_the_secret_comes_back() {
        let (double, endpoint) = Double::start(&[(200, r#"{"Name":"x","SecretString":"{\"a\": 1}"}"#)]).await;
        assert_eq!(*read(&config(), Some(&endpoint), ARN).await.unwrap(), r#"{"a": 1}"#);
        let requests = double.requests.lock().unwrap();
        let (headers, body) = &requests[0];
        assert_eq!(headers["x-amz-target"], TARGET);
        assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
        assert_eq!(headers["x-amz-security-token"], "session");
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains("/eu-north-1/secretsmanager/aws4_request"), "{authorization}");
        assert!(authorization.contains("x-amz-target"), "{authorization}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap()["SecretId"], ARN);
    }

    #[tokio::test]
    async fn what_may_pass_is_tried_again() {
        let answers = [
            (500, ""),
            (400, r#"{"__type":"com.amazonaws#ThrottlingException","message":"slow"}"#),
            (200, r#"{"SecretString":"text"}"#),
        ];
        let (double, endpoint) = Double::start(&answers).await;
        assert_eq!(*read(&config(), Some(&endpoint), ARN).await.unwrap(), "text");
        assert_eq!(double.requests.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_code_alone() {
        for (status, answer, told) in [
            (
                400,
                r#"{"__type":"ResourceNotFoundException","Message":"canary"}"#,
                "ResourceNotFoundException",
            ),
            (400, r#"{"__type":"AccessDeniedException","Message":"canary"}"#, "AccessDeniedException"),
            (403, "canary", "status 403"),
            (400, r#"{"__type":"can ary"}"#, "status 400"),
            (200, r#"{"SecretBinary":"canary"}"#, "not a text"),
            (200, "canary", "not a text"),
        ] {
            let (double, endpoint) = Double::start(&[(status, answer)]).await;
            let error = read(&config(), Some(&endpoint), ARN).await.unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("canary"), "{error}");
            assert_eq!(double.requests.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn without_an_endpoint_of_its_own_the_call_goes_where_all_go() {
        // Nobody listens at the common endpoint of `config`.
        let error = read(&config(), None, ARN).await.unwrap_err();
        assert!(matches!(error, SecretError::Unreachable), "{error}");
    }

    #[test]
    fn the_endpoint_is_the_regions() {
        assert_eq!(default_endpoint("eu-north-1"), "https://secretsmanager.eu-north-1.amazonaws.com");
        assert_eq!(default_endpoint("cn-north-1"), "https://secretsmanager.cn-north-1.amazonaws.com.cn");
    }
}
