//! Events for every function that do its real work, prepared so that nothing but it is measured.

use axum::http::Request;
use regain_harness::{DELIVERY, EMPTY, Error, FEEDBACK, FUNCTIONS, Harness, Instance};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::pages;

pub(crate) const PASSWORD: &str = "an old and well known secret";
pub(crate) const NEW_PASSWORD: &str = "seven green lamps by the sea";
const WRONG_PASSWORD: &str = "not the password of anybody";

/// A function's work, and events that make it do so.
pub(crate) struct Step {
    /// The function.
    pub(crate) function: &'static str,
    /// The work, for people.
    pub(crate) name: &'static str,
    /// The status of the answer; `None` for a batch of records, which has none.
    pub(crate) status: Option<u16>,
    /// Whether it hashes a password, or can't be repeated: then it is measured less often.
    pub(crate) is_slow: bool,
    /// The events. What changes something once has as many as it is measured times.
    events: Vec<Value>,
    next: usize,
}

impl Step {
    pub(crate) fn new(
        function: &'static str,
        name: &'static str,
        status: impl Into<Option<u16>>,
        events: Vec<Value>,
    ) -> Self {
        Self { function, name, status: status.into(), is_slow: false, events, next: 0 }
    }

    /// Measured less often.
    pub(crate) fn slow(self) -> Self {
        Self { is_slow: true, ..self }
    }

    /// The work of the empty function.
    pub(crate) fn plain() -> Result<Self, Error> {
        Ok(Self::new(EMPTY, "plain", 200, vec![plain()?]))
    }

    /// The next event; the first again after the last.
    pub(crate) fn event(&mut self) -> &Value {
        let event = &self.events[self.next % self.events.len()];
        self.next += 1;
        event
    }
}

/// How often a step that can't be repeated is measured.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    /// As a function's first event, with its keys from a file and from a secret.
    pub(crate) first: usize,
    /// Warm.
    pub(crate) warm: usize,
    /// Warm, where a password is hashed or a code is used up.
    pub(crate) warm_slow: usize,
}

/// Puts accounts and challenges into the table and makes the events; the functions do the work.
pub(crate) async fn prepare(
    harness: &Harness,
    program: impl Fn(&'static str) -> Command,
    counts: Counts,
) -> Result<Vec<Step>, Error> {
    let mut instances = Vec::new();
    for function in FUNCTIONS {
        let mut instance = harness.spawn(function, program(function), &[])?;
        harness.ready(&mut instance).await?;
        instances.push(instance);
    }
    let steps = make(harness, counts).await?;
    stop(harness, instances).await?;
    Ok(steps)
}

async fn stop(harness: &Harness, instances: Vec<Instance>) -> Result<(), Error> {
    for instance in instances {
        harness.stop(instance).await?;
    }
    Ok(())
}

async fn make(harness: &Harness, counts: Counts) -> Result<Vec<Step>, Error> {
    // One more for the calls, which are counted by themselves, and one to warm up.
    let (once, slow) = (2 * counts.first + counts.warm + 2, 2 * counts.first + counts.warm_slow + 2);
    let alice = "alice@example.com";
    harness.add_account(alice, None, PASSWORD).await?;

    let mut deliveries = Vec::new();
    let mut challenge = String::new();
    for _ in 0..once {
        let (id, _) = ask(harness, alice).await?;
        deliveries.push(harness.next_delivery().await?);
        challenge = id;
    }
    let mut resends = Vec::new();
    for _ in 0..once.div_ceil(500) {
        let (id, _) = ask(harness, alice).await?;
        harness.next_delivery().await?;
        resends.extend(std::iter::repeat_n(resend(&id), 500));
    }
    let (mut rights, mut passwords) = (Vec::new(), Vec::new());
    for number in 0..slow {
        // A new password makes the account's other codes worthless: each has an account of its own.
        let (guesser, changer) =
            (format!("guesser-{number}@example.com"), format!("changer-{number}@example.com"));
        for email in [&guesser, &changer] {
            harness.add_account(email, None, PASSWORD).await?;
        }
        rights.push(with_code(harness, &guesser).await?);
        let verified = post(harness, with_code(harness, &changer).await?.1).await?;
        let token = text(&verified, "verification_token")?;
        let body = json!({ "password": NEW_PASSWORD });
        passwords.push(event(&request("/v1/password", &body, &token)?));
    }
    // Taken again, it does the same work.
    let bounced = "bounced@example.com";
    harness.add_account(bounced, None, PASSWORD).await?;
    harness.fault(&json!({ "to": bounced, "fault": "bounce" })).await?;
    ask(harness, bounced).await?;
    harness.invoke(DELIVERY, &harness.next_delivery().await?).await?;
    let bounce = harness.next_feedback().await?;

    let signed_in = post(harness, request("/v1/sessions", &sign_in(alice, PASSWORD), "")?).await?;
    let session = text(&signed_in, "session_token")?;
    let check = Request::get("/v1/sessions/current").header("authorization", format!("Bearer {session}"));

    let again = |request: Request<String>| vec![event(&request)];
    let wrong = again(request("/v1/sessions", &sign_in(alice, WRONG_PASSWORD), "")?);
    let sign_in = again(request("/v1/sessions", &sign_in(alice, PASSWORD), "")?);
    let rights = rights.iter().map(|(_, guess)| event(guess)).collect();
    let mut steps = vec![
        Step::new("request-code", "request", 202, again(request("/v1/challenges", &identifier(alice), "")?)),
        Step::new("resend-code", "resend", 202, resends.iter().map(event).collect()),
        Step::new("verify-code", "wrong code", 422, again(guess(&challenge, "000000")?)),
        Step::new("verify-code", "right code", 200, rights).slow(),
        Step::new("set-password", "new password", 200, passwords).slow(),
        Step::new("sessions", "session check", 200, again(check.body(String::new())?)),
        Step::new("sessions", "sign-in", 201, sign_in).slow(),
        Step::new("sessions", "sign-in, wrong", 401, wrong).slow(),
        Step::new(DELIVERY, "code by email", None, deliveries),
        Step::new(FEEDBACK, "bounce", None, vec![bounce]),
        Step::new("meta", "health", 200, again(Request::get("/v1/health").body(String::new())?)),
    ];
    steps.extend(pages::make(harness, counts.warm_slow + 2).await?);
    Ok(steps)
}

/// An event of the API for the empty function.
pub(crate) fn plain() -> Result<Value, Error> {
    Ok(event(&Request::get("/v1/health").body(String::new())?))
}

/// The event of a request.
pub(crate) fn event(request: &Request<String>) -> Value {
    regain_harness::event(request).1
}

/// A request with a token, if it isn't empty.
fn request(path: &str, body: &Value, token: &str) -> Result<Request<String>, Error> {
    let request = Request::post(path).header("content-type", "application/json");
    let request =
        if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
    Ok(request.body(body.to_string())?)
}

fn identifier(identifier: &str) -> Value {
    json!({ "identifier": identifier })
}

fn sign_in(identifier: &str, password: &str) -> Value {
    json!({ "identifier": identifier, "password": password })
}

fn guess(challenge: &str, code: &str) -> Result<Request<String>, Error> {
    request(&format!("/v1/challenges/{challenge}/verify"), &json!({ "code": code }), "")
}

fn resend(challenge: &str) -> Request<String> {
    let path = format!("/v1/challenges/{challenge}/resend");
    // The path is made of letters and digits.
    request(&path, &json!({}), "").unwrap_or_default()
}

async fn post(harness: &Harness, request: Request<String>) -> Result<Value, Error> {
    let (status, body) = harness.request(&request).await?;
    if status < 300 { Ok(body) } else { Err(format!("{}: {body}", request.uri()).into()) }
}

/// Asks for a code: challenge and reference.
async fn ask(harness: &Harness, who: &str) -> Result<(String, String), Error> {
    let asked = post(harness, request("/v1/challenges", &identifier(who), "")?).await?;
    Ok((text(&asked, "challenge_id")?, text(&asked, "reference")?))
}

/// Asks for a code, has it delivered and reads it: the challenge and the right guess at it.
async fn with_code(harness: &Harness, who: &str) -> Result<(String, Request<String>), Error> {
    let (challenge, reference) = ask(harness, who).await?;
    harness.invoke(DELIVERY, &harness.next_delivery().await?).await?;
    let code = harness.code(who, &reference).await?;
    let guess = guess(&challenge, &code)?;
    Ok((challenge, guess))
}

fn text(body: &Value, name: &str) -> Result<String, Error> {
    Ok(body[name].as_str().ok_or_else(|| format!("no {name} in {body}"))?.to_owned())
}
