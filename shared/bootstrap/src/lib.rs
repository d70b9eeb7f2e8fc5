//! The start of every function: configuration, keys, clients, and serving.
//!
//! A function declares itself ([`Declaration`]) and says which settings it reads, by a function `configure` over
//! [`Settings`]. Its `run` takes a [`Function`], builds its use case from it and hands the routes to [`serve::serve`]; its
//! `main` is [`main`]. To extend: a number that can be set is a row of [`settings::SETTINGS`], and its section a method of
//! [`Settings`] that the functions call which use it.

pub mod aws;
pub mod client_policy;
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

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use aws_types::SdkConfig;
use lambda_runtime::Error;
use regain_crypto::SystemRandom;
use regain_domain::{Clock, Context, KeyUse};
use regain_dynamodb::Table;
use regain_site::{Site, SiteSettings};
use regain_telemetry::Telemetry;

pub use config::hasher;
pub use settings::Settings;
use settings::Variables;

/// A function as tools, tests and documents know it. Nothing of it is in the function's binary.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// Its name: its directory, its binary, the end of its name at Lambda.
    pub name: &'static str,
    /// Its lines and metrics, apart from diagnostics.
    pub telemetry: &'static [Telemetry],
    /// Reads its configuration, as it does at its start.
    pub configure: fn(&Settings<'_>) -> Result<(), Error>,
}

impl Declaration {
    /// The variables that the function's configuration is read from, where others have the values of `variables`: the
    /// stage, and the settings of its own. Table, keys and clock are read by every function that has them.
    ///
    /// # Errors
    /// As the function's start, if a value is wrong.
    pub fn settings(&self, variables: Variables<'_>) -> Result<BTreeSet<String>, Error> {
        let names = RefCell::new(BTreeSet::new());
        let noting = |name: &str| {
            names.borrow_mut().insert(name.to_owned());
            variables(name)
        };
        (self.configure)(&Settings::new(&noting)?)?;
        Ok(names.into_inner())
    }
}

/// A function that has started: everything that its use cases are built from.
pub struct Function<C> {
    /// Its configuration.
    pub config: C,
    /// Randomness, keys.
    pub context: Context,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The table.
    pub table: Table,
    /// The configuration of AWS clients.
    pub aws: SdkConfig,
}

impl<C> Function<C> {
    /// Reads the settings that the function uses and the keys of its uses, and makes the clients. Nothing is contacted,
    /// except Secrets Manager if the keys are there.
    ///
    /// # Errors
    /// A message that names the variable that is wrong.
    pub async fn start(
        key_uses: &[KeyUse],
        configure: impl FnOnce(&Settings<'_>) -> Result<C, Error>,
    ) -> Result<Self, Error> {
        Self::configured(&process_variables, key_uses, configure).await
    }

    /// The same from other variables than this process's, for tools that do a function's work.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn configured(
        variables: Variables<'_>,
        key_uses: &[KeyUse],
        configure: impl FnOnce(&Settings<'_>) -> Result<C, Error>,
    ) -> Result<Self, Error> {
        let settings = Settings::new(variables)?;
        let config = configure(&settings)?;
        let aws = aws::sdk_config(variables)?;
        let clock = clock::read(&settings)?;
        let keys = keys::read(variables, &aws).await?.only(key_uses);
        let context = Context { random: Arc::new(SystemRandom), prf: Arc::new(keys) };
        let table = Table::new(aws::dynamodb(&aws, variables), settings.table()?);
        Ok(Self { config, context, clock, table, aws })
    }
}

/// The site of a function that has no table and no keys, with the clock that the settings ask for.
///
/// # Errors
/// [`settings::SettingError`] if a movable clock is asked for where the stage is not `local`.
pub fn site(configured: SiteSettings, settings: &Settings<'_>) -> Result<Arc<Site>, Error> {
    Ok(Arc::new(Site::new(configured, Arc::new(SystemRandom), clock::read(settings)?)))
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
