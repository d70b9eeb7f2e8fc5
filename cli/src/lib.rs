//! The operators' commands: `keys`, `accounts` and `log-id`.
//!
//! A command works on the stage that its environment describes, by the same variables as a function's. The root's
//! program dispatches to [`run`]; the local stack loads its accounts with [`load`].
//!
//! To add a command, add a variant to [`Command`] and a module that does it.

mod account_object;
mod accounts;
mod accounts_file;
mod args;
mod error;
mod export;
mod in_flight;
mod keys;
pub mod load;
mod log_id;
mod rehearsal;

use std::process::ExitCode;

pub use args::{AccountsWork, Command, KeysStep};
pub use error::Error;
pub use export::FileFormat;

use error::with_causes;
use load::Source;

/// Runs a command to its end. It fails without an error when it has told the reasons itself, such as each line of a
/// file that is not loaded.
///
/// # Errors
/// Whatever stops the command.
pub fn run(command: Command) -> Result<ExitCode, Error> {
    match command {
        Command::Keys { step } => keys::run(step)?,
        Command::Accounts { work: Some(work), .. } => accounts::run(&work).map_err(with_causes)?,
        Command::Accounts { work: None, file, format, from_line, demo, dry_run } => {
            let source = file.map(|path| Source { path, format, from_line });
            if !load::run(source.as_ref(), demo, dry_run).map_err(with_causes)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::LogId { id } => log_id::print(&id)?,
    }
    Ok(ExitCode::SUCCESS)
}
