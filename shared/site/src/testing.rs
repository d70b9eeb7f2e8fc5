//! A site for tests.

use std::sync::Arc;

use regain_domain::brand::{Brand, BrandColor, Support};
use regain_domain::{Clock, EmailAddress, Fault, Locale, Origin, Random, Timestamp};
use regain_locales::Languages;

use crate::settings::SiteSettings;
use crate::site::Site;

/// The time of every visit.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

struct Always;

impl Clock for Always {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Randomness that is none, or that the system doesn't give.
struct Zeros {
    fails: bool,
}

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        bytes.fill(0);
        if self.fails { Err(Fault::internal("no randomness")) } else { Ok(()) }
    }
}

/// A site that leads back to `https://app.example.com`.
pub(crate) fn site() -> Arc<Site> {
    site_with(Zeros { fails: false })
}

/// A site without randomness, which can't make a page.
pub(crate) fn broken_site() -> Arc<Site> {
    site_with(Zeros { fails: true })
}

fn site_with(random: Zeros) -> Arc<Site> {
    let support = EmailAddress::parse("help@example.com").unwrap();
    let settings = SiteSettings {
        brand: Brand {
            name: "Acme".to_owned(),
            color: BrandColor::default(),
            support: Support::Email(support),
        },
        logo: None,
        languages: Languages::choose(&[], &Locale::parse("en").unwrap()).unwrap(),
        origin: Origin::parse("https://example.com").unwrap(),
        return_origins: vec![Origin::parse("https://app.example.com").unwrap()],
    };
    Arc::new(Site::new(settings, Arc::new(random), Arc::new(Always)))
}
