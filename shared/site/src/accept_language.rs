//! The languages that a browser asks for.

use regain_domain::Locale;

/// The most languages that are looked at.
const MAX_LANGUAGES: usize = 20;

/// The languages of an `Accept-Language` header (RFC 9110, section 12.5.4), the most wanted first. What can't be read
/// is passed over.
pub(crate) fn parse(header: &str) -> Vec<Locale> {
    let mut wanted: Vec<(u16, Locale)> = header.split(',').take(MAX_LANGUAGES).filter_map(language).collect();
    // Stable: equals stay in their order.
    wanted.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    wanted.into_iter().map(|(_, locale)| locale).collect()
}

/// A language and its quality in thousandths; `None` if it isn't wanted.
fn language(text: &str) -> Option<(u16, Locale)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let quality = match parameters.trim().strip_prefix("q=") {
        Some(quality) => thousandths(quality.trim())?,
        None => 1000,
    };
    Locale::parse(tag).filter(|_| quality > 0).map(|locale| (quality, locale))
}

/// `0`, `1`, or one of them with up to three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|b| b.is_ascii_digit());
    let number: u16 = format!("{whole}{decimals:0<3}").parse().ok().filter(|_| is_number)?;
    (number <= 1000).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_language_comes_first() {
        let tags = |header| parse(header).iter().map(|l| l.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(tags("sv-SE, sv;q=0.9, en;q=0.8"), ["sv-SE", "sv", "en"]);
        assert_eq!(tags("en;q=0.1,ar , fr;q=0.75"), ["ar", "fr", "en"]);
        assert_eq!(tags("de;q=0, *;q=0.5, es;q=1.000"), ["es"]);
        for odd in ["", ",;,", "q=1", "en;q=2", "en;q=-1", "en;q=0.12345", "en;q=", "\u{e5}"] {
            assert_eq!(tags(odd), Vec::<String>::new(), "{odd}");
        }
        assert_eq!(parse(&"en,".repeat(1000)).len(), MAX_LANGUAGES);
    }
}
