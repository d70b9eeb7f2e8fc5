//! The site: what every page shares.

use std::sync::Arc;

use regain_domain::{Clock, Fault, Locale, Random, Timestamp};
use regain_locales::{Catalogue, Catalogues};

use crate::assets::Assets;
use crate::cookies::CookieKind;
use crate::headers::SecurityHeaders;
use crate::return_to::ReturnTo;
use crate::settings::SiteSettings;

/// Everything that pages are made of, apart from a request.
pub struct Site {
    pub(crate) settings: SiteSettings,
    pub(crate) catalogues: Catalogues,
    pub(crate) assets: Assets,
    pub(crate) headers: SecurityHeaders,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl Site {
    /// The site.
    #[must_use]
    pub fn new(settings: SiteSettings, random: Arc<dyn Random>, clock: Arc<dyn Clock>) -> Self {
        let catalogues =
            Catalogues::new(|language| language.pages, &settings.languages, settings.brand.name.clone());
        let assets = Assets::new(&settings);
        let headers = SecurityHeaders::new(&settings.origin, &settings.return_origins);
        Self { settings, catalogues, assets, headers, random, clock }
    }

    /// The form of cookies: browsers take `__Host-` and `Secure` over TLS alone.
    pub(crate) fn cookie_kind(&self) -> CookieKind {
        if self.settings.origin.is_https() { CookieKind::Host } else { CookieKind::Plain }
    }

    /// The time of a visit.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// 128 random bits.
    pub(crate) fn random_bytes(&self) -> Result<[u8; 16], Fault> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A place of an application that pages may lead back to.
    pub(crate) fn return_to(&self, text: &str) -> Option<ReturnTo> {
        ReturnTo::parse(text, &self.settings.return_origins)
    }

    /// A language that can be chosen, by its tag.
    pub(crate) fn language(&self, tag: &str) -> Option<Locale> {
        let is_there = self.catalogues.every().any(|words| words.language() == tag);
        Locale::parse(tag).filter(|_| is_there)
    }

    /// The words in the first language of `locales` that there is.
    pub(crate) fn words(&self, locales: &[Locale]) -> Catalogue<'_> {
        self.catalogues.choose(locales)
    }
}
