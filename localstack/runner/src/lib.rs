//! The local stack: everything of Regain on one machine, with nothing but Rust installed.
//!
//! `cargo run` starts, in this order, an embedded DynamoDB, the notification gateway with its inbox,
//! a Lambda Runtime API with several processes of every function, the stream mapping that feeds
//! `deliver-messages`, and the HTTP API. The functions are the ones that run on AWS and reach all of
//! this through the AWS SDK's own endpoint variables; nothing is stubbed in process.
//!
//! To add a function, name it in `functions`; to route requests to it, add it to the table of routes in
//! `regain-http-api`. A new flag goes to `args`, a new part of the stack to `stack`. The public modules are for
//! tests and benchmarks, which put the same parts together in their own way.

mod accounts_file;
pub mod api_event;
mod api_gateway;
mod api_response;
mod args;
mod clock;
mod functions;
mod ids;
mod keys;
mod lanes;
mod log_id;
mod notifications;
mod operate;
mod processes;
mod ready;
mod rotate;
pub mod runtime_api;
mod seed;
mod signals;
mod stack;
pub mod stream;
pub mod table;
pub mod table_server;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};

/// Runs what the command line asks for: the whole stack, one function of it, or a command.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let message = match arguments.command {
        Some(Command::Function { name }) => match functions::run(&name) {
            Some(code) => return code,
            None => format!("there is no function {name}: there are {}", functions::list()),
        },
        Some(Command::Keys { step }) => match rotate::run(step) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        },
        Some(Command::Accounts { work: None, file, demo, dry_run }) => {
            match seed::load(file.as_deref(), demo, dry_run) {
                Ok(true) => return ExitCode::SUCCESS,
                // Each line that is not loaded was told.
                Ok(false) => return ExitCode::FAILURE,
                Err(error) => with_causes(error.as_ref()),
            }
        }
        Some(Command::Accounts { work: Some(work), .. }) => match operate::run(&work) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => with_causes(error.as_ref()),
        },
        Some(Command::LogId { id }) => match log_id::print(&id) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        },
        None => match stack::run(&arguments.stack) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        },
    };
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "regain: {message}");
    ExitCode::FAILURE
}

/// An error and what is behind it, in one line: which call of AWS says no is only known there.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
