//! `stack`: how fast the local stack gets ready, delivers, and carries whole journeys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::try_join_all;
use regain_harness::Error;
use serde_json::json;

use crate::local::{self, Local, PASSWORD, Plan, text};
use crate::programs;
use crate::report::{now, say};
use crate::statistics::{median, quantile};

/// How often things are measured.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Arguments {
    /// Starts of the stack.
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Messages waited for.
    #[arg(long, default_value_t = 100)]
    messages: usize,
    /// Journeys at each concurrency.
    #[arg(long, default_value_t = 100)]
    journeys: usize,
    /// The profile of the stack's program; with `dev` it is what `cargo run` starts.
    #[arg(long, default_value = programs::PROFILE)]
    profile: String,
}

/// OWASP's first choice, and the project's.
const HASH_KIB: u32 = 47_104;
/// So little that it takes no time.
const NO_HASH_KIB: u32 = 64;
/// One password hash to compare the new password with the old, one of the new one, one at sign-in.
const HASHES: &str = "three";

fn email(number: usize) -> String {
    format!("person-{number}@example.com")
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Error> {
    let program = local::build(&arguments.profile)?;
    let people = arguments.messages + 2 * (arguments.journeys + 16);
    let start = |people: usize, hash_kib: u32| {
        let accounts = (0..people).map(email).collect();
        Local::start(Plan { program: &program, accounts, instances: 4, settings: &[], hash_kib })
    };

    let mut ready = Vec::new();
    for _ in 0..arguments.starts {
        ready.push(start(0, HASH_KIB).await?.ready_after);
    }
    say("| what | median | worst |");
    say("| --- | --- | --- |");
    say(&format!("| built to ready, ms | {:.0} | {:.0} |", median(&ready), quantile(&ready, 1.0)));

    let local = Arc::new(start(people, HASH_KIB).await?);
    let next = Arc::new(AtomicUsize::new(0));
    let mut waits = Vec::new();
    for _ in 0..arguments.messages {
        let email = email(next.fetch_add(1, Ordering::Relaxed));
        let asked = local.ask(&email).await?;
        let began = now();
        local.code(&email, &text(&asked, "reference")?).await?;
        waits.push(began.elapsed().as_secs_f64() * 1e3);
    }
    say(&format!(
        "| 202 to message in the inbox, ms | {:.0} | {:.0} |",
        median(&waits),
        quantile(&waits, 1.0)
    ));
    say("");

    say("| journeys at once | a second | the same without a hash's price | the hash's share |");
    say("| --- | --- | --- | --- |");
    let cheap = Arc::new(start(people, NO_HASH_KIB).await?);
    let cheap_next = Arc::new(AtomicUsize::new(0));
    for concurrency in [1, 8] {
        let full = rate(&local, &next, concurrency, arguments.journeys).await?;
        let without = rate(&cheap, &cheap_next, concurrency, arguments.journeys).await?;
        let share = (1.0 - full / without) * 100.0;
        say(&format!("| {concurrency} | {full:.1} | {without:.1} | {share:.0} % |"));
    }
    say("");
    say(&format!("A journey: request, message, verify, new password, sign-in; it hashes {HASHES} times."));
    Ok(())
}

/// Journeys a second.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
async fn rate(
    local: &Arc<Local>,
    next: &Arc<AtomicUsize>,
    concurrency: usize,
    journeys: usize,
) -> Result<f64, Error> {
    // Everybody's first journeys warm the processes up.
    for _ in 0..8 {
        journey(local, next.fetch_add(1, Ordering::Relaxed)).await?;
    }
    let end = next.load(Ordering::Relaxed) + journeys;
    let began = now();
    let workers = (0..concurrency).map(|_| {
        let (local, next) = (Arc::clone(local), Arc::clone(next));
        async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok::<_, Error>(());
                }
                journey(&local, number).await?;
            }
        }
    });
    try_join_all(workers).await?;
    let rate = journeys as f64 / began.elapsed().as_secs_f64();
    next.store(end, Ordering::Relaxed);
    Ok(rate)
}

async fn journey(local: &Local, number: usize) -> Result<(), Error> {
    let email = email(number);
    let asked = local.ask(&email).await?;
    let code = local.code(&email, &text(&asked, "reference")?).await?;
    let path = format!("/v1/challenges/{}/verify", text(&asked, "challenge_id")?);
    let verified = local.expect(200, &path, "", &json!({ "code": code })).await?;
    let token = text(&verified, "verification_token")?;
    let password = format!("{PASSWORD} number {number}");
    local.expect(200, "/v1/password", &token, &json!({ "password": password })).await?;
    let sign_in = json!({ "identifier": email, "password": password });
    local.expect(201, "/v1/sessions", "", &sign_in).await?;
    Ok(())
}
