//! `set-password`: sets a new password for a verification token.

use lambda_runtime::Error;
use regain_bootstrap::{Function, serve::serve};
use regain_domain::usecase::set_password::SetPassword;
use regain_http_api::set_password::router;

/// Sets passwords until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let function = Function::start()?;
    let hasher = function.hasher()?;
    let Function { config, environment, table, .. } = function;
    serve(router(SetPassword { store: table, hasher, environment, policy: config.password })).await
}
