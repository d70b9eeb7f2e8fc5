//! `verify-code`: charges a guess, compares it, and gives out the verification token.

use std::time::Duration;

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Function, Settings, requests, serve::serve};
use regain_domain::usecase::verify_code::VerifyCode;
use regain_domain::{GuessPolicy, KeyUse};
use regain_http_api::Timed;
use regain_http_api::routes::verify_code::{self, router};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "verify-code",
    telemetry: &[requests::TELEMETRY, verify_code::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, GuessPolicy, u32, Duration);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let (web, policy) = (settings.web()?, settings.guesses()?);
    Ok((web, policy, settings.guesses_per_address_per_hour()?, settings.token_lifetime()?))
}

/// Takes guesses until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } = Function::start(&KeyUse::ALL, configure).await?;
    let (web, policy, guesses_per_address_per_hour, token_lifetime) = config;
    let use_case = VerifyCode { store: table, context, policy, guesses_per_address_per_hour, token_lifetime };
    serve(router(Timed::new(use_case, clock)), web).await
}
