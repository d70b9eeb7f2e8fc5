//! Reading a message as a person would: which number in it is the code, which token the reference, and where it links
//! to.
//!
//! Neither depends on the language of the text. A code is known by its looks alone; a reference by the label
//! before it, from a table. Nothing in here knows how a message was sent.

/// How many digits a code may have.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 6..=10;

/// How many letters and digits a reference may have.
const REFERENCE_LENGTH: std::ops::RangeInclusive<usize> = 3..=8;

/// Words, in lower case, that stand before a reference.
const REFERENCE_LABELS: &[&str] = &[
    "ref",
    "reference",
    "referens",
    "referanse",
    "reference-id",
    "referenz",
    "référence",
    "referencia",
    "referência",
    "riferimento",
    "referentie",
    "viite",
    "مرجع",
    "المرجع",
];

/// Characters that tell a web address, a link or a mail address from a word.
const LINK_MARKS: &[&str] = &["://", "www.", "tel:", "sms:", "smsto:", "mailto:", "@"];

/// The first number in `text` that can be a code, without its grouping.
///
/// That is 6 to 10 ASCII digits, or two groups of three or of four with a space or a hyphen between. Numbers that
/// are part of a longer number, a word, an amount, a link or a mail address are not codes, nor are phone numbers
/// written with `+` or in groups, nor ranges of years.
pub(crate) fn code(text: &str) -> Option<String> {
    // Links are blanked out with a character that a code cannot touch.
    let text: String = text
        .split_inclusive(char::is_whitespace)
        .map(|word| if is_link(word) { "/ " } else { word })
        .collect();
    let mut rest = text.as_str();
    let mut before = None;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        before = rest[..start].chars().next_back().or(before);
        let number = Number::starting(&rest[start..]);
        let after = &rest[start + number.length..];
        if may_stand_before(before) && may_stand_after(after) && number.is_code() {
            return Some(number.runs.concat());
        }
        before = rest[..start + number.length].chars().next_back();
        rest = after;
    }
    None
}

/// The token after the first label of [`REFERENCE_LABELS`] that looks like a reference: 3 to 8 ASCII digits and
/// capital letters.
pub(crate) fn reference(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let word = word_of(&rest[start..]);
        rest = &rest[start + word.len()..];
        if !REFERENCE_LABELS.contains(&word.to_lowercase().as_str()) {
            continue;
        }
        let value =
            word_of(rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '#')));
        let looks_right = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        if REFERENCE_LENGTH.contains(&value.len()) && value.chars().all(looks_right) {
            return Some(value.to_owned());
        }
    }
    None
}

/// The web addresses in `text`, each once.
pub(crate) fn links(text: &str) -> Vec<&str> {
    let mut links = Vec::new();
    for word in text.split_whitespace() {
        let Some(start) = word.find("https://").or_else(|| word.find("http://")) else { continue };
        let (_, link) = word.split_at(start);
        let ends = |c: char| matches!(c, '<' | '>' | '"' | '«' | '»' | '\u{2066}'..='\u{2069}');
        let link = link.split(ends).next().unwrap_or(link);
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '،', '؟']);
        if !link.ends_with("://") && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn is_link(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    LINK_MARKS.iter().any(|mark| word.contains(mark))
}

/// The letters, digits and hyphens that `text` begins with.
fn word_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(text.len());
    &text[..end]
}

/// A number as it is written: runs of digits, one separator between each two.
struct Number<'a> {
    runs: Vec<&'a str>,
    separators: Vec<&'a str>,
    /// In bytes, from the first digit past the last.
    length: usize,
}

impl<'a> Number<'a> {
    /// The number that `text` begins with.
    fn starting(text: &'a str) -> Self {
        let mut number = Self { runs: Vec::new(), separators: Vec::new(), length: 0 };
        loop {
            let rest = &text[number.length..];
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            number.runs.push(&rest[..end]);
            number.length += end;
            let rest = &rest[end..];
            let Some(separator) = separator_of(rest) else { return number };
            number.separators.push(separator);
            number.length += separator.len();
        }
    }

    fn is_code(&self) -> bool {
        match (self.runs.as_slice(), self.separators.as_slice()) {
            ([run], _) => CODE_DIGITS.contains(&run.len()),
            ([first, second], [separator]) => {
                let grouped = first.len() == second.len() && matches!(first.len(), 3 | 4);
                let years = *separator == "-" && is_year(first) && is_year(second);
                grouped && !years && matches!(*separator, " " | "-" | "\u{a0}" | "\u{202f}")
            }
            _ => false,
        }
    }
}

/// The separator that `text` begins with, when a digit follows it, so that both sides are one number: a phone
/// number, an amount, a date or a time, or a code in groups.
fn separator_of(text: &str) -> Option<&str> {
    const SEPARATORS: &[&str] = &[" ", "-", "\u{a0}", "\u{202f}", ".", ",", ":", "/", ") ", ")", " (", " - "];
    let digit_follows = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    SEPARATORS
        .iter()
        .find(|separator| text.strip_prefix(**separator).is_some_and(digit_follows))
        .and_then(|separator| text.get(..separator.len()))
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// Letters of scripts that write no spaces may touch a code, ASCII letters may not.
fn may_stand_before(c: Option<char>) -> bool {
    !c.is_some_and(|c| {
        c.is_ascii_alphanumeric()
            || matches!(c, '+' | '/' | '_' | '=' | '&' | '%' | '$' | '€' | '£' | '.' | '-')
    })
}

fn may_stand_after(text: &str) -> bool {
    let mut after = text.chars();
    match after.next() {
        Some(c) if c.is_ascii_alphanumeric() => false,
        Some('+' | '/' | '_' | '=' | '&' | '%' | '$' | '€' | '£') => false,
        Some('-' | '.') => !after.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read() {
        for (text, expected) in [
            ("Your code: 123456", "123456"),
            ("Din kod: 123 456\nReferens: K7F", "123456"),
            ("Your code: 1234-5678.", "12345678"),
            ("Your code: 123\u{a0}456", "123456"),
            (
                "123456 is your Acme code. Reference K7F. It is valid for 10 minutes.\n\n@example.com #123456",
                "123456",
            ),
            ("It's valid for 10 minutes.\n@example.com #654321", "654321"),
            ("Code 0123456789", "0123456789"),
            ("(123456)", "123456"),
            ("<b>123456</b>", "123456"),
            ("Use \"123456\", please", "123456"),
            ("您的验证码是123456，请勿告诉他人", "123456"),
            ("Code:123456", "123456"),
            ("*123456*", "123456"),
            ("At 12:30 on 2026-05-04 you asked for 123456", "123456"),
            ("Call +46 70 123 45 67 if in doubt. Code: 123456", "123456"),
            ("https://example.com/111111 shows it. Code: 123456", "123456"),
        ] {
            assert_eq!(code(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not_codes() {
        for text in [
            "",
            "No number here",
            "12345",
            "12345678901",
            "Call +46701234567",
            "Call +46 70 123 45 67",
            "Call +1 555 123 4567",
            "Call (020) 7946 0958",
            "Call 070-123 45 67",
            "https://example.com/r/123456",
            "See https://example.com/?code=123456&x=1",
            "www.example.com/123456",
            "HTTPS://EXAMPLE.COM/123456",
            "example.com/123456",
            "user.123456@example.com",
            "tel:0701234567",
            "from 2024-2025",
            "2026-05-04 12:30",
            "192.168.100.100",
            "123,456 people",
            "1 234 567 kr",
            "$123456",
            "123456.78",
            "order A123456",
            "123456th",
            "123456-abc",
            "556677-8899",
            "12 345",
            "https://example.com/recover/link#token=01234567890123456789012345",
            "Link code: 01234-56789-01234-56789-012345",
            "Link code: ABCDE-FGHJK-MNPQR-STVWX-012345",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn references_are_read() {
        for (text, expected) in [
            ("Reference: K7F", Some("K7F")),
            ("Referens: K7F", Some("K7F")),
            ("REFERENCE K7F.", Some("K7F")),
            ("(ref. K7F)", Some("K7F")),
            ("Ref:K7F", Some("K7F")),
            ("Reference:\nK7F", Some("K7F")),
            ("Référence : 742", Some("742")),
            ("Référence\u{a0}: 742", Some("742")),
            ("Enter it on the page that shows reference K7F.", Some("K7F")),
            ("Compare the reference below.\nReference: K7F", Some("K7F")),
            ("Your reference", None),
            ("Reference: ", None),
            ("Preference: K7F", None),
            ("Reference: AB", None),
            ("no label K7F", None),
        ] {
            assert_eq!(reference(text).as_deref(), expected, "{text}");
        }
    }

    /// Emails as they are written in each language: a date before the code, the reference's word in a sentence too.
    #[test]
    fn codes_and_references_are_read_in_every_language() {
        for text in [
            "On 23 November 2026 at 22:52 UTC, we received a request.\n\nYour code: 012345\nReference: K7F\n\n\
             Enter the code on the page that shows the same reference. It expires in 10 minutes.",
            "Den 23 november 2026 kl. 22:52 UTC fick vi en begäran.\n\nDin kod: 012345\nReferens: K7F\n\n\
             Ange koden på sidan som visar samma referens. Den gäller i 10 minuter.",
            "Am 23. November 2026 um 22:52 Uhr (UTC) haben wir eine Anfrage erhalten.\n\nIhr Code: 012345\n\
             Referenz: K7F\n\nGeben Sie den Code auf der Seite ein, die dieselbe Referenz anzeigt.",
            "Le 1er novembre 2026 à 22:52 UTC, nous avons reçu une demande.\n\nVotre code\u{a0}: 012345\n\
             Référence\u{a0}: K7F\n\nSaisissez ce code sur la page qui affiche la même référence. Il est valable.",
            "El 23 de noviembre de 2026 a las 22:52 UTC recibimos una solicitud.\n\nTu código: 012345\n\
             Referencia: K7F\n\nIntroduce el código en la página que muestra la misma referencia.",
            "تلقّينا في \u{2068}23 نوفمبر 2026 الساعة \u{2068}22:52\u{2069} بتوقيت UTC\u{2069} طلبًا.\n\n\
             رمزك: 012345\nالمرجع: K7F\n\nأدخل الرمز في الصفحة التي تعرض المرجع نفسه.",
            "012345 رمزك لدى Acme. المرجع K7F. صالح 10 دقائق. لا تشاركه أبدًا. لم تطلبه؟ تجاهله.\n\n@example.com #012345",
        ] {
            let read = (code(text), reference(text));
            assert_eq!((read.0.as_deref(), read.1.as_deref()), (Some("012345"), Some("K7F")), "{text}");
        }
    }

    #[test]
    fn links_are_read_without_what_stands_around_them() {
        for (text, expected) in [
            ("No link: example.com, ftp://example.com, https://", vec![]),
            (
                "See https://example.com/a?b=c#token=D2. Or http://127.0.0.1:1/",
                vec!["https://example.com/a?b=c#token=D2", "http://127.0.0.1:1/"],
            ),
            (
                "(https://example.com) <https://example.com>, https://example.com!",
                vec!["https://example.com"],
            ),
            ("الرابط:\u{2068}https://example.com/x\u{2069}، نعم", vec!["https://example.com/x"]),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_are_read_in_linear_time() {
        let digits = "1 ".repeat(250_000);
        assert_eq!(code(&digits), None);
        let words = "reference ".repeat(50_000);
        assert_eq!(reference(&words), None);
    }
}
