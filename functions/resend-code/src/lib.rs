//! `resend-code`: starts the next send of a challenge. It can't read accounts and can't send.

use std::sync::Arc;

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Function, Settings, requests, serve::serve};
use regain_domain::usecase::resend_code::ResendCode;
use regain_domain::{ChallengePolicy, KeyUse, RequestsPerAddress};
use regain_http_api::Timed;
use regain_http_api::routes::resend_code::router;
use regain_site::routes::resend;
use regain_site::{Served, Site, SiteSettings};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "resend-code",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, ChallengePolicy, RequestsPerAddress);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    Ok((settings.web()?, settings.site()?, settings.challenge()?, settings.requests_per_address()?))
}

/// Answers requests for another code until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } = Function::start(&KeyUse::ALL, configure).await?;
    let (web, site, policy, per_address) = config;
    let site = Arc::new(Site::new(site, Arc::clone(&context.random), Arc::clone(&clock)));
    let use_case = Arc::new(ResendCode { store: table, context, policy, per_address });
    let pages = resend::form(Served::new(Arc::clone(&use_case), &site));
    serve(router(Timed::new(use_case, clock)).merge(pages), web, site).await
}
