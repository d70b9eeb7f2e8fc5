//! The brand: the service's name, its colour, where help is, and the logo that pages show.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::EmailAddress;
pub use crate::logo::{Logo, LogoError};

/// The brand that messages and pages show.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name: one line.
    pub name: String,
    /// Its colour.
    pub color: BrandColor,
    /// Where people get help.
    pub support: Support,
}

/// A colour that white text can be read on, and that can be read on white: their contrast is at least 4.5 to 1
/// (WCAG 2.2, success criterion 1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrandColor(Rgb);

/// Why a text is no [`BrandColor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrandColorError {
    /// It isn't `#` and six hexadecimal digits.
    Malformed,
    /// White text on it is hard to read.
    TooLight,
}

impl BrandColorError {
    /// The form that the text must have.
    #[must_use]
    pub const fn form(self) -> &'static str {
        match self {
            Self::Malformed => "must be a colour such as #1d5b91",
            Self::TooLight => "must have a contrast of at least 4.5 to 1 with white: choose a darker colour",
        }
    }
}

impl BrandColor {
    /// The least contrast of text with what is behind it.
    const LEAST_CONTRAST: f64 = 4.5;

    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// [`BrandColorError`] if it isn't one, or too light.
    pub fn parse(text: &str) -> Result<Self, BrandColorError> {
        let color = Rgb::parse(text).ok_or(BrandColorError::Malformed)?;
        let is_readable = color.contrast(Rgb::WHITE) >= Self::LEAST_CONTRAST;
        if is_readable { Ok(Self(color)) } else { Err(BrandColorError::TooLight) }
    }

    /// The shade for text on a dark background, in dark mode: the colour with as much white in it as it takes to be
    /// read there.
    #[must_use]
    pub fn on_dark(self) -> Rgb {
        let is_readable = |shade: &Rgb| shade.contrast(Rgb::DARK) >= Self::LEAST_CONTRAST;
        (0..=Rgb::WHITE_PARTS).map(|parts| self.0.with_white(parts)).find(is_readable).unwrap_or(Rgb::WHITE)
    }
}

impl Default for BrandColor {
    /// A calm blue.
    fn default() -> Self {
        Self(Rgb([0x1d, 0x5b, 0x91]))
    }
}

impl fmt::Display for BrandColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A colour of sRGB, shown as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb([u8; 3]);

impl Rgb {
    /// White.
    const WHITE: Self = Self([0xff; 3]);

    /// The background of text in dark mode.
    pub const DARK: Self = Self([0x1b, 0x1f, 0x24]);

    /// The parts of white that make a colour white.
    const WHITE_PARTS: u16 = 16;

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| {
            let digits = digits.get(at..at + 2)?;
            let are_digits = digits.bytes().all(|b| b.is_ascii_hexdigit());
            are_digits.then(|| u8::from_str_radix(digits, 16).ok())?
        };
        Some(Self([channel(0)?, channel(2)?, channel(4)?]))
    }

    fn with_white(self, parts: u16) -> Self {
        Self(self.0.map(|channel| {
            let more = u16::from(0xff - channel) * parts / Self::WHITE_PARTS;
            channel.saturating_add(u8::try_from(more).unwrap_or(u8::MAX))
        }))
    }

    /// From 1 to 21: [contrast ratio](https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// From 0 to 1: [relative luminance](https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Where people get help (NIST SP 800-63B-4, section 4.6: a notice says whom to contact).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Support {
    /// A page.
    Page(PageUrl),
    /// An email address.
    Email(EmailAddress),
}

/// The address of a page: `https://`, a host, perhaps a port, path, query and fragment. At most 200 characters, because
/// text messages carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageUrl(String);

impl PageUrl {
    /// Reads an address; `None` if it isn't one, or one with a user's name or with characters that a URL has to escape
    /// (RFC 3986).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").filter(|_| text.len() <= 200)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let is_host = host
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let is_path =
            path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b));
        (is_host && port.parse::<u16>().is_ok() && is_path).then(|| Self(text.to_owned()))
    }
}

impl Support {
    /// The text that people read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Page(url) => &url.0,
            Self::Email(address) => address.as_str(),
        }
    }

    /// The target of a link to it: the page, or a `mailto:` (RFC 6068).
    #[must_use]
    pub fn href(&self) -> Cow<'_, str> {
        match self {
            Self::Page(url) => Cow::Borrowed(&url.0),
            Self::Email(address) => {
                let mut href = "mailto:".to_owned();
                for byte in address.to_mailbox().bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~!$'*+@".contains(&byte) {
                        href.push(char::from(byte));
                    } else {
                        // Writing to a string can't fail.
                        let _ = write!(href, "%{byte:02X}");
                    }
                }
                Cow::Owned(href)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let color = |text| Rgb::parse(text).unwrap();
        for (one, other, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            // Examples that other calculators agree on.
            ("#777777", "#ffffff", 4.478),
            ("#767676", "#ffffff", 4.542),
            ("#ff0000", "#ffffff", 3.998),
            ("#0000ff", "#ffffff", 8.592),
        ] {
            assert!((color(one).contrast(color(other)) - expected).abs() < 0.001, "{one} on {other}");
            assert!((color(other).contrast(color(one)) - expected).abs() < 0.001, "{other} on {one}");
        }
    }

    #[test]
    fn a_colour_can_be_read_or_is_refused() {
        for (text, expected) in [
            ("#1d5b91", Ok("#1d5b91")),
            ("#1D5B91", Ok("#1d5b91")),
            ("#000000", Ok("#000000")),
            ("#767676", Ok("#767676")),
            ("#777777", Err(BrandColorError::TooLight)),
            ("#ffcc00", Err(BrandColorError::TooLight)),
            ("#ffffff", Err(BrandColorError::TooLight)),
            ("", Err(BrandColorError::Malformed)),
            ("#", Err(BrandColorError::Malformed)),
            ("1d5b91", Err(BrandColorError::Malformed)),
            ("#1d5b9", Err(BrandColorError::Malformed)),
            ("#1d5b911", Err(BrandColorError::Malformed)),
            ("#fff", Err(BrandColorError::Malformed)),
            ("#+d5b91", Err(BrandColorError::Malformed)),
            ("#1d5b9é", Err(BrandColorError::Malformed)),
            ("navy", Err(BrandColorError::Malformed)),
            ("#1d5b91;x:y", Err(BrandColorError::Malformed)),
        ] {
            let parsed = BrandColor::parse(text).map(|color| color.to_string());
            assert_eq!(parsed, expected.map(str::to_owned), "{text}");
        }
        assert_eq!(BrandColor::parse(&BrandColor::default().to_string()), Ok(BrandColor::default()));
    }

    #[test]
    fn every_colour_has_a_shade_that_can_be_read_on_dark() {
        for red in (0..=0xff).step_by(15) {
            for green in (0..=0xff).step_by(15) {
                for blue in (0..=0xff).step_by(15) {
                    let Ok(color) = BrandColor::parse(&Rgb([red, green, blue]).to_string()) else { continue };
                    let shade = color.on_dark();
                    assert!(shade.contrast(Rgb::DARK) >= BrandColor::LEAST_CONTRAST, "{color}: {shade}");
                }
            }
        }
        assert_eq!(BrandColor::default().on_dark().to_string(), "#638eb3");
    }

    #[test]
    fn a_page_of_support_is_a_plain_https_address() {
        for text in [
            "https://example.com",
            "https://example.com/",
            "https://help.example.com:8443/contact?topic=account&from=mail#form",
        ] {
            let support = Support::Page(PageUrl::parse(text).unwrap());
            assert_eq!((support.as_str(), &*support.href()), (text, text));
        }
        let long = format!("https://example.com/{}", "a".repeat(181));
        for wrong in [
            "",
            "example.com",
            "http://example.com/help",
            "https://",
            "https:///help",
            "https://.com",
            "https://exam ple.com",
            "https://example.com/a b",
            "https://example.com/\"><b>",
            "https://example.com/\u{e5}",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://example.com:port/",
            "https://example.com:99999/",
            "javascript:alert(1)",
            "https://example.com/\n",
            &long,
        ] {
            assert_eq!(PageUrl::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_link_to_an_address_names_that_address_alone() {
        for (text, href) in [
            ("support@example.com", "mailto:support@example.com"),
            ("help+acme@example.com", "mailto:help+acme@example.com"),
            ("a?cc=b&c%d@example.com", "mailto:a%3Fcc%3Db%26c%25d@example.com"),
            ("a..b@example.com", "mailto:%22a..b%22@example.com"),
        ] {
            let support = Support::Email(EmailAddress::parse(text).unwrap());
            assert_eq!((support.as_str(), &*support.href()), (text, href));
        }
    }
}
