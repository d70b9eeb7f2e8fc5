//! `verify-code`: charges a guess, compares it, and gives out the verification token.

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::KeyUse;
use regain_domain::usecase::verify_code::VerifyCode;
use regain_http_api::Timed;
use regain_http_api::routes::verify_code::{self, router};

/// The function's declaration.
pub const DECLARATION: Declaration =
    Declaration { name: "verify-code", telemetry: &[requests::TELEMETRY, verify_code::TELEMETRY] };

/// Takes guesses until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, environment, clock, table, .. } = Function::start(&KeyUse::ALL).await?;
    let use_case = VerifyCode { store: table, environment, policy: config.challenge, limits: config.limits };
    serve(router(Timed::new(use_case, clock)), config.web).await
}
