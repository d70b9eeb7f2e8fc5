//! `request-code`: opens a challenge. It can't read accounts and can't send.

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Function, Settings, requests, serve::serve};
use regain_domain::usecase::request_code::{PostalCodeCheck, RequestCode};
use regain_domain::{ChallengePolicy, KeyUse, RequestLimits};
use regain_http_api::Timed;
use regain_http_api::routes::request_code::router;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "request-code",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, ChallengePolicy, RequestLimits, PostalCodeCheck);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    Ok((settings.web()?, settings.challenge()?, settings.requests()?, settings.postal_code_check()?))
}

/// Answers requests for codes until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } = Function::start(&KeyUse::ALL, configure).await?;
    let (web, policy, limits, postal_code_check) = config;
    let use_case = RequestCode { store: table, context, policy, limits, postal_code_check };
    serve(router(Timed::new(use_case, clock)), web).await
}
