//! A recording proxy in front of the embedded DynamoDB: it notes every call, can hold calls, and injects faults.

use std::future::ready;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use futures_util::stream::once;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// DynamoDB's largest request, in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// A call that a function made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Such as `PutItem`.
    pub operation: String,
    /// The request.
    pub body: Value,
    /// When it arrived.
    pub arrived: Instant,
    /// When its answer was there; none yet if the call is under way.
    pub answered: Option<Instant>,
}

/// The treatment of calls before they are passed on.
#[derive(Clone, Debug)]
pub enum Hold {
    /// Nothing.
    None,
    /// Each waits this long, so that calls that are made together are seen together.
    For(Duration),
    /// The calls come in round trips of these sizes, and those of a round go on when all of them have arrived.
    /// Calls that ought to come together but come one after the other never go on.
    RoundTrips(Vec<usize>),
}

/// The injected fault in the place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedFault {
    /// There is nobody: connections end without an answer.
    Away,
    /// The table takes no more for now.
    Throttled,
    /// The caller's role does not allow it.
    Denied,
}

impl InjectedFault {
    /// The answer of DynamoDB, as its reference has it ("Error handling with DynamoDB"). `None` if it doesn't.
    fn answer(self) -> Option<&'static str> {
        match self {
            Self::Away => None,
            Self::Throttled => Some(
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"The level of configured provisioned throughput for the table was exceeded."}"#,
            ),
            Self::Denied => Some(
                r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: arn:aws:sts::111122223333:assumed-role/regain is not authorized to perform this on resource: arn:aws:dynamodb:eu-north-1:111122223333:table/regain"}"#,
            ),
        }
    }
}

/// The proxy. Clones are the same.
#[derive(Clone)]
pub struct RecordingProxy(Arc<Shared>);

struct Shared {
    upstream: String,
    http: reqwest::Client,
    state: Mutex<Watched>,
    /// How many calls have arrived since the last reset.
    arrived: watch::Sender<usize>,
}

struct Watched {
    calls: Vec<Call>,
    hold: Hold,
    fault: Option<InjectedFault>,
}

impl RecordingProxy {
    /// A front of a DynamoDB.
    pub(crate) fn new(upstream: String) -> Self {
        Self(Arc::new(Shared {
            upstream,
            http: reqwest::Client::builder().no_proxy().build().unwrap_or_default(),
            state: Mutex::new(Watched { calls: Vec::new(), hold: Hold::None, fault: None }),
            arrived: watch::Sender::new(0),
        }))
    }

    /// Forgets what was noted, and holds the calls that come in this way.
    pub fn reset(&self, hold: Hold) {
        let mut state = self.lock();
        state.calls.clear();
        state.hold = hold;
        self.0.arrived.send_replace(0);
    }

    /// Puts calls that come in from here on into fault, or out of it.
    pub fn inject(&self, fault: Option<InjectedFault>) {
        self.lock().fault = fault;
    }

    /// The calls since the last reset, in the order of their arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The number of sequential round trips among calls that were each held for a while: a call that arrives after
    /// the answer to another of the same round starts the next.
    #[must_use]
    pub fn round_trips(calls: &[Call]) -> usize {
        let mut round_trips = 0;
        let mut first_answer: Option<Instant> = None;
        for call in calls {
            if round_trips == 0 || first_answer.is_some_and(|answer| call.arrived >= answer) {
                round_trips += 1;
                first_answer = call.answered;
            } else {
                first_answer = first_answer.into_iter().chain(call.answered).min();
            }
        }
        round_trips
    }

    pub(crate) async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, Router::new().fallback(pass).with_state(self)).await
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call; its number and what holds it.
    #[expect(clippy::disallowed_methods, reason = "a measurement of the machine")]
    fn arrive(&self, operation: String, body: Value) -> (usize, Hold) {
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(Call { operation, body, arrived: Instant::now(), answered: None });
        self.0.arrived.send_replace(number + 1);
        (number, state.hold.clone())
    }

    #[expect(clippy::disallowed_methods, reason = "a measurement of the machine")]
    fn answered(&self, number: usize) {
        if let Some(call) = self.lock().calls.get_mut(number) {
            call.answered = Some(Instant::now());
        }
    }

    async fn wait(&self, number: usize, hold: Hold) {
        match hold {
            Hold::None => {}
            Hold::For(time) => tokio::time::sleep(time).await,
            Hold::RoundTrips(sizes) => {
                let ends = sizes.iter().scan(0, |end, size| {
                    *end += size;
                    Some(*end)
                });
                // A call beyond the last round is not expected and not held: whoever counts will see it.
                let Some(end) = ends.into_iter().find(|end| number < *end) else { return };
                // The sender lives as long as this value.
                let _ = self.0.arrived.subscribe().wait_for(|arrived| *arrived >= end).await;
            }
        }
    }
}

async fn pass(State(proxy): State<RecordingProxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LIMIT).await else { return StatusCode::BAD_REQUEST.into_response() };
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or("?").to_owned();
    let (number, hold) = proxy.arrive(operation, serde_json::from_slice(&body).unwrap_or_default());
    proxy.wait(number, hold).await;
    let fault = proxy.lock().fault;
    if let Some(fault) = fault {
        proxy.answered(number);
        return refuse(fault);
    }
    let request = proxy.0.http.request(parts.method, proxy.0.upstream.as_str()).headers(parts.headers);
    let Ok(answer) = request.body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap_or_default();
    proxy.answered(number);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn refuse(fault: InjectedFault) -> Response {
    let Some(answer) = fault.answer() else {
        // The server gives the connection up before it has sent anything.
        return Response::new(Body::from_stream(once(ready(Err::<Bytes, _>(Error::from(
            ErrorKind::ConnectionReset,
        ))))));
    };
    (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], answer).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any time will do")]
    fn calls_that_overlap_are_one_round() {
        let start = Instant::now();
        let call = |arrived: u64, answered: u64| Call {
            operation: String::new(),
            body: Value::Null,
            arrived: start + Duration::from_millis(arrived),
            answered: Some(start + Duration::from_millis(answered)),
        };
        assert_eq!(RecordingProxy::round_trips(&[]), 0);
        assert_eq!(RecordingProxy::round_trips(&[call(0, 5)]), 1);
        assert_eq!(RecordingProxy::round_trips(&[call(0, 5), call(1, 6), call(2, 9), call(10, 15)]), 2);
        assert_eq!(RecordingProxy::round_trips(&[call(0, 5), call(5, 10), call(10, 15)]), 3);
        assert_eq!(RecordingProxy::round_trips(&[call(0, 9), call(1, 5), call(6, 12)]), 2);
    }
}
