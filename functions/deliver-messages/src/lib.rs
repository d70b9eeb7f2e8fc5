//! TODO
/// Runs.
pub async fn run() -> Result<(), lambda_runtime::Error> { Ok(()) }
