//! The report and the clock of the measurements.

use std::io::Write as _;
use std::time::Instant;

/// Prints a line of the report.
pub(crate) fn say(line: &str) {
    // Whoever closed standard output did not want to know.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The machine's own time.
#[expect(clippy::disallowed_methods, reason = "measurements are of the machine")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
