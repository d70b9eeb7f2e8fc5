//! Starting the parts of the stack in order, telling when it is ready, and ending all of it.

use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::storage_backend::clock::Clock;
use regain_bootstrap::{Function, process_variables};
use regain_cli::load::{self, AlreadyThere, Counts};
use regain_domain::KeyUse;
use regain_notifications::Gateway;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::{LogFormat, StackArguments};
use crate::clock::LocalClock;
use crate::console::Console;
use crate::functions::{FUNCTIONS, REGISTRY};
use crate::keys::KeysFile;
use crate::processes::{INIT_TIMEOUT, Plan, ProcessError, Supervisor, XRAY_DAEMON, environment};
use crate::ready::{ReadyFile, Urls};
use crate::runtime_api::RuntimeApi;
use crate::shard_batches::{DeadLetters, PARALLELIZATION_FACTOR, Retries, SHARD_BATCH_CAPACITY, ShardBatch};
use crate::signals::EndRequests;
use crate::stream::{Mapping, Queue, Stream};
use crate::table::{self, TableError};
use crate::{api_gateway, notifications, runtime_api, table_server};

const DEFAULT_TABLE: &str = "regain";
const DEFAULT_CODE_LIFETIME_SECONDS: u64 = 600;
/// How long each server may take to finish what it is doing when the stack ends.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Why the stack does not start or does not go on, in one line for the person who started it.
#[derive(Debug, Error)]
pub enum StackError {
    /// Another program listens there.
    #[error("{address} is already in use: choose another with {flag} ADDR")]
    InUse {
        /// The address.
        address: SocketAddr,
        /// The flag that sets it.
        flag: &'static str,
    },
    /// Listening there is not possible for another reason.
    #[error("cannot listen on {address}: {source}; choose another address with {flag} ADDR")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The flag that sets it.
        flag: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file or directory cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The database or its stream cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The functions cannot be kept running.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The functions would refuse their configuration.
    #[error("{0}")]
    Configuration(lambda_runtime::Error),
    /// The accounts cannot be loaded.
    #[error("cannot load the accounts: {0}")]
    Accounts(regain_cli::Error),
    /// A server ended by itself.
    #[error("the {0} ended unexpectedly")]
    Ended(&'static str),
    /// Anything else that the system refuses.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// Runs the stack until it is asked to end.
///
/// # Errors
/// [`StackError`].
pub fn run(arguments: &StackArguments) -> Result<(), StackError> {
    let console = match arguments.log_format {
        LogFormat::Text => Some(Console::on_standard_error()),
        LogFormat::Json => None,
    };
    log(console.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(start_and_end(arguments, console));
    runtime.shutdown_timeout(TIMEOUT);
    result
}

/// Has the stack's own warnings written, by the console if there is one.
fn log(console: Option<Console>) {
    if let Some(console) = console {
        // DynamoDB warns of each condition that fails, which is how limits and races are decided.
        let levels = Targets::new().with_default(Level::WARN).with_target("dynoxide", Level::ERROR);
        tracing_subscriber::registry().with(console.with_filter(levels)).init();
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(Level::WARN)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

async fn start_and_end(arguments: &StackArguments, console: Option<Console>) -> Result<(), StackError> {
    let mut end_requests = EndRequests::listen(arguments.exit_with_stdin)?;
    let mut stack = tokio::select! {
        stack = Stack::start(arguments, console) => stack?,
        () = end_requests.next() => return Ok(()),
    };
    let result = tokio::select! {
        () = end_requests.next() => Ok(()),
        error = stack.failure() => Err(error),
    };
    end_requests.end_at_once_on_another();
    stack.stop().await;
    result
}

/// A server that can be asked to end.
struct Server {
    name: &'static str,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    fn start<F>(name: &'static str, serve: impl FnOnce(ShutdownSignal) -> F) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let shutdown: ShutdownSignal = Box::pin(async move { drop(stopped.await) });
        Self { name, stop, task: tokio::spawn(serve(shutdown)) }
    }

    async fn failure(&mut self) -> StackError {
        if let Ok(Err(error)) = (&mut self.task).await {
            tracing::error!(%error, server = self.name, "a server ended");
        }
        StackError::Ended(self.name)
    }

    async fn stop(mut self) {
        // A server that has ended already hears nothing.
        let _ = self.stop.send(());
        if tokio::time::timeout(TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

type ShutdownSignal = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Everything that runs. Dropping it ends it too, only less orderly.
struct Stack {
    ready_file: Option<ReadyFile>,
    api: Server,
    notifications: Server,
    supervisor: Supervisor,
    console: Option<Console>,
    dead_letters: DeadLetters,
    /// The stream mapping, the sweeper and the Runtime API: all end when they are dropped.
    background: JoinSet<()>,
    dynamodb: oneshot::Sender<()>,
    dynamodb_thread: std::thread::JoinHandle<()>,
    /// Kept because the file goes away with it.
    _keys: KeysFile,
}

impl Stack {
    async fn start(arguments: &StackArguments, console: Option<Console>) -> Result<Self, StackError> {
        let api_listener = bind(arguments.api, "--api").await?;
        let notifications_listener = bind(arguments.notifications, "--notifications").await?;
        let dynamodb_listener = bind(arguments.dynamodb, "--dynamodb").await?;
        let urls = Urls {
            api: url(&api_listener)?,
            notifications: url(&notifications_listener)?,
            dynamodb: url(&dynamodb_listener)?,
            table: process_variables("REGAIN_TABLE").unwrap_or_else(|| DEFAULT_TABLE.to_owned()),
        };
        let data = arguments.data.as_deref();
        if let Some(path) = data {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .map_err(|source| StackError::File { path: path.to_owned(), source })?;
        }
        let keys = KeysFile::prepare(data, generate_keys)?;
        let local_clock = LocalClock::start(keys.directory())?;
        let clock: Arc<dyn Clock> = local_clock.clone();
        let database = table::open(data, Arc::clone(&clock), &urls.table)?;
        let (dynamodb, stopped) = oneshot::channel();
        let dynamodb_thread = table_server::serve(database.clone(), dynamodb_listener.into_std()?, stopped)?;
        let variables = environment(own_environment(), &urls, keys.path(), local_clock.file());
        // A mistake in the configuration is told here, once and before any process of a function.
        let lookup = |name: &str| variables.get(name).cloned();
        let configured = Function::configured(&lookup, &KeyUse::ALL, |settings| {
            REGISTRY.iter().try_for_each(|function| (function.declaration.configure)(settings))?;
            Ok(settings.argon2()?)
        });
        let configured = configured.await.map_err(StackError::Configuration)?;

        let functions = RuntimeApi::new(FUNCTIONS).sampling(variables.contains_key(XRAY_DAEMON));
        let gateway = console
            .clone()
            .map_or_else(Gateway::new, |console| notifications::watched(console, functions.clone()));
        let feedback = gateway.feedback();
        let notifications = Server::start("notification gateway", |shutdown| {
            notifications::serve(gateway, notifications_listener, shutdown)
        });
        let mut background = JoinSet::new();
        let runtime_listener = TcpListener::bind("127.0.0.1:0").await?;
        let plan = Plan {
            program: std::env::current_exe()?,
            environment: variables,
            runtime_api: runtime_listener.local_addr()?,
            instances: arguments.instances,
            init_timeout: INIT_TIMEOUT,
            console: console.clone(),
        };
        let runtime_api = runtime_api::http::serve(functions.clone(), runtime_listener);
        background.spawn(async move {
            if let Err(error) = runtime_api.await {
                tracing::error!(%error, "the Runtime API ended");
            }
        });
        let already_there = if data.is_some() { AlreadyThere::Counted } else { AlreadyThere::Told };
        let seeding = load::seed(&configured, arguments.accounts.as_deref(), already_there);
        let (supervisor, accounts) = tokio::try_join!(
            async { Supervisor::start(&functions, plan).await.map_err(StackError::from) },
            async { seeding.await.map_err(StackError::Accounts) },
        )?;
        background.spawn(table::sweep(database.clone()));
        background.spawn(notifications::tell(feedback, functions.clone()));
        let dead_letters = start_stream(database, &urls.table, &clock, &functions, &mut background)?;
        let shown = console.clone();
        let api = Server::start("API", |shutdown| {
            api_gateway::serve(functions, local_clock, shown, api_listener, shutdown)
        });

        let ready_file = match &arguments.ready_file {
            Some(path) => Some(
                ReadyFile::write(path, &urls)
                    .map_err(|source| StackError::File { path: path.clone(), source })?,
            ),
            None => None,
        };
        announce(&urls, accounts);
        Ok(Self {
            ready_file,
            api,
            notifications,
            supervisor,
            console,
            dead_letters,
            background,
            dynamodb,
            dynamodb_thread,
            _keys: keys,
        })
    }

    /// Waits for a part that ends by itself.
    async fn failure(&mut self) -> StackError {
        tokio::select! {
            error = self.api.failure() => error,
            error = self.notifications.failure() => error,
            error = self.supervisor.failure() => error.into(),
        }
    }

    /// Ends everything, from the outside to the inside: requests under way still find what they need.
    async fn stop(self) {
        drop(self.ready_file);
        self.api.stop().await;
        self.supervisor.stop().await;
        if let Some(console) = self.console {
            console.finish();
        }
        drop(self.background);
        self.notifications.stop().await;
        // The thread is gone if the send fails.
        let _ = self.dynamodb.send(());
        let thread = tokio::task::spawn_blocking(move || self.dynamodb_thread.join());
        if tokio::time::timeout(TIMEOUT, thread).await.is_err() {
            tracing::warn!("the local DynamoDB does not end");
        }
        let given_up = self.dead_letters.len();
        if given_up > 0 {
            tracing::warn!(given_up, "messages were not delivered");
        }
    }
}

/// The keys for a stack that has none yet.
fn generate_keys() -> std::io::Result<impl AsRef<[u8]>> {
    regain_bootstrap::keys::generate().map_err(std::io::Error::other)
}

fn start_stream(
    database: Database,
    table: &str,
    clock: &Arc<dyn Clock>,
    functions: &RuntimeApi,
    background: &mut JoinSet<()>,
) -> Result<DeadLetters, StackError> {
    let dead_letters = DeadLetters::default();
    let stream = Stream::open(database, table, clock).map_err(TableError::from)?;
    let mut queues = Vec::new();
    for mapping in Mapping::all(code_lifetime()) {
        let mut batches = Vec::with_capacity(PARALLELIZATION_FACTOR);
        for _ in 0..PARALLELIZATION_FACTOR {
            let (sender, receiver) = mpsc::channel(SHARD_BATCH_CAPACITY);
            let batch = ShardBatch {
                api: functions.clone(),
                clock: Arc::clone(clock),
                retries: Retries::until(mapping.max_age),
                dead_letters: dead_letters.clone(),
            };
            background.spawn(batch.run(receiver));
            batches.push(sender);
        }
        queues.push(Queue { mapping, batches });
    }
    background.spawn(stream.run(queues));
    Ok(dead_letters)
}

/// How long a message is worth delivering. The functions refuse a value that is no number, so it is not
/// refused here.
fn code_lifetime() -> Duration {
    let set = std::env::var("REGAIN_CODE_LIFETIME_SECONDS").ok().and_then(|value| value.parse().ok());
    Duration::from_secs(set.unwrap_or(DEFAULT_CODE_LIFETIME_SECONDS))
}

/// This process's environment, as far as it is text.
fn own_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, StackError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => StackError::InUse { address, flag },
        _ => StackError::Bind { address, flag, source },
    })
}

/// The URL of a listener for programs on this machine.
fn url(listener: &TcpListener) -> std::io::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        let loopback = SocketAddr::from(([127, 0, 0, 1], address.port()));
        address = loopback;
    }
    Ok(format!("http://{address}"))
}

fn announce(urls: &Urls, accounts: Counts) {
    let Urls { api, notifications, dynamodb, table } = urls;
    let (added, demo) = (accounts.added, load::DEMO_SUMMARY);
    let text = format!(
        "Regain is ready.\n  \
         API            {api}\n  \
         Inbox          {notifications}/\n  \
         DynamoDB       {dynamodb} (table {table})\n  \
         Accounts       {added} new{accounts}; for trying out: {demo}\n\
         Press Ctrl-C to end.\n"
    );
    // A closed standard output is no reason to end: the ready file says the same.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_told_with_its_flag() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let message = bind(address, "--api").await.unwrap_err().to_string();
        assert_eq!(message, format!("{address} is already in use: choose another with --api ADDR"));
    }

    #[tokio::test]
    async fn a_free_port_has_a_url_of_this_machine() {
        let listener = bind("0.0.0.0:0".parse().unwrap(), "--api").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(url(&listener).unwrap(), format!("http://127.0.0.1:{port}"));
    }
}
