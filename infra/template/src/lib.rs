//! The generated parts of `infra/template.yaml`.
//!
//! The template is one file that is deployed as it is. A person writes the resources that there are once; each stands
//! where it is read. What follows from the code is generated between a line `# generated: NAME` and a line `# end`:
//!
//! - `functions`: for each row of [`FUNCTIONS`] the function, its permission, role, log group and alarms;
//! - `paths`: the API's paths, from the routes of `regain_http_api`;
//! - `gateway responses`: the gateway's own answers, with the titles and statuses of the problem codes;
//! - `dashboard`: `dashboard.json`, in which a line may stand for each function or each operation.
//!
//! `tests/checks` fails where the file says something else, and writes it with `REGAIN_WRITE=1`. A new function is a
//! row of the table. `docs/architecture.md` has the other forms that were tried.

pub mod access;
mod api;
mod dashboard;
mod function;
pub mod functions;
mod role;

pub use functions::FUNCTIONS;

/// The parts by name: each is the text between its two lines.
#[must_use]
pub fn parts() -> [(&'static str, String); 4] {
    [
        ("paths", api::paths()),
        ("gateway responses", api::gateway_responses()),
        ("functions", FUNCTIONS.iter().map(function::resources).collect::<Vec<_>>().join("\n")),
        ("dashboard", dashboard::resource()),
    ]
}

/// The name of a resource: that of `request-code` is `RequestCode`.
#[must_use]
pub fn logical_name(function: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    function.split('-').map(capital).collect()
}

/// A text with values in the place of names between `@`s.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value))
}

/// The lines of a text, each indented by this many columns.
fn indented(text: &str, columns: usize) -> String {
    prefixed(text, &" ".repeat(columns))
}

/// A comment of the template, indented; nothing of an empty text.
fn comment(text: &str, columns: usize) -> String {
    prefixed(text, &format!("{}# ", " ".repeat(columns)))
}

fn prefixed(text: &str, prefix: &str) -> String {
    text.lines().flat_map(|line| [prefix, line, "\n"]).collect()
}
