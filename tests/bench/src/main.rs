//! The cost of the functions and the local stack, measured. One command:
//!
//! ```text
//! cargo run --profile function -p regain-bench -- functions|timing|stack
//! ```
//!
//! It builds what it measures, with the profile that is deployed; `stack --profile dev` measures what `cargo run`
//! starts. Machines differ and are busy: compare within one run only. No test depends on a time.

mod functions;
mod local;
mod pages;
mod prepared;
mod programs;
mod report;
mod stack;
mod statistics;
mod timing;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures the functions and the local stack.
#[derive(Debug, Parser)]
#[command(name = "regain-bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Each function's size, start, latency, memory and calls, beside an empty one.
    Functions(functions::Arguments),
    /// Whether time tells known identifiers from unknown ones.
    Timing(timing::Arguments),
    /// The local stack: ready, message, journeys.
    Stack(stack::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().what {
        What::Functions(arguments) => functions::run(arguments).await,
        What::Timing(arguments) => timing::run(arguments).await,
        What::Stack(arguments) => stack::run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "regain-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
