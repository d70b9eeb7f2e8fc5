//! The configuration of pages.

use regain_domain::brand::Brand;
use regain_domain::usecase::request_code::PostalCodeCheck;
use regain_domain::{Origin, PasswordPolicy};
use regain_locales::Languages;

/// What every page is configured with.
pub struct SiteSettings {
    /// Name, colour, support.
    pub brand: Brand,
    /// The logo, an SVG document. Only `pages` serves it, and checks it at its start; the others name it.
    pub logo: Option<String>,
    /// The languages that can be chosen, with that of people who prefer none of them.
    pub languages: Languages,
    /// Where the pages are.
    pub origin: Origin,
    /// The origins of applications that pages may lead back to.
    pub return_origins: Vec<Origin>,
}

/// What pages that read no table are configured with besides.
pub struct PageSettings {
    /// Whether a postal code is asked for.
    pub postal_code_check: PostalCodeCheck,
    /// The requirements on a password.
    pub password: PasswordPolicy,
    /// The inbox of the local stack; `None` elsewhere.
    pub inbox: Option<String>,
}
