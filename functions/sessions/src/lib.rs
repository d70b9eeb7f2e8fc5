//! `sessions`: signs in, recognises, signs out.

use std::sync::Arc;

use lambda_runtime::Error;
use regain_bootstrap::{Declaration, Function, requests, serve::serve};
use regain_domain::KeyUse;
use regain_domain::directory::OwnDirectory;
use regain_domain::usecase::sessions::Sessions;
use regain_domain::usecase::sign_in::SignIn;
use regain_http_api::Timed;
use regain_http_api::routes::{current_session, sign_in, sign_out, sign_out_everywhere};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration { name: "sessions", telemetry: &[requests::TELEMETRY] };

/// Answers for sessions until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let function = Function::start(&[KeyUse::Token, KeyUse::Identifier]).await?;
    let hasher = function.hasher()?;
    let Function { config, environment, clock, table, .. } = function;
    let sessions = Sessions { store: table.clone(), environment: environment.clone() };
    let sessions = Timed::new(sessions, Arc::clone(&clock));
    let use_case = SignIn {
        directory: OwnDirectory { store: table.clone(), hasher },
        store: table,
        environment,
        limits: config.limits.sign_in,
        lifetime: config.session_lifetime,
    };
    let routes = sign_in::router(Timed::new(use_case, clock))
        .merge(current_session::router(sessions.clone()))
        .merge(sign_out::router(sessions.clone()))
        .merge(sign_out_everywhere::router(sessions));
    serve(routes, config.web).await
}
