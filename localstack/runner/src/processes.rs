//! The functions' processes: several of each, started anew when they end, all gone when the stack ends.
//!
//! The environment of a function belongs here too.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::console::Console;
use crate::functions::FUNCTIONS;
use crate::ready::Urls;
use crate::runtime_api::RuntimeApi;
use crate::runtime_api::http::endpoint;

/// After this many starts in a row in which a process ended before it asked for an event, the stack ends.
const START_ATTEMPTS: u32 = 3;

/// How long a function may take until it asks for its first event. Lambda waits for
/// [ten seconds](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html); many processes that
/// start at once on a small machine take longer.
pub(crate) const INIT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the last words of a process that has ended are waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);

const FIRST_BACK_OFF: Duration = Duration::from_millis(50);

/// Where an X-Ray daemon listens, if the person runs one.
pub(crate) const XRAY_DAEMON: &str = "AWS_XRAY_DAEMON_ADDRESS";

/// The limits by caller's address are high, because on one machine everybody has the same address.
const DEFAULTS: &[(&str, &str)] = &[
    ("REGAIN_STAGE", "local"),
    ("REGAIN_EMAIL_FROM", "Regain <no-reply@example.com>"),
    ("REGAIN_SMS_COUNTRIES", "SE,NO,DK,FI,DE,GB,US"),
    ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "100000"),
    ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "100000"),
    ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", "100000"),
    // Nobody pays for messages here, and those who try things out type few of the codes.
    ("REGAIN_SMS_PER_COUNTRY_PER_DAY", "100000"),
    ("REGAIN_SMS_PER_NUMBER_BLOCK_PER_DAY", "100000"),
    ("REGAIN_SMS_PER_NUMBER_PER_DAY", "100000"),
    ("REGAIN_SMS_CONVERSION_PERCENT", "0"),
];

/// Why the functions cannot be kept running.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// A function ends before it handles anything; its own message is on standard error.
    #[error("the function {function} does not start ({status}); its own message stands above")]
    DoesNotStart {
        /// The function.
        function: &'static str,
        /// How its process ended.
        status: ExitStatus,
    },
    /// A function neither asks for an event nor ends.
    #[error("the function {function} has not asked for an event within {limit:?} of its start")]
    Hangs {
        /// The function.
        function: &'static str,
        /// The port that it had.
        limit: Duration,
    },
    /// The system does not start or wait for a process.
    #[error("cannot run the function {function}: {source}")]
    System {
        /// The function.
        function: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

/// The environment of every function's process: ours as far as it is about Regain or logging, what Lambda
/// sets, the endpoints, and defaults for what the person has not set.
pub(crate) fn environment(
    own: impl Iterator<Item = (String, String)>,
    urls: &Urls,
    keys_file: &Path,
    clock_file: &Path,
) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<_, _> = own
        // An empty one counts as unset, here as for the functions.
        .filter(|(_, value)| !value.is_empty())
        .filter(|(name, _)| {
            name.starts_with("REGAIN_")
                || matches!(name.as_str(), "RUST_LOG" | "RUST_BACKTRACE" | XRAY_DAEMON)
        })
        .collect();
    let fixed = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &urls.dynamodb),
        ("AWS_ENDPOINT_URL_SESV2", &urls.notifications),
        ("AWS_ENDPOINT_URL_SNS", &urls.notifications),
    ];
    for (name, value) in fixed {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let keys_file = keys_file.display().to_string();
    // Not a default: the whole stack has one clock.
    environment.insert("REGAIN_CLOCK_FILE".to_owned(), clock_file.display().to_string());
    let from_the_stack = [
        ("REGAIN_TABLE", &urls.table),
        ("REGAIN_ORIGIN", &urls.api),
        ("REGAIN_KEYS_FILE", &keys_file),
        ("REGAIN_INBOX_URL", &urls.notifications),
    ];
    let defaults = from_the_stack.map(|(name, value)| (name, value.as_str()));
    for (name, value) in defaults.into_iter().chain(DEFAULTS.iter().copied()) {
        environment.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    environment
}

/// The common part of all processes.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The program that becomes a function when it is told its name.
    pub(crate) program: PathBuf,
    /// The environment, apart from what names the function.
    pub(crate) environment: BTreeMap<String, String>,
    /// The address of the Runtime API.
    pub(crate) runtime_api: std::net::SocketAddr,
    /// How many processes of each function.
    pub(crate) instances: u16,
    /// How long a function may take until it asks for its first event.
    pub(crate) init_timeout: Duration,
    /// Shows what functions write. Without one it goes to standard error as it is.
    pub(crate) console: Option<Console>,
}

/// Keeps the processes. Dropping it kills them, [`Supervisor::stop`] also waits for their end.
#[derive(Debug)]
pub(crate) struct Supervisor {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    failures: mpsc::Receiver<ProcessError>,
}

impl Supervisor {
    /// Starts every function and returns when all of their processes wait for events.
    pub(crate) async fn start(api: &RuntimeApi, plan: Plan) -> Result<Self, ProcessError> {
        let (failed, failures) = mpsc::channel(1);
        let mut supervisor = Self { tasks: JoinSet::new(), stop: watch::Sender::new(false), failures };
        let plan = Arc::new(plan);
        let worker = |function, instance, stop| Worker {
            api: api.clone(),
            plan: Arc::clone(&plan),
            function,
            instance,
            stop,
            failed: failed.clone(),
        };
        // One process of each first, one after the other: a mistake in the configuration is then told once
        // and not by every process.
        for function in FUNCTIONS {
            supervisor.tasks.spawn(worker(function, 0, supervisor.stop.subscribe()).keep_running());
            supervisor.until_polling(api, function, 1, plan.init_timeout).await?;
        }
        for function in FUNCTIONS {
            for instance in 1..plan.instances {
                supervisor
                    .tasks
                    .spawn(worker(function, instance, supervisor.stop.subscribe()).keep_running());
            }
        }
        for function in FUNCTIONS {
            supervisor.until_polling(api, function, plan.instances, plan.init_timeout).await?;
        }
        Ok(supervisor)
    }

    /// Waits for a function that cannot be kept running.
    pub(crate) async fn failure(&mut self) -> ProcessError {
        match self.failures.recv().await {
            Some(error) => error,
            // Every process has been stopped on purpose.
            None => std::future::pending().await,
        }
    }

    /// Kills every process and waits until the last has ended.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }

    async fn until_polling(
        &mut self,
        api: &RuntimeApi,
        function: &'static str,
        instances: u16,
        limit: Duration,
    ) -> Result<(), ProcessError> {
        tokio::select! {
            () = api.wait_until_polling(function, instances) => Ok(()),
            error = self.failure() => Err(error),
            () = tokio::time::sleep(limit) => Err(ProcessError::Hangs { function, limit }),
        }
    }
}

/// Keeps one instance of one function running.
struct Worker {
    api: RuntimeApi,
    plan: Arc<Plan>,
    function: &'static str,
    instance: u16,
    stop: watch::Receiver<bool>,
    failed: mpsc::Sender<ProcessError>,
}

impl Worker {
    async fn keep_running(mut self) {
        let mut attempts = 0;
        loop {
            let ended = match self.run_once().await {
                Ok(None) => return,
                Ok(Some(status)) => self.judge(status, &mut attempts),
                Err(source) => Err(ProcessError::System { function: self.function, source }),
            };
            if let Err(error) = ended {
                // One failure is enough to end the stack; further ones have nobody to tell.
                let _ = self.failed.try_send(error);
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(FIRST_BACK_OFF * 2_u32.pow(attempts)) => {}
                () = stopped(&mut self.stop) => return,
            }
        }
    }

    /// Runs one process to its end; `None` if the stack ended it.
    async fn run_once(&mut self) -> io::Result<Option<ExitStatus>> {
        let overdue = self.api.instance_started(self.function, self.instance);
        let mut child = self.spawn()?;
        let following = self.plan.console.as_ref().map(|console| console.follow(self.function, &mut child));
        let status = tokio::select! {
            status = child.wait() => Some(status?),
            () = overdue.notified() => {
                tracing::error!(function = self.function, "a function overran its time and is stopped");
                child.kill().await?;
                child.wait().await.map(Some)?
            }
            () = stopped(&mut self.stop) => {
                child.kill().await?;
                None
            }
        };
        if let Some(following) = following {
            // Whoever has inherited the pipes may hold them open.
            let _ = tokio::time::timeout(LAST_WORDS, following.join_all()).await;
        }
        Ok(status)
    }

    /// Decides whether a process that has ended is started again.
    fn judge(&self, status: ExitStatus, attempts: &mut u32) -> Result<(), ProcessError> {
        if self.api.instance_exited(self.function, self.instance) {
            *attempts = 0;
            tracing::warn!(function = self.function, %status, "a function's process ended and is started again");
            return Ok(());
        }
        *attempts += 1;
        // A function that has never worked and says so itself will say the same again.
        let hopeless = status.code().is_some() && !self.api.has_polled(self.function);
        if hopeless || *attempts >= START_ATTEMPTS {
            return Err(ProcessError::DoesNotStart { function: self.function, status });
        }
        Ok(())
    }

    fn spawn(&self) -> io::Result<Child> {
        let output = || match self.plan.console {
            Some(_) => Ok(Stdio::piped()),
            None => io::stderr().as_fd().try_clone_to_owned().map(Stdio::from),
        };
        Command::new(&self.plan.program)
            .args(["function", self.function])
            .env_clear()
            .envs(&self.plan.environment)
            .env("AWS_LAMBDA_FUNCTION_NAME", self.function)
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.function))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{}", self.instance))
            .env("AWS_LAMBDA_RUNTIME_API", endpoint(self.plan.runtime_api, self.function, self.instance))
            .stdin(Stdio::null())
            .stdout(output()?)
            .stderr(output()?)
            // Ctrl-C in a terminal goes to a whole process group: only the stack shall get it, so that it
            // can end the functions in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// Waits until the stack ends, or is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn made(own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let urls = Urls {
            api: "http://api".to_owned(),
            notifications: "http://notifications".to_owned(),
            dynamodb: "http://dynamodb".to_owned(),
            table: "regain".to_owned(),
        };
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        environment(own, &urls, Path::new("/keys.json"), Path::new("/clock"))
    }

    #[tokio::test]
    async fn a_function_that_hangs_at_its_start_is_given_up_and_named() {
        let directory = std::env::temp_dir().join(format!("regain-test-{}", crate::ids::uuid()));
        std::fs::create_dir(&directory).unwrap();
        let program = directory.join("hangs");
        std::fs::write(&program, "#!/bin/sh\nexec sleep 600\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let runtime_api = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
        let init_timeout = Duration::from_millis(100);
        let plan = Plan {
            program,
            environment: BTreeMap::new(),
            runtime_api,
            instances: 1,
            init_timeout,
            console: None,
        };
        let error = Supervisor::start(&RuntimeApi::new(FUNCTIONS), plan).await.unwrap_err();
        let first = FUNCTIONS[0];
        assert_eq!(
            error.to_string(),
            format!("the function {first} has not asked for an event within 100ms of its start")
        );
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn functions_get_what_lambda_and_the_stack_set() {
        let environment = made(&[]);
        assert_eq!(environment["AWS_ENDPOINT_URL_SESV2"], "http://notifications");
        assert_eq!(environment["AWS_ENDPOINT_URL_DYNAMODB"], "http://dynamodb");
        assert_eq!(environment["REGAIN_ORIGIN"], "http://api");
        assert_eq!(environment["REGAIN_KEYS_FILE"], "/keys.json");
        assert_eq!(environment["REGAIN_STAGE"], "local");
    }

    #[test]
    fn what_is_set_to_nothing_is_not_set() {
        let environment = made(&[("REGAIN_KEYS_FILE", ""), ("REGAIN_STAGE", ""), ("REGAIN_TABLE", "")]);
        assert_eq!(environment["REGAIN_KEYS_FILE"], "/keys.json");
        assert_eq!(environment["REGAIN_STAGE"], "local");
        assert!(!environment["REGAIN_TABLE"].is_empty());
    }

    #[test]
    fn what_the_person_sets_wins_over_defaults_and_nothing_else_leaks() {
        let own = [
            ("REGAIN_STAGE", "test"),
            ("REGAIN_CODE_LENGTH", "8"),
            ("RUST_LOG", "debug"),
            ("HOME", "/home/person"),
            ("AWS_SECRET_ACCESS_KEY", "real"),
            ("AWS_PROFILE", "production"),
        ];
        let environment = made(&own);
        assert_eq!(environment["REGAIN_STAGE"], "test");
        assert_eq!(environment["REGAIN_CODE_LENGTH"], "8");
        assert_eq!(environment["RUST_LOG"], "debug");
        assert_eq!(environment["AWS_SECRET_ACCESS_KEY"], "local");
        assert!(!environment.contains_key("HOME"));
        assert!(!environment.contains_key("AWS_PROFILE"));
    }
}
