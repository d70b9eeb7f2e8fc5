//! `request-code`: opens a challenge. It can't read accounts and can't send.

use std::sync::Arc;

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Function, Settings, requests, serve::serve};
use regain_domain::usecase::request_code::{PostalCodeCheck, RequestCode};
use regain_domain::{ChallengePolicy, KeyUse, RequestLimits};
use regain_http_api::Timed;
use regain_http_api::routes::request_code::router;
use regain_site::routes::recover;
use regain_site::{Served, Site, SiteSettings};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "request-code",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, ChallengePolicy, RequestLimits, PostalCodeCheck);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let (policy, limits) = (settings.challenge()?, settings.requests()?);
    Ok((settings.web()?, settings.site()?, policy, limits, settings.postal_code_check()?))
}

/// Answers requests for codes until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } = Function::start(&KeyUse::ALL, configure).await?;
    let (web, site, policy, limits, postal_code_check) = config;
    let site = Arc::new(Site::new(site, Arc::clone(&context.random), Arc::clone(&clock)));
    let use_case = Arc::new(RequestCode { store: table, context, policy, limits, postal_code_check });
    let pages = recover::form(Served::new(Arc::clone(&use_case), &site));
    serve(router(Timed::new(use_case, clock)).merge(pages), web, site).await
}
