//! What clients see when something is away: fail closed, say so, tell nothing.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use regain_crypto::{Argon2Parameters, Argon2id, Keyring, SystemClock, SystemRandom};
use regain_domain::port::PasswordChecks;
use regain_domain::usecase::request_code::PostalCodeCheck;
use regain_domain::usecase::{
    request_code::RequestCode, resend_code::ResendCode, sessions::Sessions, set_password::SetPassword,
    verify_code::VerifyCode,
};
use regain_domain::{Account, ChallengePolicy, CodeLength, Environment, Limits, Password, PasswordPolicy};
use regain_dynamodb::Table;
use regain_http_api as api;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::Stack;

/// Knows nothing against any password.
struct NoChecks;

impl PasswordChecks for NoChecks {
    fn is_common(&self, _: &Password) -> bool {
        false
    }

    fn is_personal(&self, _: &Password, _: &Account) -> bool {
        false
    }

    async fn is_breached(&self, _: &Password) -> bool {
        false
    }
}

/// All public functions' routes, over a table that nobody serves.
fn without_a_table() -> Router {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let store = Table::new(aws_sdk_dynamodb::Client::from_conf(config), "away");
    let keys = Keyring::generate(&SystemRandom).unwrap();
    let environment = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        prf: Arc::new(Keyring::parse(&keys).unwrap()),
    };
    let policy = ChallengePolicy {
        code_length: CodeLength::new(6).unwrap(),
        code_lifetime: Duration::from_mins(10),
        challenge_lifetime: Duration::from_mins(30),
        attempts: 5,
        resends: 3,
        resend_cooldown: Duration::from_mins(1),
        token_lifetime: Duration::from_mins(10),
    };
    let limits = Limits {
        requests_per_identifier_per_hour: 5,
        requests_per_identifier_per_day: 10,
        requests_per_address_per_hour: 60,
        verifies_per_address_per_hour: 120,
        sign_ins_per_identifier_per_hour: 20,
        sign_ins_per_address_per_hour: 120,
        armed_per_account_per_day: 10,
        armed_per_account_since_success: 20,
    };
    let hasher = || Argon2id::new(Argon2Parameters { memory_kib: 64, iterations: 1 }, SystemRandom).unwrap();
    let password = PasswordPolicy { min_length: 15, max_length: 256 };
    let routes = Router::new()
        .merge(api::request_code::router(RequestCode {
            store: store.clone(),
            environment: environment.clone(),
            policy,
            limits,
            postal_code_check: PostalCodeCheck::Off,
        }))
        .merge(api::resend_code::router(ResendCode {
            store: store.clone(),
            environment: environment.clone(),
            policy,
            limits,
        }))
        .merge(api::verify_code::router(VerifyCode {
            store: store.clone(),
            environment: environment.clone(),
            policy,
            limits,
        }))
        .merge(api::set_password::router(SetPassword {
            store: store.clone(),
            hasher: hasher(),
            checks: NoChecks,
            environment: environment.clone(),
            policy: password,
        }))
        .merge(api::sessions::router(Sessions {
            store,
            hasher: hasher(),
            environment,
            limits,
            lifetime: Duration::from_hours(24),
        }));
    api::app(routes)
}

#[tokio::test]
async fn without_the_table_every_operation_is_unavailable_and_says_when_to_come_back() {
    let app = without_a_table();
    let token = "A".repeat(64);
    for (method, path, body) in [
        ("POST", "/v1/challenges", json!({"identifier": "alice@example.com"})),
        ("POST", "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/resend", json!({})),
        ("POST", "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify", json!({"code": "123456"})),
        ("POST", "/v1/password", json!({"password": "a password that is long"})),
        ("POST", "/v1/sessions", json!({"identifier": "alice@example.com", "password": "x"})),
        ("GET", "/v1/sessions/current", Value::Null),
        ("DELETE", "/v1/sessions/current", Value::Null),
        ("DELETE", "/v1/sessions", Value::Null),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{method} {path}");
        let retry_after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(retry_after > 0);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(problem["code"], "service_unavailable");
        assert!(!problem.to_string().to_lowercase().contains("dynamo"), "{problem}");
    }
}

#[tokio::test]
async fn mail_that_is_throttled_or_down_arrives_when_it_is_back() {
    let stack = Stack::shared();
    let api = stack.client();
    for fault in ["throttle", "server_error"] {
        let person = stack.person();
        // The SDK tries three times by itself: seven failures are more than one invocation can ride out.
        api.fault(&json!({"to": person.email, "fault": fault, "count": 7})).await;
        let (challenge, code) = api.code_for(&person.email).await;
        assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
        assert_eq!(api.messages(&person.email, 0).await.len(), 1);
    }
}

#[tokio::test]
async fn mail_that_is_refused_for_good_holds_nothing_up() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    api.fault(&json!({"to": person.email, "fault": "bounce", "count": 1})).await;
    assert_eq!(api.request_code(&person.email).await.status, StatusCode::ACCEPTED);
    let (challenge, code) = api.code_for(&person.email).await;
    assert_eq!(api.verify(&challenge, &code).await.status, StatusCode::OK);
    assert_eq!(api.messages(&person.email, 0).await.len(), 1);
}
