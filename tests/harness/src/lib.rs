//! A test harness for functions: their processes, a Lambda Runtime API that hands them events one at a time, an
//! embedded DynamoDB behind a proxy that notes every call, its stream, and an inbox.
//!
//! Nothing happens here that isn't asked for: no process starts and no message is delivered by itself. The
//! tests of the calls that a function makes and the benchmarks are built on it.
//!
//! Beside it stands what the tests of the root package share: [`documents`], [`html`], [`openapi`], [`prices`] and [`template`].

pub mod documents;
pub mod html;
pub mod openapi;
pub mod prices;
mod recording_proxy;
pub mod template;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use bytes::Bytes;
use dynoxide::Database;
use dynoxide::storage_backend::clock::SystemClock;
use regain_bootstrap::config::Argon2Parameters;
use regain_bootstrap::{Function, hasher};
use regain_domain::usecase::create_account::{CreateAccount, Credential, NewAccount};
use regain_domain::{EmailAddress, KeyUse, Password, PhoneNumber};
use regain_local_stack::api_event::{self, Arrival};
use regain_local_stack::runtime_api::{self, InvokeError, RuntimeApi};
use regain_local_stack::stream::{Mapping, Queue, Record, Stream};
use regain_local_stack::{table, table_server};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, broadcast, mpsc, oneshot};
use tokio::task::JoinSet;

pub use recording_proxy::{Call, Hold, InjectedFault, RecordingProxy};
pub use regain_local_stack::functions::{DELIVERY, FEEDBACK, FUNCTIONS};

/// Whatever stops the work here; for the person who runs a test or a benchmark.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A function that is no part of the project: the floor that others are measured beside.
pub const EMPTY: &str = "empty-function";

const TABLE: &str = "regain";
/// How long a function may take before it is given up. Not a measure of anything.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The test harness. Everything in it ends with it.
pub struct Harness {
    /// The proxy between the functions and DynamoDB.
    pub proxy: RecordingProxy,
    /// Where DynamoDB itself is, past the proxy.
    pub dynamodb: String,
    /// Where functions get their events.
    pub runtime_api: RuntimeApi,
    /// The trace header of the invocations, instead of one of the Runtime API's own.
    pub trace: Option<String>,
    /// The functions' environment variables, apart from those that name them.
    pub environment: BTreeMap<String, String>,
    runtime_address: SocketAddr,
    inbox: String,
    http: reqwest::Client,
    records: Mutex<mpsc::Receiver<Record>>,
    feedback: Mutex<broadcast::Receiver<Value>>,
    directory: PathBuf,
    accounts: Function<Argon2Parameters>,
    _tasks: JoinSet<()>,
    _dynamodb: oneshot::Sender<()>,
}

/// A running process of a function. It ends with this value.
pub struct Instance {
    function: &'static str,
    child: Child,
}

impl Harness {
    /// Sets everything up, with settings of the functions beside or instead of the usual ones: high limits,
    /// no cool-down.
    ///
    /// # Errors
    /// If the machine refuses something.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self, Error> {
        let clock = SystemClock::arc();
        let database: Database = table::open(None, Arc::clone(&clock), TABLE)?;
        let (dynamodb_address, stop_dynamodb) = serve_table(database.clone())?;
        let mut tasks = JoinSet::new();

        let proxy = RecordingProxy::new(format!("http://{dynamodb_address}/"));
        let front_listener = TcpListener::bind("127.0.0.1:0").await?;
        let front_address = front_listener.local_addr()?;
        let serving = proxy.clone();
        tasks.spawn(async move { drop(serving.serve(front_listener).await) });

        let inbox_listener = TcpListener::bind("127.0.0.1:0").await?;
        let inbox = format!("http://{}", inbox_listener.local_addr()?);
        let gateway = regain_notifications::Gateway::new();
        let feedback = Mutex::new(gateway.feedback());
        tasks.spawn(async move {
            drop(gateway.serve(inbox_listener, std::future::pending()).await);
        });

        let runtime_api = RuntimeApi::new(FUNCTIONS.into_iter().chain([EMPTY]));
        let runtime_listener = TcpListener::bind("127.0.0.1:0").await?;
        let runtime_address = runtime_listener.local_addr()?;
        let serving = runtime_api::http::serve(runtime_api.clone(), runtime_listener);
        tasks.spawn(async move { drop(serving.await) });

        let stream = Stream::open(database, TABLE, &clock)?;
        let (sender, records) = mpsc::channel(100_000);
        let queue = |mapping| Queue { mapping, batches: vec![sender.clone()] };
        tasks.spawn(stream.run(Mapping::all(Duration::from_hours(1)).map(queue).into()));

        let directory = std::env::temp_dir().join(format!("regain-harness-{}", front_address.port()));
        std::fs::create_dir_all(&directory)?;
        let keys = directory.join("keys.json");
        std::fs::write(&keys, regain_bootstrap::keys::generate()?.as_bytes())?;

        let mut environment = environment(&inbox, &format!("http://{front_address}"), &keys);
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let accounts =
            Function::configured(&|name| environment.get(name).cloned(), &[KeyUse::Identifier], |settings| {
                Ok(settings.argon2()?)
            })
            .await?;
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self {
            proxy,
            dynamodb: format!("http://{dynamodb_address}"),
            runtime_api,
            trace: None,
            environment,
            runtime_address,
            inbox,
            http,
            records: Mutex::new(records),
            feedback,
            directory,
            accounts,
            _tasks: tasks,
            _dynamodb: stop_dynamodb,
        })
    }

    /// A directory that goes away with this value.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        &self.directory
    }

    /// Adds somebody with an account.
    ///
    /// # Errors
    /// If that is nobody's address or number, or somebody has it.
    pub async fn add_account(&self, email: &str, phone: Option<&str>, password: &str) -> Result<(), Error> {
        let create = CreateAccount {
            store: self.accounts.table.clone(),
            hasher: hasher(self.accounts.config)?,
            context: self.accounts.context.clone(),
        };
        let account = NewAccount {
            email: Some(EmailAddress::parse(email).ok_or("no email address")?),
            phone: phone.and_then(PhoneNumber::parse),
            locale: None,
            name: None,
            postal_code: None,
            credential: Some(Credential::Password(Password::new(password))),
        };
        create.run(account).await?;
        Ok(())
    }

    /// Starts a process of a function and returns at once. The command is the program, with what arguments
    /// it takes to be the function; `environment` goes on top of the usual one.
    ///
    /// # Errors
    /// If the system does not start it.
    pub fn spawn(
        &self,
        function: &'static str,
        mut command: Command,
        environment: &[(&str, &str)],
    ) -> Result<Instance, Error> {
        let child = command
            .env_clear()
            .envs(&self.environment)
            .envs(environment.iter().copied().filter(|(_, value)| !value.is_empty()))
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api::http::endpoint(self.runtime_address, function, 0))
            .stdin(Stdio::null())
            .stdout(self.output(function)?)
            .kill_on_drop(true);
        for (name, _) in environment.iter().filter(|(_, value)| value.is_empty()) {
            child.env_remove(name);
        }
        Ok(Instance { function, child: child.spawn()? })
    }

    /// Everything that the processes of a function have written so far.
    ///
    /// # Errors
    /// If there was none.
    pub fn log(&self, function: &str) -> Result<String, Error> {
        Ok(std::fs::read_to_string(self.log_file(function))?)
    }

    fn log_file(&self, function: &str) -> PathBuf {
        self.directory.join(function).with_extension("log")
    }

    fn output(&self, function: &str) -> std::io::Result<std::fs::File> {
        std::fs::File::options().create(true).append(true).open(self.log_file(function))
    }

    /// Waits until a function that was spawned asks for its first event.
    ///
    /// # Errors
    /// If it ends instead, or does neither for long.
    pub async fn ready(&self, instance: &mut Instance) -> Result<(), Error> {
        let Instance { function, child } = instance;
        tokio::select! {
            () = self.runtime_api.wait_until_polling(function, 1) => Ok(()),
            status = child.wait() => Err(format!("{function} ended: {}", status?).into()),
            () = tokio::time::sleep(TIMEOUT) => Err(format!("{function} asks for no event").into()),
        }
    }

    /// Ends a process and waits for its end.
    ///
    /// # Errors
    /// If the system does not end it.
    pub async fn stop(&self, mut instance: Instance) -> Result<(), Error> {
        instance.child.kill().await?;
        self.runtime_api.instance_exited(instance.function, 0);
        Ok(())
    }

    /// Has a function handle an event.
    ///
    /// # Errors
    /// If it fails to.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, InvokeError> {
        let payload = Bytes::from(event.to_string());
        let answer = match &self.trace {
            Some(trace) => self.runtime_api.invoke_traced(function, payload, TIMEOUT, trace.clone()).await?,
            None => self.runtime_api.invoke(function, payload, TIMEOUT).await?,
        };
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }

    /// Sends a request through the function that its route names; the status and the body of the answer.
    ///
    /// # Errors
    /// If the function fails.
    pub async fn request(&self, request: &Request<String>) -> Result<(u16, Value), Error> {
        let (function, event) = event(request);
        let answer = self.invoke(function, &event).await?;
        let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let body = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        Ok((status.ok_or("an answer without a status")?, body.unwrap_or_default()))
    }

    /// The next record of the stream that the delivery is for, as its event.
    ///
    /// # Errors
    /// If there is none for long.
    pub async fn next_delivery(&self) -> Result<Value, Error> {
        let next = async { self.records.lock().await.recv().await };
        let record = tokio::time::timeout(TIMEOUT, next).await?.ok_or("the stream ended")?;
        Ok(json!({ "Records": [record.event] }))
    }

    /// The next event that tells of a message that did not arrive.
    ///
    /// # Errors
    /// If there is none for long.
    pub async fn next_feedback(&self) -> Result<Value, Error> {
        let next = async { self.feedback.lock().await.recv().await };
        Ok(tokio::time::timeout(TIMEOUT, next).await??)
    }

    /// Makes sends fail, in the way of the notification gateway's faults.
    ///
    /// # Errors
    /// If that is no fault.
    pub async fn fault(&self, fault: &Value) -> Result<(), Error> {
        self.http.put(format!("{}/faults", self.inbox)).json(fault).send().await?.error_for_status()?;
        Ok(())
    }

    /// The code that was sent with a reference.
    ///
    /// # Errors
    /// If it is not in the inbox.
    pub async fn code(&self, to: &str, reference: &str) -> Result<String, Error> {
        let message = self.message(to, reference).await?;
        Ok(message["code"].as_str().ok_or("the message has no code")?.to_owned())
    }

    /// The message that was sent with a reference.
    ///
    /// # Errors
    /// If it is not in the inbox.
    pub async fn message(&self, to: &str, reference: &str) -> Result<Value, Error> {
        let to = to.replace('+', "%2B");
        let url = format!("{}/messages?to={to}&wait=10", self.inbox);
        let answer: Value = self.http.get(url).send().await?.json().await?;
        let messages = answer["messages"].as_array().cloned().unwrap_or_default();
        let message = messages.into_iter().find(|message| message["reference"] == reference);
        Ok(message.ok_or("the message is not there")?)
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        // Left behind, it is a directory among temporary files.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Instance {
    /// The process's most memory so far, in bytes, as the system counts it.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// The event that the local stack makes of a request, and the function that it goes to.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the gateway's clock is the machine's")]
pub fn event(request: &Request<String>) -> (&'static str, Value) {
    let (parts, body) = request.clone().into_parts();
    let target = api_event::route(parts.method.as_str(), parts.uri.path());
    let arrival = Arrival {
        request_id: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef".to_owned(),
        source: SocketAddr::from(([192, 0, 2, 7], 0)).ip(),
        time: OffsetDateTime::now_utc(),
    };
    (target.function, api_event::build(&parts, &Bytes::from(body), &target, &arrival))
}

/// Serves the table on a free port.
fn serve_table(database: Database) -> Result<(SocketAddr, oneshot::Sender<()>), Error> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    table_server::serve(database, listener, stopped)?;
    Ok((address, stop))
}

fn environment(inbox: &str, dynamodb: &str, keys: &std::path::Path) -> BTreeMap<String, String> {
    const HIGH: &str = "1000000000";
    let keys = keys.display().to_string();
    let variables = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "harness"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "harness"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL", inbox),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("REGAIN_STAGE", "local"),
        ("REGAIN_TABLE", TABLE),
        ("REGAIN_KEYS_FILE", &keys),
        ("REGAIN_ORIGIN", "https://example.com"),
        ("REGAIN_EMAIL_FROM", "Regain <no-reply@example.com>"),
        ("REGAIN_SMS_COUNTRIES", "SE,NO"),
        ("REGAIN_ATTEMPTS_PER_CHALLENGE", HIGH),
        ("REGAIN_RESENDS_PER_CHALLENGE", "1000"),
        ("REGAIN_RESEND_COOLDOWN_SECONDS", "0"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", HIGH),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", HIGH),
        ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", HIGH),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", HIGH),
        ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", HIGH),
        ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR", HIGH),
        ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", HIGH),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", HIGH),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS", HIGH),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
