//! `set-password`: sets a new password for a verification token.

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::KeyUse;
use regain_domain::directory::OwnDirectory;
use regain_domain::usecase::set_password::SetPassword;
use regain_http_api::Timed;
use regain_http_api::routes::set_password::router;
use regain_passwords::{Checks, CommonPasswords, PwnedPasswords};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "set-password", telemetry: &[requests::TELEMETRY] };

/// Sets passwords until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let function = Function::start(&[KeyUse::Token, KeyUse::Identifier]).await?;
    let hasher = function.hasher()?;
    let Function { config, environment, clock, table, .. } = function;
    let pwned = config.pwned_passwords_url.as_deref().map(PwnedPasswords::new).transpose()?;
    let checks = Checks { common: CommonPasswords::new(), pwned, service: config.brand_name };
    let directory = OwnDirectory { store: table.clone(), hasher };
    let use_case = SetPassword { store: table, directory, checks, environment, policy: config.password };
    serve(router(Timed::new(use_case, clock)), config.web).await
}
