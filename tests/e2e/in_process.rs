//! The functions' routes without their functions, over a table that a stack can't be brought to have.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use axum::Router;
use http::StatusCode;
use regain_crypto::{Argon2Parameters, Argon2id, Keyring, SystemClock, SystemRandom};
use regain_domain::port::PasswordChecks;
use regain_domain::usecase::request_code::PostalCodeCheck;
use regain_domain::usecase::{
    request_code::RequestCode, resend_code::ResendCode, sessions::Sessions, set_password::SetPassword,
    verify_code::VerifyCode,
};
use regain_domain::{
    Account, ChallengePolicy, CodeLength, Environment, Limits, Password, PasswordPolicy, TextLimits,
};
use regain_dynamodb::Table;
use regain_http_api as api;

use crate::dynamodb;

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

/// The routes of all functions that use the table, over one that nobody serves.
pub(crate) fn without_a_table() -> Router {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    over(&endpoint)
}

/// The same routes, over a table that they may not use.
pub(crate) async fn without_permission() -> Router {
    let denied = || async {
        let body = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"not for you"}"#;
        (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], body)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(denied);
    tokio::spawn(async move { axum::serve(listener, app).await });
    over(&endpoint)
}

/// The routes over the table behind an endpoint.
fn over(endpoint: &str) -> Router {
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = dynamodb::config(endpoint).retry_config(retries).build();
    let store = Table::new(aws_sdk_dynamodb::Client::from_conf(config), "away");
    let environment = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        prf: Arc::new(Keyring::new(&SystemRandom).unwrap()),
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
        texts: TextLimits {
            per_country_per_day: 1_000,
            per_block_per_day: 20,
            before_breaker_per_hour: 50,
            conversion_percent: 10,
        },
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
