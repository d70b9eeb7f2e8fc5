//! `meta`: health, the password policy, the well-known redirect, and whatever no route matches. It
//! touches neither table nor keys.

use http::HeaderValue;
use lambda_runtime::Error;
use regain_bootstrap::{Config, Declaration, process_variables, requests, serve::serve};
use regain_http_api::routes::{change_password, health, openapi, password_policy};

/// Where the site's page for a new password is, below its origin.
const CHANGE_PASSWORD_PATH: &str = "/change-password";

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "meta", telemetry: &[requests::TELEMETRY] };

/// Answers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let config = Config::read(&process_variables)?;
    let origin = config.read_origin(&process_variables)?;
    let change_password_page = HeaderValue::try_from(format!("{}{CHANGE_PASSWORD_PATH}", origin.as_str()))?;
    let routes = health::router()
        .merge(openapi::router())
        .merge(password_policy::router(&config.password, config.pwned_passwords_url.is_some()))
        .merge(change_password::router(change_password_page));
    serve(routes, config.web).await
}
