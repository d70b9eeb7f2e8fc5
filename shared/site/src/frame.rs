//! The frame around every page's content: what its templates share.

use data_encoding::BASE64URL_NOPAD;
use regain_domain::brand::Brand;
use regain_http_api::pages::ASSET;
use regain_locales::{Catalogue, FluentValue, WordsError};

use crate::assets::Kind;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// Something in a form that is to be mended.
pub(crate) struct FieldError {
    /// The field's name, which is its id too.
    pub(crate) field: &'static str,
    pub(crate) text: String,
}

impl FieldError {
    pub(crate) fn new(field: &'static str, text: String) -> Self {
        Self { field, text }
    }
}

/// Everything around a page's content.
pub(crate) struct Frame<'a> {
    visit: &'a Visit,
    words: Catalogue<'a>,
    pub(crate) title: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) idempotency_key: String,
}

/// A language that can be chosen.
pub(crate) struct Choice {
    pub(crate) tag: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_current: bool,
}

impl<'a> Frame<'a> {
    /// The frame of a page, by the key of its title.
    pub(crate) fn new(
        visit: &'a Visit,
        title: &'static str,
        errors: Vec<FieldError>,
    ) -> Result<Self, Trouble> {
        let frame = Self::named(visit, visit.say(title, &[])?)?;
        Ok(Self { errors, ..frame })
    }

    /// The frame of a page with this title.
    pub(crate) fn named(visit: &'a Visit, title: String) -> Result<Self, Trouble> {
        let idempotency_key = BASE64URL_NOPAD.encode(&visit.site.random_bytes()?);
        Ok(Self { visit, words: visit.words(), title, errors: Vec::new(), idempotency_key })
    }

    pub(crate) fn text(&self, key: &'static str) -> Result<String, WordsError> {
        self.words.prose(key, &[])
    }

    pub(crate) fn say(
        &self,
        key: &'static str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<String, WordsError> {
        self.words.prose(key, arguments)
    }

    /// The title of the browser's window.
    pub(crate) fn window_title(&self) -> Result<String, WordsError> {
        let key = if self.errors.is_empty() { "page-title" } else { "page-title-error" };
        self.words.prose(key, &[("title", self.title.as_str().into())])
    }

    pub(crate) fn language(&self) -> &'static str {
        self.words.language()
    }

    pub(crate) fn direction(&self) -> &'static str {
        if self.words.is_right_to_left() { "rtl" } else { "ltr" }
    }

    /// What stands before a path without its first slash.
    pub(crate) fn base(&self) -> &str {
        &self.visit.place.base
    }

    fn asset(&self, asset: Kind) -> String {
        let directory = ASSET.path.trim_start_matches('/').trim_end_matches("{name}");
        format!("{}{directory}{}", self.base(), self.visit.site.assets.name(asset))
    }

    pub(crate) fn style(&self) -> String {
        self.asset(Kind::Style)
    }

    pub(crate) fn script(&self) -> String {
        self.asset(Kind::Script)
    }

    pub(crate) fn icon(&self) -> String {
        self.asset(Kind::Icon)
    }

    pub(crate) fn logo(&self) -> Option<String> {
        self.visit.site.settings.logo.as_ref().map(|_| self.asset(Kind::Logo))
    }

    pub(crate) fn brand(&self) -> &Brand {
        &self.visit.site.settings.brand
    }

    pub(crate) fn csrf(&self) -> &str {
        self.visit.flow.csrf.as_str()
    }

    pub(crate) fn page(&self) -> &str {
        &self.visit.place.page
    }

    pub(crate) fn languages(&self) -> Vec<Choice> {
        let choices = self.visit.site.catalogues.every();
        let choice = |words: Catalogue<'_>| Choice {
            tag: words.language(),
            name: words.native_name(),
            is_current: words.language() == self.language(),
        };
        choices.map(choice).collect()
    }

    /// The errors of a field.
    pub(crate) fn errors_of(&self, field: &str) -> Vec<&str> {
        self.errors.iter().filter(|error| error.field == field).map(|error| error.text.as_str()).collect()
    }

    /// The ids of the elements that describe a field: its hint, if it has one, and its errors.
    pub(crate) fn described(&self, field: &str, hint: &str) -> Option<String> {
        let has_errors = self.errors.iter().any(|error| error.field == field);
        let errors = has_errors.then(|| format!("{field}-error"));
        let ids: Vec<_> =
            [hint.to_owned()].into_iter().filter(|hint| !hint.is_empty()).chain(errors).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The words of the way back to the application, and its address.
    pub(crate) fn way_back(&self) -> Result<Option<(String, &str)>, WordsError> {
        let Some(place) = &self.visit.flow.return_to else { return Ok(None) };
        let words = self.words.prose("page-continue", &[("site", place.host().into())])?;
        Ok(Some((words, place.as_str())))
    }
}
