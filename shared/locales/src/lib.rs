//! The words that people read, by language: catalogues in Fluent (`TAG/messages.ftl`), how they are loaded, which
//! languages an operator has chosen, and which of them somebody gets.
//!
//! To add a language: copy the directory `en`, translate it, add it to [`LANGUAGES`]; tests say what is missing, here
//! and in the crates that use the catalogues. To add a catalogue, of pages say: a file in each language, and its field
//! in
//! [`Language`].

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use regain_domain::Locale;
use unic_langid::{CharacterDirection, LanguageIdentifier};

pub use fluent_bundle::FluentValue;

/// A language and its catalogues.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// Its tag (BCP 47): a language without a region.
    pub tag: &'static str,
    /// Its name in itself, as it stands in a list.
    pub name: &'static str,
    /// The words of messages.
    pub messages: &'static str,
    /// The words of pages.
    pub pages: &'static str,
}

/// Every language.
pub const LANGUAGES: &[Language] = &[
    Language {
        tag: "en",
        name: "English",
        messages: include_str!("../en/messages.ftl"),
        pages: include_str!("../en/pages.ftl"),
    },
    Language {
        tag: "sv",
        name: "Svenska",
        messages: include_str!("../sv/messages.ftl"),
        pages: include_str!("../sv/pages.ftl"),
    },
    Language {
        tag: "de",
        name: "Deutsch",
        messages: include_str!("../de/messages.ftl"),
        pages: include_str!("../de/pages.ftl"),
    },
    Language {
        tag: "fr",
        name: "Français",
        messages: include_str!("../fr/messages.ftl"),
        pages: include_str!("../fr/pages.ftl"),
    },
    Language {
        tag: "es",
        name: "Español",
        messages: include_str!("../es/messages.ftl"),
        pages: include_str!("../es/pages.ftl"),
    },
    Language {
        tag: "ar",
        name: "العربية",
        messages: include_str!("../ar/messages.ftl"),
        pages: include_str!("../ar/pages.ftl"),
    },
];

impl Language {
    /// Whether words in this language are for a locale: those in `sv` are for `sv` and `sv-FI`.
    fn serves(&self, locale: &Locale) -> bool {
        locale.as_str().split('-').next().is_some_and(|language| language.eq_ignore_ascii_case(self.tag))
    }
}

/// The languages of a service: some of [`LANGUAGES`], one of which is the default.
#[derive(Clone, Debug)]
pub struct Languages {
    chosen: Vec<&'static Language>,
    default: usize,
}

/// Why languages can't be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguagesError {
    /// There are no words in one.
    #[error("must be tags of languages with commas between, not \"{0}\"; there are {all}", all = tags(LANGUAGES))]
    Unknown(String),
    /// The default language isn't one of them.
    #[error("must be one of the languages {of}, not \"{default}\"")]
    DefaultNotChosen {
        /// The default.
        default: String,
        /// The languages, with commas between.
        of: String,
    },
}

impl Languages {
    /// The languages with these tags, in this order, or all if there are no tags; people who prefer none of them get
    /// the default.
    ///
    /// # Errors
    /// [`LanguagesError`] if there are no words in one of them, or the default isn't one of them.
    pub fn choose(wanted: &[String], default: &Locale) -> Result<Self, LanguagesError> {
        let mut chosen: Vec<&Language> = Vec::new();
        for tag in wanted {
            let language = LANGUAGES.iter().find(|language| language.tag.eq_ignore_ascii_case(tag));
            let language = language.ok_or_else(|| LanguagesError::Unknown(tag.clone()))?;
            if !chosen.iter().any(|earlier| earlier.tag == language.tag) {
                chosen.push(language);
            }
        }
        if wanted.is_empty() {
            chosen.extend(LANGUAGES);
        }
        match chosen.iter().position(|language| language.serves(default)) {
            Some(default) => Ok(Self { chosen, default }),
            None => Err(LanguagesError::DefaultNotChosen {
                default: default.as_str().to_owned(),
                of: tags(chosen),
            }),
        }
    }

    /// Their tags.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.chosen.iter().map(|language| language.tag)
    }
}

fn tags(languages: impl IntoIterator<Item = &'static Language>) -> String {
    languages.into_iter().map(|language| language.tag).collect::<Vec<_>>().join(", ")
}

/// Something is wrong with the words.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// A catalogue doesn't parse.
    #[error("the catalogue \"{0}\" is malformed")]
    Malformed(&'static str),
    /// A catalogue lacks a key, or the key wants an argument that isn't there.
    #[error("the catalogue \"{language}\" has no usable \"{key}\"")]
    Unusable {
        /// The language.
        language: &'static str,
        /// The key.
        key: &'static str,
    },
}

/// One catalogue in each language of the service, and what the service calls itself in it.
pub struct Catalogues {
    languages: Vec<Words>,
    default: usize,
    brand: String,
}

/// The words of one language.
struct Words {
    language: &'static Language,
    text: &'static str,
    /// The words, parsed when they are first needed: a start parses none, and most processes need one language.
    /// A test parses all. `None` if they are malformed.
    bundle: OnceLock<Option<FluentBundle<FluentResource>>>,
}

impl Catalogues {
    /// One catalogue of each language, such as `|language| language.messages`. `brand` is the variable of that name in
    /// every text.
    #[must_use]
    pub fn new(
        catalogue: fn(&Language) -> &'static str,
        languages: &Languages,
        brand: impl Into<String>,
    ) -> Self {
        let words = |language: &&'static Language| Words {
            language,
            text: catalogue(language),
            bundle: OnceLock::new(),
        };
        let Languages { chosen, default } = languages;
        Self { languages: chosen.iter().map(words).collect(), default: *default, brand: brand.into() }
    }

    /// The catalogue in the first language of `locales` that there is, or in the default.
    #[must_use]
    pub fn choose(&self, locales: &[Locale]) -> Catalogue<'_> {
        let served = |locale| self.languages.iter().find(|words: &&Words| words.language.serves(locale));
        let words = locales.iter().find_map(served).unwrap_or(&self.languages[self.default]);
        Catalogue { words, brand: &self.brand }
    }

    /// The catalogue in every language.
    pub fn every(&self) -> impl Iterator<Item = Catalogue<'_>> {
        self.languages.iter().map(|words| Catalogue { words, brand: &self.brand })
    }
}

impl Words {
    fn bundle(&self) -> Result<&FluentBundle<FluentResource>, WordsError> {
        self.bundle.get_or_init(|| self.parse()).as_ref().ok_or(WordsError::Malformed(self.language.tag))
    }

    fn parse(&self) -> Option<FluentBundle<FluentResource>> {
        let identifier: LanguageIdentifier = self.language.tag.parse().ok()?;
        let resource = FluentResource::try_new(self.text.to_owned()).ok()?;
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // Isolating marks around arguments would end up in what people copy, and make a text message
        // leave its one-byte alphabet.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).ok()?;
        Some(bundle)
    }
}

/// A catalogue in one language.
#[derive(Clone, Copy)]
pub struct Catalogue<'a> {
    words: &'a Words,
    brand: &'a str,
}

impl Catalogue<'_> {
    /// The language's tag.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.words.language.tag
    }

    /// Whether the language is written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        let identifier = self.language().parse::<LanguageIdentifier>();
        identifier.is_ok_and(|language| language.character_direction() == CharacterDirection::RTL)
    }

    /// The language's name in itself, such as `svenska`.
    #[must_use]
    pub fn native_name(&self) -> &'static str {
        self.words.language.name
    }

    /// The text of a key, to be read in a line of its own script: where people read from right to left, what is put into
    /// it, the brand too, keeps its own direction.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn prose(
        &self,
        key: &'static str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<String, WordsError> {
        if !self.is_right_to_left() {
            return self.get(key, arguments);
        }
        let brand = ("brand", self.isolated(self.brand.to_owned()).into());
        let arguments = arguments.iter().map(|(name, value)| match value {
            FluentValue::String(text) => (*name, self.isolated(text.to_string()).into()),
            other => (*name, other.clone()),
        });
        self.get(key, &std::iter::once(brand).chain(arguments).collect::<Vec<_>>())
    }

    /// The text between the marks of an isolate whose direction is its first letter's (Unicode Standard Annex 9, FSI
    /// and PDI), where people read from right to left.
    #[must_use]
    pub fn isolated(&self, text: String) -> String {
        if self.is_right_to_left() { format!("\u{2068}{text}\u{2069}") } else { text }
    }

    /// The text of a key. An argument called `brand` takes the place of the brand.
    ///
    /// # Errors
    /// [`WordsError`] if the catalogue is malformed or has no such key, or the text wants an argument that isn't there: a
    /// hole in it would be worse.
    pub fn get(
        &self,
        key: &'static str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<String, WordsError> {
        let unusable = || WordsError::Unusable { language: self.language(), key };
        let bundle = self.words.bundle()?;
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

#[cfg(test)]
mod tests;
