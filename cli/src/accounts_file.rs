//! An accounts file, read line by line: one JSON object a line, or what another service exports. What is wrong with a
//! line is said in words that quote nothing of it: a password may stand anywhere in a broken one.

use std::io::{BufRead, Read as _};

use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use crate::account_object::{MAX_LINE, Members, Object, Parsed, Refusal};
use crate::export::{Columns, FileFormat, parse_auth0};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why a whole file can't be read.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("it is UTF-16: save it as UTF-8")]
    Utf16,
    #[error("its first line names no column \"email\" or \"phone_number\"")]
    NoColumns,
}

/// A line that isn't blank.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: u64,
    pub(crate) content: Result<Parsed, Refusal>,
}

/// The lines of a file. One of them is held at a time.
pub(crate) struct Lines<R> {
    input: R,
    format: FileFormat,
    /// Of a table, from its first line that isn't blank.
    columns: Option<Columns>,
    number: u64,
    buffer: Zeroizing<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn of(input: R, format: FileFormat) -> Self {
        Self { input, format, columns: None, number: 0, buffer: Zeroizing::default() }
    }

    /// The next line that isn't blank; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line>, FileError> {
        loop {
            self.buffer.zeroize();
            let length = (&mut self.input).take(MAX_LINE + 1).read_until(b'\n', &mut self.buffer)?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.number == 1 && is_utf16(&self.buffer) {
                return Err(FileError::Utf16);
            }
            if self.buffer.len() as u64 > MAX_LINE && self.buffer.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
            }
            match self.text() {
                Ok("") => {}
                Ok(text) if self.format == FileFormat::Cognito && self.columns.is_none() => {
                    self.columns = Some(Columns::parse(text).ok_or(FileError::NoColumns)?);
                }
                text => {
                    let content = text.and_then(|text| self.parse(text));
                    return Ok(Some(Line { number: self.number, content }));
                }
            }
        }
    }

    /// The line in the buffer, without what stands around it.
    fn text(&self) -> Result<&str, Refusal> {
        if self.buffer.len() as u64 > MAX_LINE {
            return Err(Refusal::TooLong);
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|_| Refusal::NotUtf8)?;
        // Not before the first line alone: files are put together, too.
        Ok(text.trim_start_matches(BYTE_ORDER_MARK).trim())
    }

    fn parse(&self, text: &str) -> Result<Parsed, Refusal> {
        match (self.format, &self.columns) {
            (FileFormat::Auth0, _) => parse_auth0(text),
            (FileFormat::Cognito, Some(columns)) => columns.account(text),
            _ => parse(text),
        }
    }
}

/// Whether a file begins like UTF-16: with its mark, or with an ASCII character and a zero.
fn is_utf16(start: &[u8]) -> bool {
    matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..])
}

/// The account of one line.
pub(crate) fn parse(text: &str) -> Result<Parsed, Refusal> {
    Members::of(Object::parse(text)?)?.account()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers and what is told of each line.
    fn told(file: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::of(file, FileFormat::Regain);
        let mut told = Vec::new();
        while let Some(Line { number, content }) = lines.next().unwrap() {
            told.push((number, content.map_or_else(|refusal| refusal.to_string(), |_| "fine".to_owned())));
        }
        told
    }

    #[test]
    fn lines_end_as_on_any_system_and_blank_ones_are_none() {
        let file =
            "\u{feff}{\"email\": \"a@example.com\"}\r\n\r\n\n  \n\u{feff}{\"email\": \"b@example.com\"}";
        assert_eq!(told(file.as_bytes()), [(1, "fine".to_owned()), (5, "fine".to_owned())]);
        assert_eq!(told(b""), []);
        assert_eq!(told("\u{feff}".as_bytes()), []);
    }

    #[test]
    fn a_line_that_is_not_utf8_or_too_long_stops_no_other() {
        let good = b"{\"email\": \"a@example.com\"}\n".to_vec();
        let longest = usize::try_from(MAX_LINE).unwrap() - 1;
        let mut blanks = good[..good.len() - 1].to_vec();
        blanks.resize(longest, b' ');
        blanks.push(b'\n');
        let latin = b"{\"email\": \"a@example.com\", \"name\": \"\xc5sa\"}\n".to_vec();
        let long = b"x".repeat(longest + 1);
        let longer = b"x".repeat(3 * longest);
        let file = [latin, good.clone(), blanks, long, b"\n".to_vec(), good, longer].concat();
        let too_long = "it is longer than 64 KiB";
        let expected =
            [(1, "it is not UTF-8"), (2, "fine"), (3, "fine"), (4, too_long), (5, "fine"), (6, too_long)];
        assert_eq!(told(&file), expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn a_file_in_utf16_is_told_as_such() {
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = "{\"email\": \"a@example.com\"}\n".encode_utf16();
            mark.iter().copied().chain(text.flat_map(bytes)).collect()
        };
        for file in [
            utf16(&[0xff, 0xfe], u16::to_le_bytes),
            utf16(&[0xfe, 0xff], u16::to_be_bytes),
            utf16(&[], u16::to_le_bytes),
            utf16(&[], u16::to_be_bytes),
        ] {
            assert!(matches!(Lines::of(file.as_slice(), FileFormat::Regain).next(), Err(FileError::Utf16)));
        }
    }

    #[test]
    fn a_wrong_line_is_told_by_its_member_and_without_its_values() {
        for (line, refusal) in [
            ("{", Refusal::NotJson(1)),
            (r#"{"email": "hunter2@example.com",}"#, Refusal::NotJson(33)),
            (r#"{"email": "a@example.com"} hunter2"#, Refusal::NotJson(28)),
            (r#"{"email": "\ud800"}"#, Refusal::NotJson(18)),
            (r#"["hunter2"]"#, Refusal::NotAnObject),
            (r#""hunter2""#, Refusal::NotAnObject),
            ("7", Refusal::NotAnObject),
            ("{}", Refusal::NoAddress),
            (r#"{"name": "hunter2"}"#, Refusal::NoAddress),
            (r#"{"email": "hunter2"}"#, Refusal::Email),
            (r#"{"email": "a@example.com", "phone": "0701740605"}"#, Refusal::Phone),
            (r#"{"email": ["hunter2"]}"#, Refusal::NotText("email")),
            (r#"{"phone": 46701740605}"#, Refusal::NotText("phone")),
            (r#"{"email": "a@example.com", "password": 12345678}"#, Refusal::NotText("password")),
            (r#"{"email": "a@example.com", "password": ""}"#, Refusal::EmptyPassword),
            (r#"{"email": "a@example.com", "hunter2": 1}"#, Refusal::UnknownMember(2)),
            (r#"{"passwordHash": "hunter2"}"#, Refusal::MisspeltMember(1, "password_hash")),
            (r#"{"email": "a@example.com", "E-mail": "b@example.com"}"#, Refusal::MisspeltMember(2, "email")),
            (r#"{"email": null, "email": "a@example.com"}"#, Refusal::Duplicate("email")),
            (r#"{"email": "a@example.com", "password": "a", "password_hash": "b"}"#, Refusal::TwoPasswords),
        ] {
            let found = parse(line).unwrap_err();
            assert_eq!(found, refusal, "{line}");
            assert!(!found.to_string().contains("hunter2"), "{found}");
        }
    }

    #[test]
    fn empty_members_are_absent_and_unreadable_ones_that_nobody_needs_are_left_out() {
        let line = r#"{"email": "a@example.com", "phone": " ", "locale": "", "name": null, "postal_code": "",
            "password": null, "password_hash": null}"#;
        let Parsed { account, left_out } = parse(line).unwrap();
        assert!(account.phone.is_none() && account.locale.is_none() && account.postal_code.is_none());
        assert!(account.name.is_none() && account.credential.is_none() && left_out.is_empty());

        let line =
            r#"{"email": "", "phone": "+46701740605", "locale": "!", "name": ["Al"], "postal_code": 11455}"#;
        let Parsed { account, left_out } = parse(line).unwrap();
        assert!(account.phone.is_some() && account.email.is_none());
        assert!(account.locale.is_none() && account.name.is_none() && account.postal_code.is_none());
        assert_eq!(left_out, ["locale", "name", "postal_code"]);
    }
}
