//! `sessions`: signs in, recognises, signs out.

use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::Error;
use regain_bootstrap::config::{ClientPolicy, Hasher};
use regain_bootstrap::{Declaration, Function, Settings, hasher, requests, serve::serve};
use regain_domain::directory::OwnDirectory;
use regain_domain::usecase::sessions::Sessions;
use regain_domain::usecase::sign_in::SignIn;
use regain_domain::{KeyUse, RecoveryHold, SignInLimits};
use regain_http_api::Timed;
use regain_http_api::routes::{current_session, sign_in, sign_out, sign_out_everywhere};
use regain_site::{Served, Site, SiteSettings, routes as pages};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "sessions",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, Hasher, SignInLimits, Duration, RecoveryHold);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let (web, site, hasher) = (settings.web()?, settings.site()?, hasher(settings.argon2()?)?);
    let (lifetime, hold) = (settings.session_lifetime()?, settings.recovery_hold()?);
    Ok((web, site, hasher, settings.sign_in()?, lifetime, hold))
}

/// Answers for sessions until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } =
        Function::start(&[KeyUse::Token, KeyUse::Identifier], configure).await?;
    let (web, site, hasher, limits, lifetime, hold) = config;
    let site = Arc::new(Site::new(site, Arc::clone(&context.random), Arc::clone(&clock)));
    let sessions = Arc::new(Sessions { store: table.clone(), context: context.clone(), hold });
    let pages = Served::new(Arc::clone(&sessions), &site);
    let pages = pages::account::page(pages.clone()).merge(pages::sign_out::form(pages));
    let sessions = Timed::new(sessions, Arc::clone(&clock));
    let use_case = SignIn {
        directory: OwnDirectory { store: table.clone(), hasher },
        store: table,
        context,
        limits,
        lifetime,
    };
    let use_case = Arc::new(use_case);
    let pages = pages.merge(pages::sign_in::form(Served::new(Arc::clone(&use_case), &site)));
    let routes = sign_in::router(Timed::new(use_case, clock))
        .merge(current_session::router(sessions.clone()))
        .merge(sign_out::router(sessions.clone()))
        .merge(sign_out_everywhere::router(sessions))
        .merge(pages);
    serve(routes, web, site).await
}
