//! What people type and paste into fields, read as they mean it.

use regain_domain::{Code, CodeLength, Identifier};
use zeroize::Zeroizing;

/// An identifier. Telephone numbers are written with spaces, dashes, dots and brackets.
pub(crate) fn identifier(text: &str) -> Option<Identifier> {
    Identifier::parse(text).or_else(|| {
        let is_number = |c: char| c.is_ascii_digit() || "+ -./()\u{a0}\u{202f}".contains(c);
        let text = text.trim();
        let number: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Identifier::parse(&number).filter(|_| text.chars().all(is_number))
    })
}

/// A code: alone, or in the words of the message that it came in, if those have just one.
pub(crate) fn code(text: &str, length: CodeLength) -> Option<Code> {
    let only_one = |parts: &[Zeroizing<String>]| {
        let mut codes: Vec<_> = parts.iter().filter_map(|part| Code::parse(part, length)).collect();
        codes.dedup_by(|one, other| one.ct_eq(other).into());
        let code = codes.pop()?;
        codes.is_empty().then_some(code)
    };
    let words = || text.split_whitespace().map(|word| Zeroizing::new(word.to_owned())).collect::<Vec<_>>();
    // "123 456" is one number, and "123456 10 min" two.
    Code::parse(text, length).or_else(|| only_one(&runs_of_digits(text))).or_else(|| only_one(&words()))
}

/// The parts of a text that are digits, and what stands between the groups of one number.
fn runs_of_digits(text: &str) -> Vec<Zeroizing<String>> {
    let is_part =
        |c: char| c.is_numeric() || c.is_whitespace() || c == '-' || ('\u{2010}'..='\u{2015}').contains(&c);
    text.split(|c: char| !is_part(c)).map(|run| Zeroizing::new(run.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let read = |text| identifier(text).map(|identifier| identifier.as_str().to_owned());
        for written in [
            "+46701740605",
            " +46 70 174 06 05 ",
            "+46 (70) 174-06-05",
            "+46.70.174.06.05",
            "+46\u{a0}70\u{202f}1740605",
        ] {
            assert_eq!(read(written).as_deref(), Some("+46701740605"), "{written}");
        }
        assert_eq!(read("alice@example.com").as_deref(), Some("alice@example.com"));
        for wrong in [
            "",
            "0701740605",
            "+46 70 174 06 05 x",
            "++46701740605",
            "\u{ff0b}46701740605",
            "a b@example.com",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_is_found_in_its_message() {
        let length = CodeLength::new(6).unwrap();
        let read = |text| code(text, length).map(|code| code.reveal().to_owned());
        for text in [
            "123456",
            "Your code is 123 456",
            "123456 is your Acme reset code. Reference K7F. Valid 10 min.",
            "Code: 123-456.",
            "Your code is 123\u{2013}456",
            "123456 10 min",
            "123456 is your code.\n\n@example.com #123456",
            "رمزك هو 123456",
            "رمزك هو \u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
        ] {
            assert_eq!(read(text).as_deref(), Some("123456"), "{text}");
        }
        for text in ["", "12345", "1234567", "123456 or 654321", "Reference 123", "code"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
