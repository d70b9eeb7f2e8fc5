use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use intl_pluralrules::{PluralRuleType, PluralRules};

use super::*;

/// The keys of a catalogue, and the variables of each.
fn keys(words: &str) -> BTreeMap<String, BTreeSet<String>> {
    fn of_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else { continue };
            match expression {
                Expression::Inline(inline) => of_inline(inline, variables),
                Expression::Select { selector, variants } => {
                    of_inline(selector, variables);
                    for variant in variants {
                        of_pattern(&variant.value, variables);
                    }
                }
            }
        }
    }
    fn of_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
        let InlineExpression::VariableReference { id } = inline else {
            panic!("only variables stand in words: {inline:?}");
        };
        variables.insert(id.name.to_owned());
    }
    let resource = fluent_syntax::parser::parse(words).unwrap();
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        Entry::Term(term) => panic!("there are no terms: {term:?}"),
        _ => None,
    });
    let mut keys = BTreeMap::new();
    for message in messages {
        let mut variables = BTreeSet::new();
        of_pattern(message.value.as_ref().unwrap(), &mut variables);
        assert!(keys.insert(message.id.name.to_owned(), variables).is_none(), "{} twice", message.id.name);
    }
    keys
}

/// The numbers' forms in a catalogue: of each place that depends on a number, the key and the forms that are there.
fn forms(words: &str) -> Vec<(String, BTreeSet<String>)> {
    let resource = fluent_syntax::parser::parse(words).unwrap();
    let mut forms = Vec::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        for element in &message.value.as_ref().unwrap().elements {
            let PatternElement::Placeable { expression: Expression::Select { variants, .. } } = element
            else {
                continue;
            };
            let there = variants.iter().filter_map(|variant| match &variant.key {
                VariantKey::Identifier { name } => Some((*name).to_owned()),
                // A month, or the first of one.
                VariantKey::NumberLiteral { .. } => None,
            });
            let there: BTreeSet<String> = there.collect();
            if there.len() == variants.len() {
                forms.push((message.id.name.to_owned(), there));
            }
        }
    }
    forms
}

/// In Arabic, numbers have six (CLDR's plural rules).
#[test]
fn every_number_has_its_form() {
    for language in LANGUAGES {
        let identifier: LanguageIdentifier = language.tag.parse().unwrap();
        let rules = PluralRules::create(identifier, PluralRuleType::CARDINAL).unwrap();
        let needed: BTreeSet<String> =
            (0..=100).map(|n| format!("{:?}", rules.select(n).unwrap()).to_lowercase()).collect();
        for (key, there) in catalogues(language).into_iter().flat_map(forms) {
            assert_eq!(there, needed, "{key} in {}", language.tag);
        }
        let expected = if language.tag == "ar" { 6 } else { 2 };
        assert_eq!(needed.len(), expected, "{}", language.tag);
    }
}

#[test]
fn arabic_is_written_from_right_to_left() {
    for language in LANGUAGES {
        let locale = Locale::parse(language.tag).unwrap();
        let catalogues = messages(&Languages::choose(&[], &locale).unwrap());
        let catalogue = catalogues.choose(&[]);
        assert_eq!(catalogue.language(), language.tag);
        assert_eq!(catalogue.is_right_to_left(), language.tag == "ar", "{}", language.tag);
    }
}

fn messages(languages: &Languages) -> Catalogues {
    Catalogues::new(|language| language.messages, languages, "Acme")
}

/// Every catalogue of a language.
fn catalogues(language: &Language) -> [&'static str; 2] {
    [language.messages, language.pages]
}

#[test]
fn every_language_has_the_same_keys_and_variables() {
    let english = catalogues(&LANGUAGES[0]).map(keys);
    for language in LANGUAGES {
        assert_eq!(catalogues(language).map(keys), english, "{}", language.tag);
    }
}

#[test]
fn the_first_language_that_there_is_wins() {
    let locale = |tag: &str| Locale::parse(tag).unwrap();
    let default = messages(&Languages::choose(&[], &locale("sv-FI")).unwrap());
    let chosen =
        |tags: &[&str]| default.choose(&tags.iter().map(|tag| locale(tag)).collect::<Vec<_>>()).language();
    assert_eq!(chosen(&[]), "sv");
    assert_eq!(chosen(&["tlh"]), "sv");
    assert_eq!(chosen(&["tlh", "en-GB", "sv"]), "en");
    assert_eq!(chosen(&["EN-us"]), "en");
}

#[test]
fn languages_are_those_that_are_chosen() {
    let choose = |tags: &[&str], default: &str| {
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Languages::choose(&tags, &Locale::parse(default).unwrap())
    };
    let tags = |languages: &Languages| languages.tags().collect::<Vec<_>>();
    let all: Vec<_> = LANGUAGES.iter().map(|language| language.tag).collect();
    assert_eq!(tags(&choose(&[], "en").unwrap()), all);
    let some = choose(&["sv", "AR", "sv"], "ar-EG").unwrap();
    assert_eq!(tags(&some), ["sv", "ar"]);
    let catalogues = messages(&some);
    assert_eq!(catalogues.every().map(|words| words.language()).collect::<Vec<_>>(), ["sv", "ar"]);
    for (wanted, expected) in [("en", "ar"), ("sv-FI", "sv")] {
        assert_eq!(catalogues.choose(&[Locale::parse(wanted).unwrap()]).language(), expected);
    }
    for unknown in ["tlh", "sv-FI", "s v", "*"] {
        let error = choose(&["en", unknown], "en").unwrap_err();
        assert_eq!(error, LanguagesError::Unknown(unknown.to_owned()));
        assert!(
            error.to_string().ends_with(&format!("not \"{unknown}\"; there are {}", all.join(", "))),
            "{error}"
        );
    }
    for (chosen, default) in [(&["sv", "ar"][..], "en"), (&[], "tlh")] {
        let error = choose(chosen, default).unwrap_err();
        assert!(
            matches!(&error, LanguagesError::DefaultNotChosen { default: tag, .. } if tag == default),
            "{error}"
        );
    }
}

#[test]
fn a_text_that_lacks_its_key_or_an_argument_is_an_error() {
    let catalogue = |text| Words { language: &LANGUAGES[0], text, bundle: OnceLock::new() };
    let words = catalogue("greeting = Hello { $name } of { $brand }\n");
    let catalogue_of = |words| Catalogue { words, brand: "Acme" };
    let name = [("name", FluentValue::from("Kim"))];
    assert_eq!(catalogue_of(&words).get("greeting", &name).unwrap(), "Hello Kim of Acme");
    assert!(matches!(catalogue_of(&words).get("greeting", &[]), Err(WordsError::Unusable { .. })));
    assert!(matches!(catalogue_of(&words).get("farewell", &name), Err(WordsError::Unusable { .. })));
    let malformed = catalogue("greeting");
    assert!(matches!(catalogue_of(&malformed).get("greeting", &name), Err(WordsError::Malformed("en"))));
}
