//! `timing`: whether time tells a known identifier from an unknown one, over the whole local stack.
//!
//! Samples come in pairs, a known and an unknown one in either order by chance; whatever a sample leaves to be
//! delivered is delivered before the next begins. Before each sample the same is done, unmeasured, for
//! somebody who is unknown: what a delivery leaves in the machine's caches would else make the sample after
//! it faster or slower, and in pairs that is more often the other one's. There is one process of each
//! function, so that both go through the same.

use regain_harness::Error;
use serde_json::{Value, json};

use crate::local::{self, Local, Plan, text};
use crate::programs;
use crate::report::{now, say};
use crate::statistics::{Random, compare, median};

/// The measurement, and how often it is made.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Arguments {
    /// Pairs of samples of each operation.
    #[arg(long, default_value_t = 2_000)]
    pairs: usize,
    /// The cost of a hash, in KiB of memory; with 64 a sign-in shows what the rest of it takes.
    #[arg(long, default_value_t = OWASP_KIB)]
    hash_kib: u32,
    /// Measure only these: request, resend, verify, sign-in. All by default.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

const HIGH: &str = "1000000000";
const SETTINGS: [(&str, &str); 12] = [
    ("REGAIN_CODE_LIFETIME_SECONDS", "86400"),
    ("REGAIN_RESEND_COOLDOWN_SECONDS", "0"),
    ("REGAIN_RESENDS_PER_CHALLENGE", "1000"),
    ("REGAIN_ATTEMPTS_PER_CHALLENGE", HIGH),
    ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", HIGH),
    ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_DAY", HIGH),
    ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", HIGH),
    ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", HIGH),
    ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR", HIGH),
    ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", HIGH),
    ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", HIGH),
    ("REGAIN_CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS", HIGH),
];
/// How many people there are of each kind.
const PEOPLE: usize = 100;
/// Pairs that are thrown away: the first hash of a process fills its buffer, the first call connects.
const WARM_UP: usize = 20;
/// OWASP's first choice, and the project's.
const OWASP_KIB: u32 = 47_104;

/// One side of each pair.
struct Side {
    /// The middle of the addresses; both are of one length.
    name: &'static str,
    challenges: Vec<String>,
    times: Vec<f64>,
}

impl Side {
    fn email(&self, number: usize) -> String {
        format!("{}-{:04}@example.com", self.name, number % PEOPLE)
    }
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Error> {
    let mut sides = [side("person"), side("nobody")];
    let mut before = side("before");
    let accounts = (0..PEOPLE).map(|number| sides[0].email(number)).collect();
    let program = local::build(programs::PROFILE)?;
    let plan =
        Plan { program: &program, accounts, instances: 1, settings: &SETTINGS, hash_kib: arguments.hash_kib };
    let local = Local::start(plan).await?;
    for side in sides.iter_mut().chain([&mut before]) {
        for number in 0..PEOPLE {
            let challenge = text(&local.ask(&side.email(number)).await?, "challenge_id")?;
            local.drained(&challenge).await?;
            side.challenges.push(challenge);
        }
    }
    say(
        "Known less unknown, in microseconds, with 95 % intervals (bootstrap for medians, Welch for means); p by",
    );
    say("Mann and Whitney.");
    say("");
    say("| operation | pairs | median, known | unknown | of medians | of means | p |");
    say("| --- | --- | --- | --- | --- | --- | --- |");
    for operation in [Operation::Request, Operation::Resend, Operation::Verify, Operation::SignIn] {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| only == operation.name()) {
            continue;
        }
        measure(&local, operation, &mut sides, &before, arguments.pairs).await?;
    }
    Ok(())
}

fn side(name: &'static str) -> Side {
    Side { name, challenges: Vec::new(), times: Vec::new() }
}

#[derive(Clone, Copy)]
enum Operation {
    Request,
    Resend,
    Verify,
    SignIn,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Resend => "resend",
            Self::Verify => "verify",
            Self::SignIn => "sign-in",
        }
    }

    /// Where a sample goes, what it says, and the status that answers it.
    fn request(self, side: &Side, number: usize) -> (String, Value, u16) {
        let challenge = &side.challenges[number % PEOPLE];
        match self {
            Self::Request => ("/v1/challenges".to_owned(), json!({ "identifier": side.email(number) }), 202),
            Self::Resend => (format!("/v1/challenges/{challenge}/resend"), json!({}), 202),
            Self::Verify => (format!("/v1/challenges/{challenge}/verify"), json!({ "code": "000000" }), 422),
            Self::SignIn => {
                let body = json!({ "identifier": side.email(number), "password": "not the right password" });
                ("/v1/sessions".to_owned(), body, 401)
            }
        }
    }
}

async fn measure(
    local: &Local,
    operation: Operation,
    sides: &mut [Side; 2],
    before: &Side,
    pairs: usize,
) -> Result<(), Error> {
    let mut random = Random(0x00c0_ffee);
    for side in sides.iter_mut() {
        side.times.clear();
    }
    for number in 0..pairs + WARM_UP {
        let first = usize::from(random.next() >> 63 == 1);
        for place in [first, 1 - first] {
            sample(local, operation, before, number).await?;
            let side = &mut sides[place];
            let time = sample(local, operation, side, number).await?;
            if number >= WARM_UP {
                side.times.push(time);
            }
        }
    }
    let [known, unknown] = sides;
    let difference = compare(&known.times, &unknown.times);
    let interval = |(low, high): (f64, f64)| format!("[{low:+.1}, {high:+.1}]");
    say(&format!(
        "| {} | {pairs} | {:.0} | {:.0} | {:+.1} {} | {:+.1} {} | {:.3} |",
        operation.name(),
        median(&known.times),
        median(&unknown.times),
        difference.of_medians,
        interval(difference.of_medians_interval),
        difference.of_means,
        interval(difference.of_means_interval),
        difference.p,
    ));
    Ok(())
}

/// Does it once and waits until all of it is delivered: how long the answer took, in microseconds.
async fn sample(local: &Local, operation: Operation, side: &Side, number: usize) -> Result<f64, Error> {
    let (path, body, status) = operation.request(side, number);
    let began = now();
    let answer = local.post(&path, "", &body).await?;
    let time = began.elapsed().as_secs_f64() * 1e6;
    if answer.0 != status {
        return Err(format!("{path}: {answer:?}").into());
    }
    if matches!(operation, Operation::Request | Operation::Resend) {
        local.drained(&text(&answer.1, "challenge_id")?).await?;
    }
    Ok(time)
}
