//! `cargo run`: the local stack, one of its functions, or an operator's command. The parts are `regain_local_stack` and
//! `regain_cli`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use regain_local_stack::{StackArguments, functions};

/// Account recovery on your own machine: the functions, DynamoDB, an inbox and the API.
#[derive(Debug, Parser)]
#[command(name = "regain", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    stack: StackArguments,
}

/// The commands besides starting the stack.
#[derive(Debug, Subcommand)]
enum Command {
    /// Runs one Lambda function in this process; the stack starts itself this way.
    #[command(hide = true)]
    Function {
        /// The function's name, such as `request-code`.
        name: String,
    },
    #[command(flatten)]
    Operator(regain_cli::Command),
}

fn main() -> ExitCode {
    let Arguments { command, stack } = Arguments::parse();
    let result = match command {
        Some(Command::Function { name }) => functions::run(&name).map_err(Into::into),
        Some(Command::Operator(command)) => regain_cli::run(command),
        None => regain_local_stack::run(&stack).map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    result.unwrap_or_else(|error| {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(std::io::stderr(), "regain: {error}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_subcommand_the_stack_gets_its_defaults() {
        let arguments = Arguments::try_parse_from(["regain", "--api", "127.0.0.1:0"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.stack.api.port(), 0);
        assert_eq!(arguments.stack.instances, 4);
    }
}
