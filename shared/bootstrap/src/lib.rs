//! The start of every function: configuration, keys, clients, and serving.
//!
//! A function's `run` takes a [`Function`], builds its use case from it and hands the routes to
//! [`serve::serve`]; its `main` is [`main`]. To extend: a new setting is a row of
//! [`settings::SETTINGS`] and a field of [`config::Config`].

pub mod aws;
mod clock;
pub mod config;
pub mod deliveries;
mod gateway;
mod http_client;
pub mod keys;
pub mod requests;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod web;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use aws_types::SdkConfig;
use lambda_runtime::Error;
use regain_crypto::{Argon2id, SystemRandom};
use regain_domain::{Clock, Environment, KeyUse};
use regain_dynamodb::Table;
use regain_telemetry::Telemetry;

pub use config::Config;
use settings::Variables;

/// A function as tools, tests and documents know it. Nothing of it is in the function's binary.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// Its name: its directory, its binary, the end of its name at Lambda.
    pub name: &'static str,
    /// What it writes, apart from diagnostics.
    pub telemetry: &'static [Telemetry],
}

/// A function that has started: everything that its use cases are built from.
pub struct Function {
    /// What the environment says.
    pub config: Config,
    /// Randomness, keys.
    pub environment: Environment,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The table.
    pub table: Table,
    /// What AWS clients are made from.
    pub aws: SdkConfig,
}

impl Function {
    /// Reads the configuration and the keys of these uses, and makes the clients. Nothing is contacted, except Secrets
    /// Manager if the keys are there.
    ///
    /// # Errors
    /// A message that names the variable that is wrong.
    pub async fn start(key_uses: &[KeyUse]) -> Result<Self, Error> {
        Self::configured(&process_variables, key_uses).await
    }

    /// The same from other variables than this process's, for tools that do a function's work.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn configured(variables: Variables<'_>, key_uses: &[KeyUse]) -> Result<Self, Error> {
        let config = Config::read(variables)?;
        let aws = aws::sdk_config(variables)?;
        let clock = clock::read(variables, &config.stage)?;
        let keys = keys::read(variables, &aws).await?.only(key_uses);
        let environment = Environment { random: Arc::new(SystemRandom), prf: Arc::new(keys) };
        let table = Table::new(aws::dynamodb(&aws, variables), config::read_table(variables)?);
        Ok(Self { config, environment, clock, table, aws })
    }

    /// The password hasher.
    ///
    /// # Errors
    /// A message that names the variables if the parameters are not allowed.
    pub fn hasher(&self) -> Result<Argon2id<SystemRandom>, Error> {
        Argon2id::new(self.config.argon2, SystemRandom)
            .map_err(|error| format!("REGAIN_ARGON2_MEMORY_KIB, REGAIN_ARGON2_ITERATIONS: {error}").into())
    }
}

/// Looks a variable of this process up. An empty one counts as unset.
#[must_use]
pub fn process_variables(name: &str) -> Option<String> {
    settings::set(&|name| std::env::var(name).ok(), name)
}

/// Runs a function until its runtime ends it: the whole of a `main`. One event at a time needs no more
/// than the current thread.
pub fn main(run: impl Future<Output = Result<(), Error>>) -> ExitCode {
    let variable = |name| process_variables(name).unwrap_or_default();
    let daemon = variable("AWS_XRAY_DAEMON_ADDRESS").parse().ok();
    regain_telemetry::start(variable("AWS_LAMBDA_FUNCTION_NAME"), variable("REGAIN_STAGE"), daemon);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "the function can't run");
            ExitCode::FAILURE
        }
    }
}
