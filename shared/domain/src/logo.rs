//! The brand's logo: an SVG document of which nothing runs and which loads nothing.

use roxmltree::{Attribute, Document, Node};

/// A logo: an SVG document of at most 2,048 bytes, made of shapes, gradients, text and styles alone. Nothing in it runs,
/// and it refers to nothing outside of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo(String);

/// The longest logo, in bytes: it is a variable of the environment, of which Lambda takes 4 KB in all.
const MAX_BYTES: usize = 2_048;

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The elements that there may be: none that runs (`script`, animations), loads (`image`), leads elsewhere (`a`) or
/// holds another language (`foreignObject`).
const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "style",
];

/// What styles and attributes must not hold: ways to name something outside of the document, and escapes that hide them.
const OUTSIDE: &[&str] = &["//", "\\", "@", "data:", "src(", "image(", "image-set("];

/// Why a text is no [`Logo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoError {
    /// It has no bytes, or more than 2,048.
    Length,
    /// It isn't a document of SVG in UTF-8, or has a document type or an instruction.
    Malformed,
    /// It has an element that isn't a shape, gradient, text or style.
    Element,
    /// It handles an event, or refers to something outside of itself.
    Attribute,
}

impl LogoError {
    /// The form that the text must have.
    #[must_use]
    pub const fn form(self) -> &'static str {
        match self {
            Self::Length => "must be an SVG document of 1 to 2,048 bytes",
            Self::Malformed => "must be a well-formed SVG document in UTF-8, without a document type",
            Self::Element => {
                "must have elements of plain SVG alone: shapes, gradients, clips, masks, patterns, text, style"
            }
            Self::Attribute => {
                "must have neither event handlers nor references to anything but its own parts"
            }
        }
    }
}

impl Logo {
    /// Reads a document. White space around it is dropped.
    ///
    /// # Errors
    /// [`LogoError`] if it isn't one, or isn't inert.
    pub fn parse(text: &str) -> Result<Self, LogoError> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(LogoError::Length);
        }
        // Document types, and with them entities, are refused by default.
        let document = Document::parse(text).map_err(|_| LogoError::Malformed)?;
        if !is_utf8(text) || !document.root_element().has_tag_name((SVG, "svg")) {
            return Err(LogoError::Malformed);
        }
        for node in document.descendants() {
            check(node)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the document says of no other encoding that it has it.
fn is_utf8(text: &str) -> bool {
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let declaration =
        declaration.map_or_else(String::new, |(declaration, _)| declaration.to_ascii_lowercase());
    !declaration.contains("encoding") || declaration.contains("utf-8")
}

fn check(node: Node<'_, '_>) -> Result<(), LogoError> {
    if node.is_pi() {
        return Err(LogoError::Malformed);
    }
    if node.is_element() {
        let name = node.tag_name();
        if name.namespace() != Some(SVG) || !ELEMENTS.contains(&name.name()) {
            return Err(LogoError::Element);
        }
        if !node.attributes().all(is_inert) {
            return Err(LogoError::Attribute);
        }
    }
    let is_style = node.is_text() && node.parent().is_some_and(|parent| parent.has_tag_name((SVG, "style")));
    if is_style && !stays_inside(node.text().unwrap_or_default()) {
        return Err(LogoError::Attribute);
    }
    Ok(())
}

fn is_inert(attribute: Attribute<'_, '_>) -> bool {
    let (name, value) = (attribute.name().to_ascii_lowercase(), attribute.value());
    let is_known = match attribute.namespace() {
        None => true,
        Some(XLINK) => name == "href",
        // Not `base`, by which a fragment would be another document's.
        Some(XML) => ["space", "lang"].contains(&name.as_str()),
        Some(_) => false,
    };
    is_known && !name.starts_with("on") && (name != "href" || value.starts_with('#')) && stays_inside(value)
}

/// Whether styles, or the value of an attribute, refer to parts of the document alone.
fn stays_inside(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut urls = text.split("url(").skip(1);
    !OUTSIDE.iter().any(|outside| text.contains(outside))
        && urls.all(|url| {
            url.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).starts_with('#')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(content: &str) -> String {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{content}</svg>"#)
    }

    #[test]
    fn a_plain_drawing_is_a_logo() {
        let most = svg(&format!("<title>{}</title>", "a".repeat(MAX_BYTES - svg("<title></title>").len())));
        for text in [
            svg(""),
            svg(
                r##"<title>Acme &amp; Sons &#169; @ https://acme.example</title><path d="M0 0h9" fill="#123456"/>"##,
            ),
            svg(
                r#"<defs><linearGradient id="a"><stop offset="1"/></linearGradient></defs><rect fill="url(#a)"/>"#,
            ),
            svg(
                r##"<style>.a{fill:url( "#b" )}</style><g class="a" style="fill:URL(#b)"><use href="#c"/></g>"##,
            ),
            svg(
                r##"<use xlink:href="#c" xmlns:xlink="http://www.w3.org/1999/xlink"/><text xml:space="preserve">A</text>"##,
            ),
            svg("<style><![CDATA[.a>.b{fill:red}]]></style><!-- a comment -->"),
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", svg("")),
            most,
        ] {
            assert_eq!(Logo::parse(&text).unwrap().as_str(), text.trim(), "{text}");
        }
        assert_eq!(Logo::parse(&format!("\n{}\n", svg(""))).unwrap().as_str(), svg(""));
    }

    #[test]
    fn what_is_empty_or_too_long_is_refused() {
        for text in [String::new(), " \n".to_owned(), svg(&format!("<!--{}-->", "a".repeat(MAX_BYTES)))] {
            assert_eq!(Logo::parse(&text), Err(LogoError::Length), "{text}");
        }
    }

    #[test]
    fn what_is_no_document_of_svg_is_refused() {
        for text in [
            "logo.svg".to_owned(),
            "<svg/>".to_owned(),
            r#"<svg xmlns="http://www.w3.org/1999/xhtml"/>"#.to_owned(),
            r#"<g xmlns="http://www.w3.org/2000/svg"/>"#.to_owned(),
            svg("").replace("</svg>", ""),
            svg("<g></path>"),
            svg("<path d=1/>"),
            svg(r#"<path d="1" d="2"/>"#),
            svg("a & b"),
            svg("&nbsp;"),
            svg("\0"),
            svg("<?xml-stylesheet href='https://evil.example/a.css'?>"),
            format!("<?xml-stylesheet href='a.css'?>{}", svg("")),
            format!("<?xml version='1.0' encoding='UTF-7'?>{}", svg("")),
            svg("") + &svg(""),
            format!("<!DOCTYPE svg>{}", svg("")),
            format!("<!DOCTYPE svg [<!ENTITY a 'b'>]>{}", svg("&a;")),
            format!("<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{}", svg("&a;")),
        ] {
            assert_eq!(Logo::parse(&text), Err(LogoError::Malformed), "{text}");
        }
    }

    #[test]
    fn what_runs_loads_or_leads_elsewhere_is_refused() {
        for content in [
            "<script>alert(1)</script>",
            "<g><script href=\"#a\"/></g>",
            "<a:script xmlns:a=\"http://www.w3.org/2000/svg\"/>",
            "<script xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\">a</p></foreignObject>",
            "<iframe xmlns=\"http://www.w3.org/1999/xhtml\" src=\"a\"/>",
            "<image href=\"#a\"/>",
            "<a href=\"#a\"/>",
            "<use href=\"#a\"><set attributeName=\"href\" to=\"javascript:alert(1)\"/></use>",
            "<animate attributeName=\"href\" values=\"javascript:alert(1)\"/>",
            "<filter><feImage href=\"#a\"/></filter>",
            "<Script/>",
        ] {
            assert_eq!(Logo::parse(&svg(content)), Err(LogoError::Element), "{content}");
        }
        let xlink = "xmlns:x=\"http://www.w3.org/1999/xlink\"";
        for content in [
            "<g onload=\"alert(1)\"/>",
            "<g ONCLICK=\"alert(1)\"/>",
            "<use href=\"https://evil.example/a.svg#b\"/>",
            "<use href=\"a.svg#b\"/>",
            "<use href=\" #b\"/>",
            "<use href=\"\"/>",
            "<use href=\"javascript:alert(1)\"/>",
            "<use href=\"&#106;avascript:alert(1)\"/>",
            &format!("<use {xlink} x:href=\"data:image/svg+xml,a\"/>"),
            &format!("<use {xlink} x:show=\"new\"/>"),
            "<g xml:base=\"https://evil.example/\"/>",
            "<g a:b=\"c\" xmlns:a=\"https://evil.example/\"/>",
            "<rect fill=\"url(https://evil.example/a)\"/>",
            "<rect fill=\"url(#a) url( 'b.svg#c' )\"/>",
            "<rect style=\"fill:u\\72l(b)\"/>",
            "<rect style=\"mask-image:image-set('a.png' 1x)\"/>",
            "<style>@import 'a.css';</style>",
            "<style>.a{fill:URL(a.svg#b)}</style>",
            "<style><![CDATA[.a{fill:url(//evil.example)}]]></style>",
        ] {
            assert_eq!(Logo::parse(&svg(content)), Err(LogoError::Attribute), "{content}");
        }
    }
}
