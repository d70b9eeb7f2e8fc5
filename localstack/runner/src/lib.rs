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
mod processes;
mod ready;
pub mod runtime_api;
mod seed;
mod signals;
mod stack;
pub mod stream;
pub mod table;

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
        Some(Command::Keys) => match print_keys() {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        },
        Some(Command::Accounts { file, demo }) => match seed::load(file.as_deref(), demo) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
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

fn print_keys() -> std::io::Result<()> {
    let keys = regain_bootstrap::keys::generate().map_err(std::io::Error::other)?;
    std::io::stdout().write_all(keys.as_bytes())
}
