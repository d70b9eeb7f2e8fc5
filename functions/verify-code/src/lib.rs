//! `verify-code`: charges a guess, compares it, and gives out the verification token.

use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Function, Settings, requests, serve::serve};
use regain_domain::usecase::verify_code::VerifyCode;
use regain_domain::{GuessPolicy, KeyUse};
use regain_http_api::Timed;
use regain_http_api::routes::verify_code::{self, router};
use regain_site::routes::code;
use regain_site::{Served, Site, SiteSettings};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "verify-code",
    telemetry: &[requests::TELEMETRY, verify_code::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, GuessPolicy, u32, Duration);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let (web, site, policy) = (settings.web()?, settings.site()?, settings.guesses()?);
    Ok((web, site, policy, settings.guesses_per_address_per_hour()?, settings.token_lifetime()?))
}

/// Takes guesses until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } = Function::start(&KeyUse::ALL, configure).await?;
    let (web, site, policy, guesses_per_address_per_hour, token_lifetime) = config;
    let site = Arc::new(Site::new(site, Arc::clone(&context.random), Arc::clone(&clock)));
    let use_case = VerifyCode { store: table, context, policy, guesses_per_address_per_hour, token_lifetime };
    let use_case = Arc::new(use_case);
    let pages = code::form(Served::new(Arc::clone(&use_case), &site));
    serve(router(Timed::new(use_case, clock)).merge(pages), web, site).await
}
