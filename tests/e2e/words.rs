//! The words of pages, from the catalogues that pages take them from.

use std::sync::LazyLock;

use regain_domain::Locale;
use regain_locales::{Catalogues, FluentValue, Languages};

use crate::browser::Page;

static CATALOGUES: LazyLock<Catalogues> = LazyLock::new(|| {
    let languages = Languages::choose(&[], &Locale::parse("en").unwrap()).unwrap();
    // The service's name, unless it is configured.
    Catalogues::new(|language| language.pages, &languages, "Regain")
});

/// Values in a text.
pub(crate) type Values<'a> = &'a [(&'a str, FluentValue<'a>)];

/// What stands in the place of a wait, which a test doesn't know.
const ANY: &str = "\u{1}";

/// The words of a key in the language of a page, in one line.
pub(crate) fn words(page: &Page, key: &'static str, values: Values<'_>) -> String {
    let tag = page.html.all("html").next().unwrap_or_else(|| panic!("no page: {page:?}")).attribute("lang");
    let words = CATALOGUES.choose(&[Locale::parse(tag).unwrap()]).prose(key, values).unwrap();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a page says this in its language; `$wait` is any.
pub(crate) fn has(page: &Page, key: &'static str, values: Values<'_>) -> bool {
    let values = [&[("wait", ANY.into())], values].concat();
    let (words, text) = (words(page, key, &values), page.html.words("main"));
    let mut rest = Some(text.as_str());
    for part in words.split(ANY) {
        rest = rest.and_then(|rest| rest.split_once(part.trim())).map(|(_, rest)| rest);
    }
    rest.is_some()
}

/// Fails unless a page says this in its language; `$wait` is any.
#[track_caller]
pub(crate) fn says(page: &Page, key: &'static str, values: Values<'_>) {
    assert!(has(page, key, values), "not {key}: {}", page.html.words("main"));
}
