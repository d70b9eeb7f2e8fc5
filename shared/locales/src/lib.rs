//! The catalogues: languages, keys and how they are looked up.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use regain_domain::Locale;
use unic_langid::LanguageIdentifier;

use crate::site::Site;

/// Every language: its tag and its catalogue.
pub const LANGUAGES: &[(&str, &str)] =
    &[("en", include_str!("../locales/en.ftl")), ("sv", include_str!("../locales/sv.ftl"))];

/// Something is wrong with the words.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// A catalogue doesn't parse.
    #[error("the catalogue \"{0}\" is malformed")]
    Malformed(&'static str),
    /// There is no catalogue for the default language.
    #[error("there are no words in the default language \"{0}\"")]
    NoDefault(String),
    /// What should be the site's origin isn't one.
    #[error("messages need an origin such as https://example.com, without a path, not \"{0}\"")]
    NoOrigin(String),
    /// A catalogue lacks a key, or the key wants an argument that isn't there.
    #[error("the catalogue \"{language}\" has no usable \"{key}\"")]
    Unusable {
        /// The language.
        language: &'static str,
        /// The key.
        key: &'static str,
    },
    /// The layout failed.
    #[error("a message could not be laid out")]
    Layout,
}

/// All words, what the service calls itself, and its site.
pub struct Catalogues {
    languages: Vec<Language>,
    default: usize,
    brand: String,
    site: Site,
}

struct Language {
    tag: &'static str,
    words: &'static str,
    /// The words, parsed when they are first needed: a start parses none, and most processes need one language.
    /// A test parses all. `None` if they are malformed.
    bundle: OnceLock<Option<FluentBundle<FluentResource>>>,
}

impl Catalogues {
    /// The catalogues. `origin` is the site that links lead to and that codes are bound to, such as
    /// `https://example.com`.
    ///
    /// # Errors
    /// [`WordsError`] if the default language is not among them, or `origin` isn't one.
    pub fn new(brand: impl Into<String>, origin: &str, default: &Locale) -> Result<Self, WordsError> {
        let languages: Vec<_> =
            LANGUAGES.iter().map(|(tag, words)| Language { tag, words, bundle: OnceLock::new() }).collect();
        let default = languages
            .iter()
            .position(|language| language.serves(default))
            .ok_or_else(|| WordsError::NoDefault(default.as_str().to_owned()))?;
        let site = Site::new(origin).ok_or_else(|| WordsError::NoOrigin(origin.to_owned()))?;
        Ok(Self { languages, default, brand: brand.into(), site })
    }

    /// The first language of `locales` that there is, or the default.
    pub(crate) fn choose(&self, locales: &[Locale]) -> Words<'_> {
        let served = |locale| self.languages.iter().find(|language: &&Language| language.serves(locale));
        let language = locales.iter().find_map(served).unwrap_or(&self.languages[self.default]);
        self.words(language)
    }

    /// The words of every language.
    pub(crate) fn every(&self) -> impl Iterator<Item = Words<'_>> {
        self.languages.iter().map(|language| self.words(language))
    }

    fn words<'a>(&'a self, language: &'a Language) -> Words<'a> {
        Words { language, brand: &self.brand, site: &self.site }
    }
}

impl Language {
    fn bundle(&self) -> Result<&FluentBundle<FluentResource>, WordsError> {
        self.bundle.get_or_init(|| self.parse()).as_ref().ok_or(WordsError::Malformed(self.tag))
    }

    fn parse(&self) -> Option<FluentBundle<FluentResource>> {
        let identifier: LanguageIdentifier = self.tag.parse().ok()?;
        let resource = FluentResource::try_new(self.words.to_owned()).ok()?;
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // Isolating marks around arguments would end up in what people copy, and make a text message
        // leave its one-byte alphabet.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).ok()?;
        Some(bundle)
    }

    /// `sv` serves `sv` and `sv-FI`.
    fn serves(&self, locale: &Locale) -> bool {
        locale.as_str().split('-').next().is_some_and(|language| language.eq_ignore_ascii_case(self.tag))
    }
}

/// The words of one language, and the site that they name.
pub(crate) struct Words<'a> {
    language: &'a Language,
    brand: &'a str,
    pub(crate) site: &'a Site,
}

impl Words<'_> {
    pub(crate) fn language(&self) -> &'static str {
        self.language.tag
    }

    /// The words of a key; an argument that is missing is an error rather than a hole in a message.
    pub(crate) fn get(
        &self,
        key: &'static str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<String, WordsError> {
        let unusable = || WordsError::Unusable { language: self.language.tag, key };
        let bundle = self.language.bundle()?;
        let pattern = bundle.get_message(key).and_then(|m| m.value()).ok_or_else(unusable)?;
        let mut all = FluentArgs::with_capacity(arguments.len() + 1);
        all.set("brand", self.brand);
        for (name, value) in arguments {
            all.set(*name, value.clone());
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&all), &mut errors);
        if errors.is_empty() { Ok(text.into_owned()) } else { Err(unusable()) }
    }
}
