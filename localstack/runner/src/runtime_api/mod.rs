//! The Lambda service as the functions see it: an invocation waits for an instance, an instance handles one
//! event at a time, and an instance that dies or overruns takes its invocation with it.
//!
//! Queueing belongs here, the wire protocol in [`http`], and the processes in `processes`.

pub mod http;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use crate::ids;

/// How many events may wait for an instance of one function; Lambda's own limit is 1,000 at a time.
const QUEUE_LIMIT: usize = 1_000;

/// Why an invocation has no answer.
#[derive(Debug, Error)]
pub enum InvokeError {
    /// The function reported an error; this is its JSON.
    #[error("the function failed: {0}")]
    Function(String),
    /// The function did not answer in time and was stopped.
    #[error("the function timed out")]
    Timeout,
    /// The process ended while it had the event.
    #[error("the function's process ended during the invocation")]
    Crashed,
    /// Too many events wait already.
    #[error("too many events wait for the function")]
    Overloaded,
    /// There is no such function.
    #[error("there is no function of this name")]
    Unknown,
}

/// The next event for an instance.
#[derive(Debug)]
pub(crate) struct Event {
    request_id: String,
    trace_id: String,
    /// When the function must have answered, in milliseconds of the Unix epoch.
    deadline_ms: u128,
    payload: Bytes,
}

/// Answers events by the functions' instances. Clones share the queues.
#[derive(Clone, Debug)]
pub struct RuntimeApi {
    functions: Arc<HashMap<&'static str, Function>>,
    sampled: bool,
}

#[derive(Debug)]
struct Function {
    queue: Mutex<Queue>,
    /// How many instances have asked for an event since they started.
    polling: watch::Sender<usize>,
    has_polled: AtomicBool,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Invocation>,
    idle: VecDeque<Poller>,
    running: HashMap<u16, Running>,
    polling: HashSet<u16>,
    overdue: HashMap<u16, Arc<Notify>>,
}

type Reply = oneshot::Sender<Result<Bytes, InvokeError>>;

#[derive(Debug)]
struct Invocation {
    event: Event,
    reply: Reply,
}

#[derive(Debug)]
struct Poller {
    instance: u16,
    deliver: oneshot::Sender<Event>,
}

#[derive(Debug)]
struct Running {
    request_id: String,
    trace_id: String,
    since: Instant,
    reply: Reply,
    /// Goes away with this value, which whoever waits for the end of the invocation hears.
    over: watch::Sender<()>,
}

impl Running {
    fn new(event: &Event, reply: Reply) -> Self {
        let (request_id, trace_id) = (event.request_id.clone(), event.trace_id.clone());
        Self { request_id, trace_id, since: Instant::now(), reply, over: watch::Sender::new(()) }
    }
}

impl RuntimeApi {
    /// Queues for these functions, with no instance yet.
    pub fn new(functions: impl IntoIterator<Item = &'static str>) -> Self {
        let functions = functions.into_iter().map(|name| (name, Function::new())).collect();
        Self { functions: Arc::new(functions), sampled: false }
    }

    /// The same, with each invocation's trace sampled or not: it is worth it where an X-Ray daemon listens.
    #[must_use]
    pub(crate) fn sampling(self, sampled: bool) -> Self {
        Self { sampled, ..self }
    }

    /// Has a function handle an event and waits for its answer, at most for `timeout`. An instance that
    /// overruns is stopped, as on Lambda.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub async fn invoke(
        &self,
        function: &str,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, InvokeError> {
        let seconds = i64::try_from(epoch_time().as_secs()).unwrap_or_default();
        self.invoke_traced(function, payload, timeout, ids::trace_of_invocation(seconds, self.sampled)).await
    }

    /// The same, as a part of the trace that an X-Ray header names.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub async fn invoke_traced(
        &self,
        function: &str,
        payload: Bytes,
        timeout: Duration,
        trace_id: String,
    ) -> Result<Bytes, InvokeError> {
        let function = self.functions.get(function).ok_or(InvokeError::Unknown)?;
        let event = Event {
            request_id: ids::uuid(),
            trace_id,
            deadline_ms: (epoch_time() + timeout).as_millis(),
            payload,
        };
        let request_id = event.request_id.clone();
        let (reply, answer) = oneshot::channel();
        function.submit(Invocation { event, reply })?;
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(result)) => result,
            // The sender went away with the instance that had the event.
            Ok(Err(_)) => Err(InvokeError::Crashed),
            Err(_) => {
                function.expire(&request_id);
                Err(InvokeError::Timeout)
            }
        }
    }

    /// Waits until this many instances of the function have asked for an event.
    pub async fn wait_until_polling(&self, function: &str, instances: u16) {
        if let Some(function) = self.functions.get(function) {
            // The sender lives as long as the function, so this ends only with the count reached.
            let _ = function.polling.subscribe().wait_for(|count| *count >= usize::from(instances)).await;
        }
    }

    /// Waits until every event that the function handles now has been answered, or has failed. Events that come
    /// meanwhile are not waited for.
    pub(crate) async fn wait_until_handled(&self, function: &str) {
        let Some(function) = self.functions.get(function) else { return };
        let under_way: Vec<_> =
            function.lock().running.values().map(|running| running.over.subscribe()).collect();
        for mut over in under_way {
            // Nothing is ever sent: this ends when the sender goes away.
            let _ = over.changed().await;
        }
    }

    /// The function that handles the invocation of a trace header now, and for how long it has.
    pub(crate) fn handling(&self, trace_id: &str) -> Option<(&'static str, Duration)> {
        self.functions.iter().find_map(|(name, function)| {
            let queue = function.lock();
            let running = queue.running.values().find(|running| running.trace_id == trace_id)?;
            Some((*name, running.since.elapsed()))
        })
    }

    /// Whether any instance of the function has ever asked for an event.
    pub(crate) fn has_polled(&self, function: &str) -> bool {
        self.functions.get(function).is_some_and(|function| function.has_polled.load(Ordering::Relaxed))
    }

    /// Notes that a process starts as this instance; it must be stopped when the returned signal is given.
    pub(crate) fn instance_started(&self, function: &str, instance: u16) -> Arc<Notify> {
        let overdue = Arc::new(Notify::new());
        if let Some(function) = self.functions.get(function) {
            function.lock().overdue.insert(instance, Arc::clone(&overdue));
        }
        overdue
    }

    /// Notes that the instance's process has ended: its invocation fails at once. Says whether the process
    /// had asked for an event, which is to say whether it had initialised.
    #[expect(clippy::must_use_candidate, reason = "what happens counts, and only some want to know more")]
    pub fn instance_exited(&self, function: &str, instance: u16) -> bool {
        let Some(function) = self.functions.get(function) else { return false };
        let mut queue = function.lock();
        queue.running.remove(&instance);
        queue.overdue.remove(&instance);
        queue.idle.retain(|poller| poller.instance != instance);
        let had_polled = queue.polling.remove(&instance);
        function.polling.send_replace(queue.polling.len());
        had_polled
    }

    /// The next event for an instance. `None` when there is no such function, or when the instance has asked
    /// anew meanwhile.
    async fn next(&self, function: &str, instance: u16) -> Option<Event> {
        let receiver = match self.functions.get(function)?.next(instance) {
            Next::Now(event) => return Some(event),
            Next::Later(receiver) => receiver,
        };
        receiver.await.ok()
    }

    /// Takes an instance's answer; `false` if it does not have this event (any more).
    fn answer(
        &self,
        function: &str,
        instance: u16,
        request_id: &str,
        result: Result<Bytes, InvokeError>,
    ) -> bool {
        self.functions.get(function).is_some_and(|function| function.answer(instance, request_id, result))
    }
}

/// The time since the Unix epoch. Deadlines are real ones, however far the functions' own clock is moved.
#[expect(clippy::disallowed_methods, reason = "the Lambda service's clock is the machine's")]
fn epoch_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

enum Next {
    Now(Event),
    Later(oneshot::Receiver<Event>),
}

impl Function {
    fn new() -> Self {
        Self { queue: Mutex::default(), polling: watch::Sender::new(0), has_polled: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, invocation: Invocation) -> Result<(), InvokeError> {
        let Invocation { mut event, mut reply } = invocation;
        let mut queue = self.lock();
        while let Some(poller) = queue.idle.pop_front() {
            let running = Running::new(&event, reply);
            match poller.deliver.send(event) {
                Ok(()) => {
                    queue.running.insert(poller.instance, running);
                    return Ok(());
                }
                // The instance hung up; its process is about to be found dead.
                Err(undelivered) => (event, reply) = (undelivered, running.reply),
            }
        }
        if queue.waiting.len() >= QUEUE_LIMIT {
            return Err(InvokeError::Overloaded);
        }
        queue.waiting.push_back(Invocation { event, reply });
        Ok(())
    }

    fn next(&self, instance: u16) -> Next {
        let mut queue = self.lock();
        // An instance that asks again has nothing to say about the event that it had.
        queue.running.remove(&instance);
        queue.idle.retain(|poller| poller.instance != instance);
        if queue.polling.insert(instance) {
            self.has_polled.store(true, Ordering::Relaxed);
            self.polling.send_replace(queue.polling.len());
        }
        if let Some(Invocation { event, reply }) = queue.waiting.pop_front() {
            queue.running.insert(instance, Running::new(&event, reply));
            return Next::Now(event);
        }
        let (deliver, receiver) = oneshot::channel();
        queue.idle.push_back(Poller { instance, deliver });
        Next::Later(receiver)
    }

    fn answer(&self, instance: u16, request_id: &str, result: Result<Bytes, InvokeError>) -> bool {
        let mut queue = self.lock();
        if queue.running.get(&instance).is_none_or(|running| running.request_id != request_id) {
            return false;
        }
        let Some(running) = queue.running.remove(&instance) else { return false };
        // Whoever asked may have gone away; the function has done its work all the same.
        let _ = running.reply.send(result);
        true
    }

    fn expire(&self, request_id: &str) {
        let mut queue = self.lock();
        queue.waiting.retain(|invocation| invocation.event.request_id != request_id);
        let late = queue.running.iter().find(|(_, running)| running.request_id == request_id);
        let Some(instance) = late.map(|(instance, _)| *instance) else { return };
        queue.running.remove(&instance);
        if let Some(overdue) = queue.overdue.get(&instance) {
            overdue.notify_one();
        }
    }
}
