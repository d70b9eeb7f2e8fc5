//! Log lines: a JSON object each, with the event's own members and those of the spans around it.
//!
//! A field that a span records is also a field of those spans around it that declare it. So a use case notes
//! which challenge it is about, and every line of the request says so, that at its end too.

use std::fmt::Debug;
use std::io::Write;
use std::sync::Mutex;

use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::instant;
use super::metrics::Metrics;

/// Writes the lines.
pub(super) struct Lines {
    pub(super) function: String,
    pub(super) stage: String,
    pub(super) out: Mutex<Box<dyn Write + Send>>,
}

/// Named values in the order in which they were first set.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn extend(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.set(name, value.clone());
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), format!("{value:?}").into());
    }
}

impl Lines {
    /// What every line begins with, and then what the spans know: the inner ones better than the outer.
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
                for (name, value) in recorded.0.iter().filter(|(name, _)| declared.field(name).is_some()) {
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

/// Writes a line with metrics. Without a span around, which is to say in no invocation, there is none.
pub(super) fn write(level: Level, message: &str, fields: &[(&'static str, &str)], metrics: Metrics) {
    with_registry(|registry, lines, id| {
        let scope = registry.span(id).map(|span| span.scope());
        let mut line = lines.begin(level, scope);
        line.set("message", message.into());
        for (name, value) in fields {
            line.set(name, (*value).into());
        }
        line.extend(&metrics.into_members(&lines.stage, instant::milliseconds(instant::now())));
        lines.end(&line);
    });
}

/// What a field of the current span holds.
pub(super) fn noted(name: &str) -> Option<String> {
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
pub(super) mod tests {
    use std::mem::take;
    use std::sync::Arc;

    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::telemetry::metrics::REQUESTS;

    #[derive(Clone, Default)]
    pub(in crate::telemetry) struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        pub(in crate::telemetry) fn layer(&self) -> Lines {
            let out = Mutex::new(Box::new(self.clone()) as Box<dyn Write + Send>);
            Lines { function: "regain-test".to_owned(), stage: "test".to_owned(), out }
        }

        pub(in crate::telemetry) fn lines(&self) -> Vec<Value> {
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
            let metrics = Metrics::new().dimension("Operation", "o").add(REQUESTS, 1);
            write(Level::INFO, "at the end", &[("outcome", "ok")], metrics);
            drop(request);
            write(Level::INFO, "no invocation", &[], Metrics::new());
        });
        let lines = output.lines();
        assert_eq!(lines.len(), 3);
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
    }
}
