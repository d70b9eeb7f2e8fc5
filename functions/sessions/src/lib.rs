//! `sessions`: signs in, recognises, signs out.

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::usecase::sessions::Sessions;
use regain_http_api::Timed;
use regain_http_api::routes::{current_session, sign_in, sign_out, sign_out_everywhere};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "sessions", telemetry: &[requests::TELEMETRY] };

/// Answers for sessions until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let function = Function::start().await?;
    let hasher = function.hasher()?;
    let Function { config, environment, clock, table, .. } = function;
    let lifetime = config.session_lifetime;
    let use_case = Sessions { store: table, hasher, environment, limits: config.limits, lifetime };
    let use_case = Timed::new(use_case, clock);
    let routes = sign_in::router(use_case.clone())
        .merge(current_session::router(use_case.clone()))
        .merge(sign_out::router(use_case.clone()))
        .merge(sign_out_everywhere::router(use_case));
    serve(routes, config.web).await
}
