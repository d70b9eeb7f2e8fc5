//! The flags of the stack and their defaults. Nothing else belongs here.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How to start the stack. Port 0 picks a free port, which is printed.
#[derive(Debug, Args)]
pub struct StackArguments {
    /// Where the HTTP API listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub api: SocketAddr,
    /// Where the notification gateway and its inbox listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025")]
    pub notifications: SocketAddr,
    /// Where DynamoDB listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub dynamodb: SocketAddr,
    /// Keep accounts, challenges and keys in this directory; without it everything ends with the stack.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Load accounts from this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// Write the URLs to this file, as JSON, as soon as the stack is ready; it is removed at the end.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// How many processes of each function to keep. Each handles one event at a time, as on Lambda.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub instances: u16,
    /// What standard error shows once the stack is ready: lines to read, or the functions' own lines in JSON. The
    /// last one that is given counts.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, overrides_with = "log_format")]
    pub log_format: LogFormat,
    /// End when standard input is closed, so that no stack outlives a test that started it.
    #[arg(long)]
    pub exit_with_stdin: bool,
}

/// What the stack shows of requests, messages and functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line for each request and each message, and for what functions warn of.
    Text,
    /// The lines of the functions as they are: JSON objects, with metrics.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        stack: StackArguments,
    }

    #[test]
    fn the_number_of_instances_has_bounds() {
        for refused in ["0", "65"] {
            assert!(Arguments::try_parse_from(["regain", "--instances", refused]).is_err());
        }
    }

    #[test]
    fn a_person_is_spoken_to_unless_json_is_asked_for_last() {
        let format = |given: &[&str]| {
            Arguments::try_parse_from([&["regain"], given].concat()).map(|parsed| parsed.stack.log_format)
        };
        assert_eq!(format(&[]).unwrap(), LogFormat::Text);
        assert_eq!(format(&["--log-format", "json"]).unwrap(), LogFormat::Json);
        assert_eq!(format(&["--log-format=json", "--log-format=text"]).unwrap(), LogFormat::Text);
        assert!(format(&["--log-format", "xml"]).is_err());
    }
}
