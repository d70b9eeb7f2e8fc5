//! The local stack's terminal: one line for each request and each message, and for what functions and the stack itself
//! warn of.
//!
//! A line says what it is about, how that ended, how long it took, which function did it, and the reference that page
//! and message share. It holds no code, token, address, identifier and no id of a challenge: paths are told by their
//! templates, messages by their channel. How a line looks is [`line`]'s, what of the functions' own lines is shown is
//! `function_output`'s, and `exchanges` puts the two together for requests. With `--log-format json` there is no console, and the functions' lines go out as they are.

mod exchanges;
mod function_output;
pub(crate) mod line;

use std::fmt::Debug;
use std::io::{IsTerminal as _, Write};
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::task::JoinSet;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use exchanges::Exchanges;
use function_output::Told;
use line::{Line, Request};

/// What answers where no function does.
pub(crate) const LOCAL_STACK: &str = "local stack";

/// Writes lines for a person. Clones write to the same terminal.
#[derive(Clone)]
pub(crate) struct Console {
    out: Arc<Mutex<Box<dyn Write + Send>>>,
    color: bool,
    exchanges: Arc<Exchanges>,
}

impl Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("color", &self.color).finish_non_exhaustive()
    }
}

impl Console {
    /// On standard error, in colour if that is a terminal and [`NO_COLOR`](https://no-color.org) is not set.
    pub(crate) fn on_standard_error() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let stderr = std::io::stderr();
        let color = stderr.is_terminal() && !refused;
        Self::new(Box::new(stderr), color)
    }

    fn new(out: Box<dyn Write + Send>, color: bool) -> Self {
        Self { out: Arc::new(Mutex::new(out)), color, exchanges: Arc::default() }
    }

    /// Writes a line with the time.
    #[expect(
        clippy::disallowed_methods,
        reason = "a line has the machine's time, however the clock is moved"
    )]
    pub(crate) fn write(&self, line: &Line) {
        let text = line.render(OffsetDateTime::now_utc(), self.color);
        if let Ok(mut out) = self.out.lock() {
            // Whoever closed standard error did not want to know.
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
    }

    /// Shows a request that a function has answered, as soon as that has said what it thinks of it.
    pub(crate) fn answered(&self, id: &str, request: Request) {
        if let Some(request) = self.exchanges.answered(id, request) {
            self.write(&Line::request(request));
        }
    }

    /// Shows the requests of which no function has said anything. To be called when all functions have ended.
    pub(crate) fn finish(&self) {
        for request in self.exchanges.rest() {
            self.write(&Line::request(request));
        }
    }

    /// Shows what a function's process writes, until it has closed both of its outputs, which must be pipes.
    pub(crate) fn follow(&self, function: &'static str, child: &mut Child) -> JoinSet<()> {
        let mut following = JoinSet::new();
        if let Some(output) = child.stdout.take() {
            following.spawn(self.clone().read(function, output));
        }
        if let Some(output) = child.stderr.take() {
            following.spawn(self.clone().read(function, output));
        }
        following
    }

    async fn read(self, function: &'static str, output: impl AsyncRead + Unpin) {
        let mut output = BufReader::new(output);
        let mut text = Vec::new();
        // A pipe that can't be read any more is as good as closed.
        while output.read_until(b'\n', &mut text).await.is_ok_and(|length| length > 0) {
            match function_output::read(function, &String::from_utf8_lossy(&text)) {
                Some(Told::Line(line)) => self.write(&line),
                Some(Told::OfRequest(id, said)) => {
                    if let Some(request) = self.exchanges.said(&id, said) {
                        self.write(&Line::request(request));
                    }
                }
                None => {}
            }
            text.clear();
        }
    }
}

/// Shows what the stack itself warns of.
impl<S: Subscriber> Layer<S> for Console {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let level: Level = *event.metadata().level();
        let function = said.function.as_deref().unwrap_or(LOCAL_STACK);
        self.write(&Line::diagnostic(level, &said.message, function, said.details));
    }
}

/// The fields of an event.
#[derive(Default)]
struct Said {
    message: String,
    function: Option<String>,
    details: Vec<String>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            "function" => self.function = Some(value.to_owned()),
            name => self.details.push(format!("{name}: {value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        fn console(&self) -> Console {
            Console::new(Box::new(self.clone()), false)
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn the_stacks_own_warnings_are_lines_too() {
        let output = Output::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(output.console()), || {
            tracing::error!(function = "meta", error = %"it broke", attempts = 3, "no answer");
            tracing::warn!("the local DynamoDB does not end");
        });
        let text = output.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("no answer") && lines[0].contains("ERROR"), "{text}");
        assert!(lines[0].ends_with("meta              error: it broke, attempts: 3"), "{text}");
        assert!(lines[1].contains("WARN") && lines[1].ends_with(LOCAL_STACK), "{text}");
    }

    #[tokio::test]
    async fn what_a_process_writes_to_either_output_is_read_to_its_end() {
        let script = r#"echo '{"level":"INFO","message":"well"}'; echo '{"level":"WARN","message":"hot"}'
            printf 'broken \377 and no end' >&2"#;
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = Output::default();
        output.console().follow("meta", &mut child).join_all().await;
        child.wait().await.unwrap();
        let text = output.text();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("hot") && text.contains("broken \u{fffd} and no end"), "{text}");
    }
}
