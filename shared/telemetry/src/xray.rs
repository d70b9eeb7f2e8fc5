//! Traces: each span within a sampled invocation becomes a subsegment, sent to the X-Ray daemon that Lambda runs
//! beside the function
//! (<https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>).
//!
//! A subsegment goes out by itself when its span ends, with the id of the trace and of its parent. What is in it
//! are names, times, whether it failed, and of a span's fields those in [`ANNOTATIONS`]. Without a daemon's address
//! this layer isn't there, and an invocation that isn't sampled costs a look at its header.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tracing::field::Empty;
use tracing::span::{Attributes, Id};
use tracing::{Span, Subscriber, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::fields::Fields;
use crate::instant;

/// The header before each document.
const HEADER: &str = "{\"format\": \"json\", \"version\": 1}\n";
/// The fields of spans that X-Ray is told: no secret, and ids as keyed hashes.
const ANNOTATIONS: &[&str] = &["request_id", "challenge", "account", "channel", "problem"];

/// Sends subsegments.
pub(crate) struct XRay {
    daemon: SocketAddr,
    /// Made by the first subsegment.
    socket: OnceLock<Option<UdpSocket>>,
}

/// Where a span's children belong.
struct Place {
    trace: String,
    parent: String,
}

/// A span that is to be sent.
struct Subsegment {
    id: String,
    place: Place,
    start: Duration,
}

impl XRay {
    pub(crate) fn new(daemon: SocketAddr) -> Self {
        Self { daemon, socket: OnceLock::new() }
    }

    /// Traces are worth no failure: what can't be sent is lost.
    fn send(&self, document: &Value) {
        let open = || {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
            socket.set_nonblocking(true).ok()?;
            Some(socket)
        };
        if let Some(socket) = self.socket.get_or_init(open) {
            let _ = socket.send_to(format!("{HEADER}{document}").as_bytes(), self.daemon);
        }
    }
}

/// Begins the trace of an invocation, if its header (`Root=…;Parent=…;Sampled=1`) says that it is sampled. The
/// invocation itself is a segment that Lambda sends.
pub(crate) fn begin(span: &Span, header: &str) {
    let part = |name: &str| {
        let mut parts = header.split(';').filter_map(|part| part.trim().split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let Some(trace) = part("Root") else { return };
    span.record("trace_id", trace.as_str());
    if let (Some(parent), Some("1")) = (part("Parent"), part("Sampled").as_deref()) {
        span.with_subscriber(|(id, dispatch)| {
            dispatch.downcast_ref::<XRay>()?;
            let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
            span.extensions_mut().insert(Place { trace, parent });
            Some(())
        });
    }
}

/// Whether the current span is sent: then its children are too.
fn is_traced() -> bool {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        let extensions = span.extensions();
        Some(extensions.get::<Place>().is_some() || extensions.get::<Subsegment>().is_some())
    });
    found.flatten().unwrap_or(false)
}

/// The span of one try of a call to an AWS service, or none if nobody will see it. `named` gives the names of the
/// service and of its operation, and is asked only if the span will be sent. `status` and `fault` are for the caller to
/// record.
pub fn call<'a>(named: impl FnOnce() -> (&'a str, &'a str)) -> Span {
    if !is_traced() {
        return Span::none();
    }
    let (service, operation) = named();
    info_span!("call", service, aws_operation = operation, status = Empty, fault = Empty)
}

/// A random id for a subsegment.
#[expect(clippy::disallowed_methods, reason = "an id of a trace, which no rule goes by")]
fn new_id() -> Option<String> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).ok()?;
    Some(format!("{:016x}", u64::from_ne_bytes(id)))
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for XRay {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some(parent) = span.parent() else { return };
        let place = {
            let extensions = parent.extensions();
            match (extensions.get::<Subsegment>(), extensions.get::<Place>()) {
                (Some(Subsegment { id, place, .. }), _) => {
                    Place { trace: place.trace.clone(), parent: id.clone() }
                }
                (None, Some(Place { trace, parent })) => {
                    Place { trace: trace.clone(), parent: parent.clone() }
                }
                (None, None) => return,
            }
        };
        if let Some(id) = new_id() {
            let subsegment = Subsegment { id, place, start: instant::now() };
            span.extensions_mut().insert(subsegment);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let extensions = span.extensions();
        if let Some(subsegment) = extensions.get::<Subsegment>() {
            let none = Fields::default();
            let fields = extensions.get::<Fields>().unwrap_or(&none);
            self.send(&document(span.name(), subsegment, fields, instant::now()));
        }
    }
}

/// A subsegment's document. A request that we answer 5xx is a fault, 4xx the caller's error; a call that AWS
/// answers 4xx is neither, because that is how the table says that a condition fails.
fn document(name: &str, subsegment: &Subsegment, fields: &Fields, end: Duration) -> Value {
    let Subsegment { id, place: Place { trace, parent }, start } = subsegment;
    let text = |name| fields.get(name).and_then(Value::as_str);
    let service = text("service");
    let mut document = json!({
        "type": "subsegment",
        "name": service.or(text("operation")).unwrap_or(name),
        "id": id,
        "trace_id": trace,
        "parent_id": parent,
        "start_time": start.as_secs_f64(),
        "end_time": end.as_secs_f64(),
    });
    if service.is_some() {
        document["namespace"] = "aws".into();
        document["aws"] = json!({"operation": text("aws_operation")});
    }
    let status = fields.get("status").and_then(Value::as_u64);
    if let Some(status) = status {
        document["http"] = json!({"response": {"status": status}});
    }
    match status {
        Some(429) => {
            document["error"] = true.into();
            document["throttle"] = true.into();
        }
        Some(500..) => document["fault"] = true.into(),
        Some(400..) if service.is_none() => document["error"] = true.into(),
        _ => {}
    }
    if fields.get("fault").is_some() {
        document["fault"] = true.into();
    }
    let annotations: Map<String, Value> =
        ANNOTATIONS.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(name)?.clone()))).collect();
    if !annotations.is_empty() {
        document["annotations"] = annotations.into();
    }
    document
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::lines::tests::Output;

    const HEADER_OF_A_TRACE: &str = "Root=1-2-3;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0";

    /// The documents that a daemon is sent in an invocation with a header.
    fn sent(header: &str, happens: impl FnOnce()) -> Vec<Value> {
        let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
        daemon.set_nonblocking(true).unwrap();
        let xray = XRay::new(daemon.local_addr().unwrap());
        let layers = tracing_subscriber::registry().with(Output::default().layer()).with(xray);
        tracing::subscriber::with_default(layers, || {
            let invocation = info_span!("invocation", trace_id = Empty);
            begin(&invocation, header);
            invocation.in_scope(happens);
        });
        let mut documents = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length) = daemon.recv(&mut buffer) {
            let text = std::str::from_utf8(&buffer[..length]).unwrap();
            documents.push(serde_json::from_str(text.strip_prefix(HEADER).unwrap()).unwrap());
        }
        documents
    }

    /// A span of a request with an answer.
    fn answer(status: u16) {
        let _request = info_span!("request", operation = "signIn", status, secret = "secret").entered();
    }

    #[test]
    fn a_span_is_a_subsegment_of_the_one_around_it() {
        let documents = sent(HEADER_OF_A_TRACE, || {
            let _outer = info_span!("outer", challenge = "hash").entered();
            let _inner = info_span!("inner", fault = true).entered();
        });
        let [inner, outer] = documents.as_slice() else { panic!("{documents:?}") };
        assert_eq!((&outer["name"], &outer["parent_id"]), (&json!("outer"), &json!("53995c3f42cd8ad8")));
        assert_eq!((&inner["parent_id"], &inner["trace_id"]), (&outer["id"], &json!("1-2-3")));
        assert_eq!((&inner["fault"], outer.get("fault")), (&json!(true), None));
        assert_eq!(outer["annotations"], json!({"challenge": "hash"}));
    }

    #[test]
    fn an_answer_says_whose_error_it_is_and_fields_stay_here() {
        for (status, flags) in [(200, [0, 0, 0]), (404, [1, 0, 0]), (429, [1, 1, 0]), (503, [0, 0, 1])] {
            let documents = sent(HEADER_OF_A_TRACE, || answer(status));
            let told = |name: &str| u8::from(documents[0][name] == true);
            assert_eq!([told("error"), told("throttle"), told("fault")], flags, "{status}");
            assert_eq!(documents[0]["name"], "signIn");
            assert!(!documents[0].to_string().contains("secret"));
        }
    }

    #[test]
    fn what_is_not_sampled_is_not_sent() {
        for header in
            ["", "Root=1-2-3", "Root=1-2-3;Parent=5;Sampled=0", "Root=1-2-3;Sampled=1", "Parent=5;Sampled=1"]
        {
            let documents = sent(header, || {
                answer(200);
                assert!(!is_traced());
            });
            assert!(documents.is_empty(), "{header}: {documents:?}");
        }
    }
}
