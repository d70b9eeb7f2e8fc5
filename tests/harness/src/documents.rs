//! Files that are generated from code, whole or in part, and held to it by the same tests.
//!
//! A test makes the text and hands it to [`write_or_compare`], or, for a part of a file, to [`write_or_compare_part`]
//! with the part's name. The file has the part between two lines, which may be comments of Markdown or of YAML:
//!
//! ```text
//! <!-- generated: settings -->
//! <!-- end -->
//! ```
//!
//! The test fails where the file says something else. With `REGAIN_WRITE=1` it writes the file.

#![expect(clippy::unwrap_used, reason = "a file that can't be read or written fails the test that needs it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Tests of one process that write parts of the same file do it one after the other.
static WRITING: Mutex<()> = Mutex::new(());

/// The workspace's folder.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The text of a file, whose path is from the workspace's folder.
///
/// # Panics
/// It can't be read.
#[must_use]
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds a whole file to its generated content, or writes it where `REGAIN_WRITE` is set.
///
/// # Panics
/// The file has another content, and is not to be written.
pub fn write_or_compare(path: &str, content: &str) {
    write_or_compare_with(path, |_| content.to_owned());
}

/// Holds a part of a file to its generated content, or writes it where `REGAIN_WRITE` is set.
///
/// # Panics
/// The file has no such part, or has another content there and is not to be written.
pub fn write_or_compare_part(path: &str, name: &str, content: &str) {
    write_or_compare_with(path, |text| {
        replace_between_markers(text, name, content).unwrap_or_else(|| panic!("{path} has no part {name}"))
    });
}

fn write_or_compare_with(path: &str, made: impl FnOnce(&str) -> String) {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = read(path);
    let made = made(&found);
    if found == made {
        return;
    }
    if std::env::var_os("REGAIN_WRITE").is_some() {
        std::fs::write(root().join(path), made).unwrap();
        return;
    }
    let program = std::env::current_exe().unwrap();
    let stem = program.file_stem().unwrap().to_str().unwrap();
    let target = stem.rsplit_once('-').map_or(stem, |(target, _)| target);
    let thread = std::thread::current();
    let module = thread.name().and_then(|test| test.split("::").next()).unwrap_or_default();
    let line = made.lines().zip(found.lines().map(Some).chain(std::iter::repeat(None)));
    let line = line.filter(|(made, found)| Some(*made) != *found).map(|(made, _)| made).next();
    panic!(
        "{path} is stale: REGAIN_WRITE=1 cargo test --workspace --test {target} {module}\nit should say: {}",
        line.unwrap_or("less")
    );
}

/// A text with other content between the lines `generated: NAME` and `end`; `None` if there are no such lines.
#[must_use]
pub fn replace_between_markers(text: &str, name: &str, content: &str) -> Option<String> {
    let is = |line: &str, word: &str| line.trim_matches(['<', '!', '-', '>', '#', ' ', '\n']) == word;
    let mut lines = text.split_inclusive('\n');
    let start = format!("generated: {name}");
    let mut made: String = String::new();
    loop {
        let line = lines.next()?;
        made.push_str(line);
        if is(line, &start) {
            break;
        }
    }
    made.push_str(content);
    made.push_str(lines.by_ref().find(|line| is(line, "end"))?);
    made.extend(lines);
    Some(made)
}

/// A table of Markdown.
#[must_use]
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// The files of Rust below folders of the workspace.
///
/// # Panics
/// A folder can't be read.
#[must_use]
pub fn sources(directories: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left: Vec<_> = directories.iter().map(|directory| root().join(directory)).collect();
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_nothing_else() {
        let text = "a\n<!-- generated: one -->\nold\n<!-- end -->\n# generated: two\n# end\nz";
        let made = replace_between_markers(text, "one", "new\n");
        let wanted = "a\n<!-- generated: one -->\nnew\n<!-- end -->\n# generated: two\n# end\nz";
        assert_eq!(made.as_deref(), Some(wanted));
        let made = replace_between_markers(text, "two", "more\n").unwrap();
        assert!(made.ends_with("# generated: two\nmore\n# end\nz"), "{made}");
        assert_eq!(replace_between_markers(text, "three", ""), None);
        assert_eq!(replace_between_markers("# generated: one\n", "one", ""), None);
    }

    #[test]
    fn tables_are_markdown() {
        let rows = [["`A`".to_owned(), "1".to_owned()]];
        assert_eq!(table(["name", "n"], rows), "| name | n |\n| --- | --- |\n| `A` | 1 |\n");
    }
}
