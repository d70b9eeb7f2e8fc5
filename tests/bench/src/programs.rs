//! The programs that are measured, built with the profile that is deployed unless another is asked for.

use std::path::{Path, PathBuf};
use std::process::Command;

use regain_harness::Error;

/// The profile that functions are deployed with.
pub(crate) const PROFILE: &str = "function";

/// Builds packages together with a profile, apart from this program, whose features they must not have. Returns the
/// directory that the programs are in.
///
/// # Errors
/// If they can't be built.
pub(crate) fn build(packages: &[String], profile: &str) -> Result<PathBuf, Error> {
    let target = target_directory()?;
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--bins", "--profile", profile])
        .args(packages.iter().flat_map(|package| ["-p", package]))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("CARGO_TARGET_DIR", &target)
        .status()?;
    // Cargo names the directory of this one otherwise.
    let directory = target.join(if profile == "dev" { "debug" } else { profile });
    if status.success() { Ok(directory) } else { Err("the programs can't be built".into()) }
}

/// This program's own target directory: it is in the directory of a profile there.
fn target_directory() -> Result<PathBuf, Error> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent);
    Ok(target.ok_or("this program is not in a target directory")?.to_owned())
}
