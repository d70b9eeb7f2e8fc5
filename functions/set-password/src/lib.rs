//! `set-password`: sets a new password for a verification token.

use std::sync::Arc;

use lambda_runtime::Error;
use regain_bootstrap::config::{ClientPolicy, Hasher};
use regain_bootstrap::{Declaration, Function, Settings, hasher, requests, serve::serve};
use regain_domain::directory::OwnDirectory;
use regain_domain::usecase::set_password::SetPassword;
use regain_domain::{KeyUse, PasswordPolicy};
use regain_http_api::Timed;
use regain_http_api::routes::set_password::router;
use regain_passwords::{Checks, CommonPasswords, PwnedPasswords};
use regain_site::routes::{link, password};
use regain_site::{Served, Site, SiteSettings};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "set-password",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, Hasher, PasswordPolicy, Checks);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let pwned = settings.pwned_passwords_url().map(|url| {
        PwnedPasswords::new(&url).map_err(|error| format!("REGAIN_PWNED_PASSWORDS_URL is {error}"))
    });
    let checks =
        Checks { common: CommonPasswords::new(), pwned: pwned.transpose()?, service: settings.brand_name()? };
    Ok((settings.web()?, settings.site()?, hasher(settings.argon2()?)?, settings.password()?, checks))
}

/// Sets passwords until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, .. } =
        Function::start(&[KeyUse::Token, KeyUse::Identifier], configure).await?;
    let (web, site, hasher, policy, checks) = config;
    let site = Arc::new(Site::new(site, Arc::clone(&context.random), Arc::clone(&clock)));
    let directory = OwnDirectory { store: table.clone(), hasher };
    let use_case = Arc::new(SetPassword { store: table, directory, checks, context, policy });
    let pages = Served::new(Arc::clone(&use_case), &site);
    let pages = password::form(pages.clone()).merge(link::form(pages));
    serve(router(Timed::new(use_case, clock)).merge(pages), web, site).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named_at_the_start() {
        let variables = |name: &str| match name {
            "REGAIN_STAGE" => Some("test".to_owned()),
            "REGAIN_PWNED_PASSWORDS_URL" => Some("nowhere".to_owned()),
            _ => None,
        };
        let error = configure(&Settings::new(&variables).unwrap()).err().unwrap().to_string();
        assert!(error.starts_with("REGAIN_PWNED_PASSWORDS_URL"), "{error}");
    }
}
