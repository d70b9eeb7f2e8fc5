//! `pages`: every page that reads no table, and the forms that change nothing but cookies. It touches neither table nor
//! keys.

use lambda_runtime::Error;
use regain_bootstrap::config::ClientPolicy;
use regain_bootstrap::{Declaration, Settings, process_variables, requests, serve::serve, site};
use regain_site::{PageSettings, SiteSettings, routes};

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "pages",
    telemetry: &[requests::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

type Config = (ClientPolicy, SiteSettings, PageSettings);

/// Reads what the function uses.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    // The logo is served from here, so it is checked here.
    settings.logo()?;
    Ok((settings.web()?, settings.site()?, settings.pages()?))
}

/// Shows pages until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let settings = Settings::new(&process_variables)?;
    let (web, configured, pages) = configure(&settings)?;
    let site = site(configured, &settings)?;
    serve(routes::pages(&site, pages), web, site).await
}
