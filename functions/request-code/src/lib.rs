//! `request-code`: opens a challenge. It can't read accounts and can't send.

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::KeyUse;
use regain_domain::usecase::request_code::RequestCode;
use regain_http_api::Timed;
use regain_http_api::routes::request_code::router;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "request-code", telemetry: &[requests::TELEMETRY] };

/// Answers requests for codes until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, environment, clock, table, .. } = Function::start(&KeyUse::ALL).await?;
    let use_case = RequestCode {
        store: table,
        environment,
        policy: config.challenge,
        limits: config.limits,
        postal_code_check: config.postal_code_check,
    };
    serve(router(Timed::new(use_case, clock)), config.web).await
}
