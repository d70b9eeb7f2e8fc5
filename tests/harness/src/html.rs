//! A page of HTML as a browser reads it: its elements, their attributes and their text.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states,
};

/// A page. Read by the tokenizer of the HTML standard: what escaping leaves open is an element of its own here.
#[derive(Clone, Debug, Default)]
pub struct Html {
    /// Every element in the order of its start.
    pub elements: Vec<Element>,
}

/// An element.
#[derive(Clone, Debug, Default)]
pub struct Element {
    /// Lower case.
    pub name: String,
    /// By their names in lower case.
    pub attributes: BTreeMap<String, String>,
    /// All text inside, white space as it is.
    pub text: String,
    /// The places of the elements around it, the outermost first.
    pub parents: Vec<usize>,
}

impl Element {
    /// An attribute's value; empty without it.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The text in one line.
    #[must_use]
    pub fn words(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Html {
    /// Reads a page.
    ///
    /// # Panics
    /// If the standard calls something in it an error.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let sink = Sink(RefCell::new((Self::default(), Vec::new())));
        let tokenizer =
            Tokenizer::new(sink, TokenizerOpts { exact_errors: true, ..TokenizerOpts::default() });
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(text));
        while !input.is_empty() {
            let _ = tokenizer.feed(&input);
        }
        tokenizer.end();
        let (page, open) = tokenizer.sink.0.into_inner();
        assert!(open.is_empty(), "elements are open at the end: {open:?}");
        page
    }

    /// The elements of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    /// The elements with an attribute of this value.
    pub fn with<'a>(&'a self, attribute: &'a str, value: &'a str) -> impl Iterator<Item = &'a Element> {
        let has = move |element: &&Element| element.attributes.get(attribute).is_some_and(|v| v == value);
        self.elements.iter().filter(has)
    }

    /// The elements in an element.
    pub fn within<'a>(&'a self, outer: &'a Element) -> impl Iterator<Item = &'a Element> {
        let place = self.elements.iter().position(|element| std::ptr::eq(element, outer));
        self.elements
            .iter()
            .filter(move |element| place.is_some_and(|place| element.parents.contains(&place)))
    }

    /// The text of the only element of a name, in one line; empty without it.
    #[must_use]
    pub fn words(&self, name: &str) -> String {
        self.all(name).next().map(Element::words).unwrap_or_default()
    }
}

/// Elements without an end tag (HTML standard, section 13.1.2).
const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

/// The page so far, and the places of the elements that are open.
struct Sink(RefCell<(Html, Vec<usize>)>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let (page, open) = &mut *self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                let attributes =
                    tag.attrs.iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string()));
                let attributes = attributes.collect();
                page.elements.push(Element {
                    name: name.clone(),
                    attributes,
                    text: String::new(),
                    parents: open.clone(),
                });
                if !VOID.contains(&name.as_str()) {
                    open.push(page.elements.len() - 1);
                }
                match name.as_str() {
                    "title" => return TokenSinkResult::RawData(states::RawKind::Rcdata),
                    "script" => return TokenSinkResult::RawData(states::RawKind::ScriptData),
                    _ => {}
                }
            }
            Token::TagToken(tag) => {
                let ended = open.pop().map(|place| page.elements[place].name.clone());
                assert_eq!(ended.as_deref(), Some(&*tag.name), "line {line}");
            }
            Token::CharacterTokens(text) => {
                for place in open.iter() {
                    page.elements[*place].text.push_str(&text);
                }
            }
            Token::ParseError(error) => panic!("line {line}: {error}"),
            Token::CommentToken(text) => panic!("line {line}: a comment: {text}"),
            Token::NullCharacterToken => panic!("line {line}: a NUL"),
            Token::DoctypeToken(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}
