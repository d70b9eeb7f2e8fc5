//! Style, script and logo: named by what is in them, so that browsers keep them for a year.

use regain_domain::brand::Brand;

use crate::settings::SiteSettings;

/// The style, but for the brand's colours.
const STYLE: &str = include_str!("../assets/pages.css");
/// The script. Every page works without it.
const SCRIPT: &str = include_str!("../assets/pages.js");

const STYLE_HASH: u64 = fnv1a(OFFSET, STYLE.as_bytes());
const SCRIPT_HASH: u64 = fnv1a(OFFSET, SCRIPT.as_bytes());

/// An asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Style,
    Script,
    Logo,
    /// The mark in the browser's tab.
    Icon,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Style, Self::Script, Self::Logo, Self::Icon];

    const fn affixes(self) -> (&'static str, &'static str) {
        match self {
            Self::Style => ("style-", ".css"),
            Self::Script => ("script-", ".js"),
            Self::Logo => ("logo-", ".svg"),
            Self::Icon => ("icon-", ".svg"),
        }
    }

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Style => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Logo | Self::Icon => "image/svg+xml",
        }
    }
}

/// The names of the assets. A function has their hashes, and only `pages` has what is in them.
#[derive(Clone, Debug)]
pub(crate) struct Assets {
    style: String,
    script: String,
    logo: String,
    icon: String,
}

impl Assets {
    pub(crate) fn new(settings: &SiteSettings) -> Self {
        let brand = &settings.brand;
        let name = |kind: Kind, hash: u64| {
            let (before, after) = kind.affixes();
            format!("{before}{hash:016x}{after}")
        };
        let logo = settings.logo.as_deref().unwrap_or_default();
        Self {
            style: name(Kind::Style, fnv1a(STYLE_HASH, colors(brand).as_bytes())),
            script: name(Kind::Script, SCRIPT_HASH),
            logo: name(Kind::Logo, fnv1a(OFFSET, logo.as_bytes())),
            icon: name(Kind::Icon, fnv1a(OFFSET, icon(brand).as_bytes())),
        }
    }

    /// The name of an asset as it is now.
    pub(crate) fn name(&self, kind: Kind) -> &str {
        match kind {
            Kind::Style => &self.style,
            Kind::Script => &self.script,
            Kind::Logo => &self.logo,
            Kind::Icon => &self.icon,
        }
    }

    /// The asset that a name is for, and whether it is the current one: for a while after a deployment, pages of
    /// before ask for their own.
    pub(crate) fn find(&self, name: &str) -> Option<(Kind, bool)> {
        let is_of = |kind: &Kind| {
            let (before, after) = kind.affixes();
            let hash = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let kind = Kind::ALL.into_iter().find(is_of)?;
        Some((kind, self.name(kind) == name))
    }
}

/// What is in an asset; `None` if there is no such.
pub(crate) fn content(kind: Kind, settings: &SiteSettings) -> Option<String> {
    let brand = &settings.brand;
    match kind {
        Kind::Style => Some(colors(brand) + STYLE),
        Kind::Script => Some(SCRIPT.to_owned()),
        Kind::Logo => settings.logo.clone(),
        Kind::Icon => Some(icon(brand)),
    }
}

/// The brand's colours, as the style names them.
fn colors(brand: &Brand) -> String {
    format!(":root{{--brand:{};--brand-on-dark:{}}}\n", brand.color, brand.color.on_dark())
}

/// A disc in the brand's colour.
fn icon(brand: &Brand) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"8\" fill=\"{}\"/></svg>",
        brand.color
    )
}

/// The seed of [`fnv1a`].
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: tells versions apart, and nothing depends on more than that.
const fn fnv1a(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = seed;
    let mut place = 0;
    while place < bytes.len() {
        hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        place += 1;
    }
    hash
}
