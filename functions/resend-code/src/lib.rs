//! `resend-code`: starts the next send of a challenge. It can't read accounts and can't send.

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::KeyUse;
use regain_domain::usecase::resend_code::ResendCode;
use regain_http_api::Timed;
use regain_http_api::routes::resend_code::router;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "resend-code", telemetry: &[requests::TELEMETRY] };

/// Answers requests for another code until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, environment, clock, table, .. } = Function::start(&KeyUse::ALL).await?;
    let use_case = ResendCode { store: table, environment, policy: config.challenge, limits: config.limits };
    serve(router(Timed::new(use_case, clock)), config.web).await
}
