//! How long to wait, in words.

use regain_locales::{Catalogue, WordsError};

/// A duration in words, such as "in 5 minutes": never shorter than it is.
pub(crate) fn wait(words: &Catalogue<'_>, seconds: u64) -> Result<String, WordsError> {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    let (key, count) = match seconds {
        0..=90 => ("wait-seconds", seconds),
        91..=5_400 => ("wait-minutes", seconds.div_ceil(MINUTE)),
        _ => ("wait-hours", seconds.div_ceil(HOUR)),
    };
    words.get(key, &[("count", count.into())])
}
