//! The commands' errors.

/// The reason why a command failed, in words for the operator.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// An error with its causes in one line: only they say which call of AWS was refused.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` takes")]
pub(crate) fn with_causes(error: Error) -> Error {
    let first: &(dyn std::error::Error + 'static) = error.as_ref();
    let causes = std::iter::successors(Some(first), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ").into()
}
