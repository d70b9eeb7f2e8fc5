//! The local stack: everything of Regain on one machine, with nothing but Rust installed.
//!
//! `cargo run` starts, in this order, an embedded DynamoDB, the notification gateway with its inbox,
//! a Lambda Runtime API with several processes of every function, the stream mapping that feeds
//! `deliver-messages`, and the HTTP API. The functions are the ones that run on AWS and reach all of
//! this through the AWS SDK's own endpoint variables; nothing is stubbed in process.
//!
//! To add a function, name it in [`functions`]; to route requests to it, add it to the table of routes in
//! `regain-http-api`. A new flag goes to `args`, a new part of the stack to `stack`,
//! what the terminal shows to `console`. The public modules are for
//! tests and benchmarks, which put the same parts together in their own way.

mod access_log;
pub mod api_event;
mod api_gateway;
mod api_response;
mod args;
mod clock;
mod console;
pub mod functions;
mod ids;
mod keys;
mod notifications;
mod processes;
mod ready;
pub mod runtime_api;
mod shard_batches;
mod signals;
mod stack;
pub mod stream;
pub mod table;
pub mod table_server;

pub use args::{LogFormat, StackArguments};
pub use stack::{StackError, run};
