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

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use data_encoding::HEXLOWER;
use regain_crypto::SystemRandom;
use regain_domain::Random as _;
use serde_json::{Map, Value, json};
use tracing::field::Empty;
use tracing::span::{Attributes, Id};
use tracing::{Span, Subscriber, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::instant;
use super::lines::Fields;
use crate::settings::Variables;

/// Where Lambda says that the daemon is.
const DAEMON: &str = "AWS_XRAY_DAEMON_ADDRESS";
/// What stands before each document.
const HEADER: &str = "{\"format\": \"json\", \"version\": 1}\n";
/// The fields of spans that X-Ray is told: no secret, and ids as keyed hashes.
const ANNOTATIONS: &[&str] = &["request_id", "challenge", "account", "channel", "problem"];

/// Sends subsegments.
pub(super) struct XRay {
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
    /// The layer, where there is a daemon.
    pub(super) fn read(variables: Variables<'_>) -> Option<Self> {
        let daemon = variables(DAEMON)?.parse().ok()?;
        Some(Self { daemon, socket: OnceLock::new() })
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
pub(super) fn begin(span: &Span, header: &str) {
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

/// The span of one try of a call to an AWS service, or none if nobody will see it. The service is the one that
/// the request is signed for; the operation stands where the service's protocol has it.
pub(crate) fn call(request: &HttpRequest) -> Span {
    if !is_traced() {
        return Span::none();
    }
    let headers = request.headers();
    // `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …`
    let (service, default) = match headers.get("authorization").and_then(|value| value.split('/').nth(3)) {
        Some("dynamodb") => ("DynamoDB", ""),
        // Its operations are paths, and one is called.
        Some("ses") => ("SES", "SendEmail"),
        Some("sns") => ("SNS", ""),
        _ => ("AWS", ""),
    };
    let target = headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let action = || {
        let body = std::str::from_utf8(request.body().bytes()?).ok()?;
        body.strip_prefix("Action=")?.split('&').next()
    };
    let operation = target.or_else(action).unwrap_or(default);
    info_span!("call", service, aws_operation = operation, status = Empty, fault = Empty)
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
        let mut id = [0; 8];
        if SystemRandom.fill(&mut id).is_ok() {
            let subsegment = Subsegment { id: HEXLOWER.encode(&id), place, start: instant::now() };
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
