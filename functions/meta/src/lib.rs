//! `meta`: health, the password policy, the well-known redirect, and whatever no route matches. It
//! touches neither table nor keys.

use http::HeaderValue;
use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Settings, process_variables, requests, serve::serve, site};
use regain_domain::PasswordPolicy;
use regain_http_api::pages::CHANGE_PASSWORD;
use regain_http_api::routes::{change_password, health, openapi, password_policy};
use regain_site::SiteSettings;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "meta",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, PasswordPolicy, bool);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let asks_pwned_passwords = settings.pwned_passwords_url().is_some();
    Ok((settings.web()?, settings.site()?, settings.password()?, asks_pwned_passwords))
}

/// Answers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let settings = Settings::new(&process_variables)?;
    let (web, configured, password, asks_pwned_passwords) = configure(&settings)?;
    let page = HeaderValue::try_from(format!("{}{}", configured.origin.as_str(), CHANGE_PASSWORD.path))?;
    let routes = health::router()
        .merge(openapi::router())
        .merge(password_policy::router(&password, asks_pwned_passwords))
        .merge(change_password::router(page));
    serve(routes, web, site(configured, &settings)?).await
}
