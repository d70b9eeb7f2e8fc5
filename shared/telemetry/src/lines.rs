//! Log lines: a JSON object each, with the event's own members and those of the spans around it.
//!
//! A field that a span records is also a field of those spans around it that declare it. So a use case notes
//! which challenge it is about, and every line of the request says so, that at its end too.

use std::io::Write;
use std::sync::Mutex;

use serde_json::Value;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::fields::Fields;
use crate::instant;
use crate::metrics::{Metric, Metrics};

/// Writes the lines.
pub(crate) struct Lines {
    pub(crate) function: String,
    pub(crate) stage: String,
    pub(crate) out: Mutex<Box<dyn Write + Send>>,
}

impl Lines {
    /// The first members of every line, and then those of the spans: inner ones override outer ones.
    fn begin<'a, S>(&self, level: Level, scope: Option<Scope<'a, S>>) -> Fields
    where
        S: LookupSpan<'a>,
    {
        let mut line = Fields::default();
        line.set("timestamp", instant::rfc3339(instant::now()).into());
        line.set("level", level.as_str().into());
        line.set("function", self.function.as_str().into());
        for span in scope.into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields);
            }
        }
        line
    }

    /// Writes a whole line at once, so that those of several processes don't mix.
    fn end(&self, line: &Fields) {
        let Ok(mut text) = serde_json::to_vec(line) else { return };
        text.push(b'\n');
        if let Ok(mut out) = self.out.lock() {
            // Who closed standard output did not want to know.
            let _ = out.write_all(&text).and_then(|()| out.flush());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut recorded = Fields::default();
        values.record(&mut recorded);
        for span in context.span_scope(id).into_iter().flatten() {
            let declared = span.metadata().fields();
            if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
                for (name, value) in recorded.iter().filter(|(name, _)| declared.field(name).is_some()) {
                    fields.set(name, value.clone());
                }
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = self.begin(*event.metadata().level(), context.event_scope(event));
        line.set("target", event.metadata().target().into());
        event.record(&mut line);
        self.end(&line);
    }
}

/// A line with metrics or for operators to wait for, declared by the function or crate that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its level.
    pub level: Level,
    /// Its message: the words that queries look for.
    pub message: &'static str,
    /// The fields of its own, beside those of the spans around it.
    pub fields: &'static [&'static str],
    /// The meaning, and what to do about it: sentences for operators.
    pub meaning: &'static str,
}

impl Line {
    /// A line at `info`.
    #[must_use]
    pub const fn info(message: &'static str, fields: &'static [&'static str], meaning: &'static str) -> Self {
        Self { level: Level::INFO, message, fields, meaning }
    }

    /// A line at `warn`.
    #[must_use]
    pub const fn warn(message: &'static str, fields: &'static [&'static str], meaning: &'static str) -> Self {
        Self { level: Level::WARN, message, fields, meaning }
    }

    /// A line at `error`.
    #[must_use]
    pub const fn error(
        message: &'static str,
        fields: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self { level: Level::ERROR, message, fields, meaning }
    }

    /// Writes the line, with the values of its fields in their order, and with the metrics that the current span has
    /// [counted](count). Outside of spans, which is to say in no invocation, nothing is written.
    pub fn write<const FIELDS: usize>(self, values: [&str; FIELDS], mut metrics: Metrics) {
        debug_assert_eq!(FIELDS, self.fields.len(), "{}", self.message);
        with_registry(|registry, lines, id| {
            let span = registry.span(id);
            let counted = span.as_ref().and_then(|span| span.extensions_mut().remove::<Consumed>());
            metrics.extend(counted.unwrap_or_default().0);
            let mut line = lines.begin(self.level, span.map(|span| span.scope()));
            line.set("message", self.message.into());
            for (name, value) in self.fields.iter().zip(values) {
                line.set(name, value.into());
            }
            line.extend(&metrics.into_members(&lines.stage, instant::milliseconds(instant::now())));
            lines.end(&line);
        });
    }
}

/// The metrics that a span has counted for its line.
#[derive(Default)]
struct Consumed(Vec<(Metric, Value)>);

/// Counts one for a metric in the line that the current span is going to write.
pub fn count(metric: Metric) {
    with_registry(|registry, _, id| {
        let span = registry.span(id)?;
        let mut extensions = span.extensions_mut();
        if extensions.get_mut::<Consumed>().is_none() {
            extensions.insert(Consumed::default());
        }
        extensions.get_mut::<Consumed>()?.0.push((metric, 1.into()));
        Some(())
    });
}

/// The value of a field of the current span.
#[must_use]
pub fn noted(name: &str) -> Option<String> {
    with_registry(|registry, _, id| {
        let span = registry.span(id)?;
        let extensions = span.extensions();
        extensions.get::<Fields>()?.get(name)?.as_str().map(str::to_owned)
    })
    .flatten()
}

fn with_registry<T>(then: impl FnOnce(&Registry, &Lines, &Id) -> T) -> Option<T> {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        Some(then(dispatch.downcast_ref::<Registry>()?, dispatch.downcast_ref::<Lines>()?, id))
    });
    found.flatten()
}

/// A line as the tests of this crate read it.
#[cfg(test)]
pub(crate) mod tests {
    use std::mem::take;
    use std::sync::Arc;

    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const REQUESTS: Metric = Metric::count("Requests", &[&["Operation"]], "Requests.");
    const VERIFIED: Metric = Metric::count("Verified", &[&[], &["Channel"]], "Right codes.");
    const ANSWERED: Line = Line::info("at the end", &["outcome"], "One for each.");

    #[derive(Clone, Default)]
    pub(crate) struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        pub(crate) fn layer(&self) -> Lines {
            let out = Mutex::new(Box::new(self.clone()) as Box<dyn Write + Send>);
            Lines { function: "regain-test".to_owned(), stage: "test".to_owned(), out }
        }

        pub(crate) fn lines(&self) -> Vec<Value> {
            let text = String::from_utf8(take(&mut *self.0.lock().unwrap())).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    #[test]
    fn a_line_has_what_the_spans_around_it_know() {
        let output = Output::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(output.layer()), || {
            tracing::info!("before");
            let request = tracing::info_span!("request", request_id = "r", challenge = Empty).entered();
            {
                let _inner = tracing::info_span!("inner", request_id = "i", challenge = Empty).entered();
                let _innermost = tracing::info_span!("innermost", challenge = Empty, own = 1).entered();
                Span::current().record("challenge", "c");
                tracing::warn!(cause = %"x\"y", "inside");
            }
            assert_eq!(noted("challenge").as_deref(), Some("c"));
            assert_eq!(noted("own"), None);
            count(VERIFIED);
            let metrics = Metrics::new().dimension("Operation", "o").add(REQUESTS, 1);
            ANSWERED.write(["ok"], metrics);
            ANSWERED.write(["again"], Metrics::new());
            drop(request);
            count(VERIFIED);
            ANSWERED.write(["no invocation"], Metrics::new());
        });
        let lines = output.lines();
        assert_eq!(lines.len(), 4);
        assert_eq!((&lines[0]["message"], &lines[0]["function"]), (&"before".into(), &"regain-test".into()));
        assert_eq!(lines[0].get("request_id"), None);
        let inside = &lines[1];
        assert_eq!(
            (&inside["request_id"], &inside["challenge"], &inside["own"]),
            (&"i".into(), &"c".into(), &1.into())
        );
        assert_eq!((&inside["level"], &inside["cause"]), (&"WARN".into(), &"x\"y".into()));
        let end = &lines[2];
        assert_eq!(
            (&end["request_id"], &end["challenge"], &end["outcome"]),
            (&"r".into(), &"c".into(), &"ok".into())
        );
        assert_eq!((&end["Requests"], &end["Stage"], end.get("own")), (&1.into(), &"test".into(), None));
        assert_eq!((&end["Verified"], lines[3].get("Verified")), (&1.into(), None));
    }
}
