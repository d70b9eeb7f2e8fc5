//! `sessions`: signs in, recognises, signs out.

use lambda_runtime::Error;
use regain_bootstrap::{Function, serve::serve};
use regain_domain::usecase::sessions::Sessions;
use regain_http_api::sessions::router;

/// Answers for sessions until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let function = Function::start().await?;
    let hasher = function.hasher()?;
    let Function { config, environment, clock, table, .. } = function;
    let lifetime = config.session_lifetime;
    let use_case = Sessions { store: table, hasher, environment, limits: config.limits, lifetime };
    serve(router(use_case, clock), config.web).await
}
