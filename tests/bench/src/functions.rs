//! `functions`: what each function weighs, how fast it starts and answers, what memory it takes, and how often
//! it calls DynamoDB, each beside an empty function of `lambda_http` where that makes sense.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use regain_harness::{EMPTY, Error, FUNCTIONS, Harness, Hold, RecordingProxy};
use serde_json::Value;
use tokio::process::Command;

use crate::prepared::{self, Counts, Step};
use crate::programs;
use crate::report::{now, say};
use crate::statistics::median;

/// How long each call is held while round trips are counted: calls made together arrive within it.
const HOLD: Duration = Duration::from_millis(10);

/// AWS's own endpoints, as a deployed function has them.
const DEPLOYED: [(&str, &str); 3] =
    [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_DYNAMODB", ""), ("REGAIN_STAGE", "local")];

/// How often things are measured.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Arguments {
    /// Starts of each function, each beside one of the empty function.
    #[arg(long, default_value_t = 40)]
    starts: usize,
    /// Events to a warm function.
    #[arg(long, default_value_t = 300)]
    warm: usize,
    /// Events to a warm function that can't be repeated or hash a password.
    #[arg(long, default_value_t = 30)]
    warm_slow: usize,
    /// A directory with programs that are there, to be measured in the place of new ones.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// A directory with programs of another version. Then starts alone are measured, of both by turns.
    #[arg(long)]
    before: Option<PathBuf>,
}

/// One start.
struct Start {
    next: f64,
    answer: f64,
}

/// The bench.
struct Bench {
    harness: Harness,
    directory: PathBuf,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Error> {
    let packages: Vec<String> =
        FUNCTIONS.into_iter().chain([EMPTY]).map(|name| format!("regain-{name}")).collect();
    let built = match &arguments.programs {
        Some(directory) => directory.clone(),
        None => programs::build(&packages, programs::PROFILE)?,
    };
    let harness = Harness::start(&[
        ("REGAIN_CODE_LIFETIME_SECONDS", "86400"),
        ("REGAIN_TOKEN_LIFETIME_SECONDS", "86400"),
    ])
    .await?;
    let directory = harness.directory().join("functions");
    copy(&built, &directory)?;
    let bench = Bench { harness, directory };
    if let Some(before) = &arguments.before {
        let directory = bench.harness.directory().join("before");
        copy(before, &directory)?;
        return bench.versions(&directory, arguments.starts).await;
    }
    let counts = Counts { first: arguments.starts, warm: arguments.warm, warm_slow: arguments.warm_slow };
    let mut steps = prepared::prepare(&bench.harness, |name| bench.program(name), counts).await?;
    bench.starts(&mut steps, &arguments).await?;
    bench.steps(&mut steps, &arguments).await
}

impl Bench {
    fn program(&self, function: &str) -> Command {
        Command::new(self.directory.join(function))
    }

    /// Starts a process of this version.
    async fn start(
        &self,
        function: &'static str,
        event: Option<&Value>,
        environment: &[(&str, &str)],
    ) -> Result<Start, Error> {
        self.start_program(function, self.program(function), event, environment).await
    }

    /// Starts a process, waits for its first `next` and, if there is an event, for its answer.
    async fn start_program(
        &self,
        function: &'static str,
        program: Command,
        event: Option<&Value>,
        environment: &[(&str, &str)],
    ) -> Result<Start, Error> {
        let began = now();
        let mut instance = self.harness.spawn(function, program, environment)?;
        self.harness.ready(&mut instance).await?;
        let next = milliseconds(began);
        if let Some(event) = event {
            self.harness.invoke(function, event).await?;
        }
        let answer = milliseconds(began);
        self.harness.stop(instance).await?;
        Ok(Start { next, answer })
    }

    async fn starts(&self, steps: &mut [Step], arguments: &Arguments) -> Result<(), Error> {
        say(
            "Starts, median of the ratios to an empty function started just before or after. `next` is with AWS's",
        );
        say(
            "own endpoints (TLS roots read), `answer` with the local ones and the function's real work, and `secret`",
        );
        say("the same with the keys fetched from a Secrets Manager that answers at once.");
        say("");
        say(
            "| function | stripped MB | exec to next, ms | × empty | exec to answer, ms | × empty | secret, ms | × empty |",
        );
        say("| --- | --- | --- | --- | --- | --- | --- | --- |");
        let plain = prepared::plain()?;
        let direct = [("AWS_ENDPOINT_URL_DYNAMODB", self.harness.dynamodb.as_str())];
        let secrets =
            secrets_manager(std::fs::read_to_string(&self.harness.environment["REGAIN_KEYS_FILE"])?).await?;
        let with_secret = [
            direct[0],
            ("REGAIN_KEYS_FILE", ""),
            ("REGAIN_KEYS_SECRET", "keys"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &secrets),
        ];
        let mut empties: Vec<Start> = Vec::new();
        for function in FUNCTIONS {
            let step = steps.iter_mut().find(|step| step.function == function).ok_or("no step")?;
            let (mut next, mut answer, mut secret) = (Pairs::default(), Pairs::default(), Pairs::default());
            for round in 0..arguments.starts {
                // In either order by turns, so that neither always runs on a machine that the other has warmed.
                let before =
                    if round % 2 == 0 { Some(self.start(EMPTY, Some(&plain), &[]).await?) } else { None };
                let own_next = self.start(function, None, &DEPLOYED).await?;
                let event = step.event().clone();
                let own_answer = self.start(function, Some(&event), &direct).await?;
                let event = step.event().clone();
                let own_secret = self.start(function, Some(&event), &with_secret).await?;
                let empty = match before {
                    Some(empty) => empty,
                    None => self.start(EMPTY, Some(&plain), &[]).await?,
                };
                next.push(own_next.next, empty.next);
                answer.push(own_answer.answer, empty.answer);
                secret.push(own_secret.answer, empty.answer);
                empties.push(empty);
            }
            let (next, answer, secret) = (next.cells(), answer.cells(), secret.cells());
            say(&format!("| {function} | {:.2} | {next} | {answer} | {secret} |", self.size(function)?));
        }
        let of = |time: fn(&Start) -> f64| median(&empties.iter().map(time).collect::<Vec<_>>());
        let (size, next, answer) = (self.size(EMPTY)?, of(|s| s.next), of(|s| s.answer));
        say(&format!("| empty | {size:.2} | {next:.2} | 1 | {answer:.2} | 1 | – | – |"));
        say("");
        Ok(())
    }

    /// Compares the starts of two versions of each function that both have, and of an empty one, to the first `next`.
    async fn versions(&self, before: &Path, starts: usize) -> Result<(), Error> {
        say("| function | bytes before | bytes after | before, × empty | after, × empty | after, × before |");
        say("| --- | --- | --- | --- | --- | --- |");
        let both_have =
            |function: &&str| [before, &self.directory].iter().all(|one| one.join(function).exists());
        for function in FUNCTIONS.into_iter().filter(both_have) {
            let (mut old, mut new, mut both) = (Pairs::default(), Pairs::default(), Pairs::default());
            for round in 0..starts {
                let empty = self.start(EMPTY, None, &[]).await?.next;
                let mut times = [0.0; 2];
                // In either order by turns, so that neither always runs on a machine that the other has warmed.
                for version in [round % 2, 1 - round % 2] {
                    let directory = if version == 0 { before } else { &self.directory };
                    let program = Command::new(directory.join(function));
                    times[version] = self.start_program(function, program, None, &DEPLOYED).await?.next;
                }
                old.push(times[0], empty);
                new.push(times[1], empty);
                both.push(times[1], times[0]);
            }
            let bytes = |directory: &Path| Ok::<_, Error>(std::fs::metadata(directory.join(function))?.len());
            let (was, is) = (bytes(before)?, bytes(&self.directory)?);
            let (old, new, both) = (old.ratio(), new.ratio(), both.ratio());
            say(&format!("| {function} | {was} | {is} | {old:.2} | {new:.2} | {both:.2} |"));
        }
        Ok(())
    }

    async fn steps(&self, steps: &mut [Step], arguments: &Arguments) -> Result<(), Error> {
        say("Warm, DynamoDB on the same machine. The round trips are those that wait for each other.");
        say("");
        say("| function | step | p50, ms | p95, ms | peak memory, MiB | calls | round trips |");
        say("| --- | --- | --- | --- | --- | --- | --- |");
        for step in steps {
            let count = if step.is_slow { arguments.warm_slow } else { arguments.warm };
            let (times, peak) = self.warm(step, count).await?;
            let (calls, round_trips) = self.calls(step).await?;
            say(&format!(
                "| {} | {} | {:.2} | {:.2} | {:.1} | {calls} | {round_trips} |",
                step.function,
                step.name,
                median(&times),
                crate::statistics::quantile(&times, 0.95),
                peak / 1_048_576.0,
            ));
        }
        let mut empty = Step::plain()?;
        let (times, peak) = self.warm(&mut empty, arguments.warm).await?;
        let (p50, p95) = (median(&times), crate::statistics::quantile(&times, 0.95));
        say(&format!("| empty | – | {p50:.2} | {p95:.2} | {:.1} | 0 | 0 |", peak / 1_048_576.0));
        Ok(())
    }

    /// The times of events to one warm process, and its most memory.
    async fn warm(&self, step: &mut Step, count: usize) -> Result<(Vec<f64>, f64), Error> {
        let function = step.function;
        let direct = [("AWS_ENDPOINT_URL_DYNAMODB", self.harness.dynamodb.as_str())];
        let mut instance = self.harness.spawn(function, self.program(function), &direct)?;
        self.harness.ready(&mut instance).await?;
        let mut times = Vec::new();
        for number in 0..=count {
            let event = step.event().clone();
            let began = now();
            let answer = self.harness.invoke(function, &event).await?;
            // The first event connects, and the first hash fills its buffer.
            if number > 0 {
                times.push(milliseconds(began));
            }
            check(step, &answer)?;
        }
        let peak = instance.peak_memory().ok_or("the system does not tell a process's memory")?;
        self.harness.stop(instance).await?;
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^53 bytes")]
        Ok((times, peak as f64))
    }

    /// The calls and the sequential round trips of one event.
    async fn calls(&self, step: &mut Step) -> Result<(usize, usize), Error> {
        let function = step.function;
        let mut instance = self.harness.spawn(function, self.program(function), &[])?;
        self.harness.ready(&mut instance).await?;
        self.harness.proxy.reset(Hold::For(HOLD));
        let answer = self.harness.invoke(function, &step.event().clone()).await?;
        check(step, &answer)?;
        let calls = self.harness.proxy.calls();
        self.harness.proxy.reset(Hold::None);
        self.harness.stop(instance).await?;
        Ok((calls.len(), RecordingProxy::round_trips(&calls)))
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
    fn size(&self, function: &str) -> Result<f64, Error> {
        let path: &Path = &self.directory;
        Ok(std::fs::metadata(path.join(function))?.len() as f64 / 1e6)
    }
}

/// Copies the programs: a linker writes here and there, which leaves a file in small pieces in the system's cache
/// and makes its start a tenth slower than that of the same bytes written from begin to end, as a deployment is.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to)?;
    for function in FUNCTIONS.into_iter().chain([EMPTY]).filter(|function| from.join(function).exists()) {
        std::fs::copy(from.join(function), to.join(function))?;
    }
    Ok(())
}

/// A Secrets Manager that has one secret; its URL. It ends with this program.
async fn secrets_manager(secret: String) -> Result<String, Error> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let answer = serde_json::json!({ "SecretString": secret }).to_string();
    let router = axum::Router::new().fallback(async move || answer);
    tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    Ok(url)
}

/// Fails unless the step did what its name says.
fn check(step: &Step, answer: &Value) -> Result<(), Error> {
    let is_fine = match step.status {
        Some(status) => answer["statusCode"] == status,
        None => answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty),
    };
    if is_fine { Ok(()) } else { Err(format!("{}: {answer}", step.name).into()) }
}

/// Times of a function and of the empty one, measured side by side.
#[derive(Default)]
struct Pairs {
    own: Vec<f64>,
    ratios: Vec<f64>,
}

impl Pairs {
    fn push(&mut self, own: f64, empty: f64) {
        self.own.push(own);
        self.ratios.push(own / empty);
    }

    fn ratio(&self) -> f64 {
        median(&self.ratios)
    }

    fn cells(&self) -> String {
        format!("{:.2} | {:.2}", median(&self.own), self.ratio())
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
