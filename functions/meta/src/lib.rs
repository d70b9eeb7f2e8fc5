//! `meta`: health, the password policy, the well-known redirect, and whatever no route matches. It
//! touches neither table nor keys.

use http::HeaderValue;
use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Settings, process_variables, requests, serve::serve};
use regain_domain::{Origin, PasswordPolicy};
use regain_http_api::routes::{change_password, health, openapi, password_policy};

/// Where the site's page for a new password is, below its origin.
const CHANGE_PASSWORD_PATH: &str = "/change-password";

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "meta",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, PasswordPolicy, bool, Origin);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let asks_pwned_passwords = settings.pwned_passwords_url().is_some();
    Ok((settings.web()?, settings.password()?, asks_pwned_passwords, settings.origin()?))
}

/// Answers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let (web, password, asks_pwned_passwords, origin) = configure(&Settings::new(&process_variables)?)?;
    let change_password_page = HeaderValue::try_from(format!("{}{CHANGE_PASSWORD_PATH}", origin.as_str()))?;
    let routes = health::router()
        .merge(openapi::router())
        .merge(password_policy::router(&password, asks_pwned_passwords))
        .merge(change_password::router(change_password_page));
    serve(routes, web).await
}
