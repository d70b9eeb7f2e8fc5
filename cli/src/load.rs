//! Loading accounts into the table: those of a file, and the demo accounts.

use std::fmt;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use regain_bootstrap::config::Argon2Parameters;
use regain_bootstrap::{Function, hasher};
use regain_domain::port::{AccountStore, PasswordHasher};
use regain_domain::usecase::create_account::{CreateAccount, CreateAccountError};
use regain_domain::{Channel, Fault, KeyUse};
use tokio::time::Interval;

use crate::accounts_file::{Lines, parse};
use crate::error::{Error, with_causes};
use crate::export::FileFormat;
use crate::in_flight::{InFlight, Settled};
use crate::rehearsal::Rehearsal;

/// The accounts that are always there, as lines of an accounts file.
const DEMO_ACCOUNTS: [&str; 2] = [
    r#"{"email": "alice@example.com", "phone": "+46701740605", "postal_code": "11455", "locale": "sv",
        "name": "Alice", "password": "correct horse battery staple"}"#,
    r#"{"email": "bob@example.com", "locale": "en", "name": "Bob", "password": "correct horse battery staple"}"#,
];

/// The demo accounts' addresses and their password, for people.
pub const DEMO_SUMMARY: &str =
    "alice@example.com, +46701740605 and bob@example.com, password \"correct horse battery staple\"";

/// After how many seconds it is said again how far the loading has come.
const PROGRESS_SECONDS: u64 = 5;

/// A file of accounts.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What its lines look like.
    pub(crate) format: FileFormat,
    /// The first line to load, from 1.
    pub(crate) from_line: u64,
}

/// The result of adding accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them: lines that aren't blank, and demo accounts.
    all: u64,
    /// Those that are new.
    pub added: u64,
    /// Lines of which one account has every address.
    already_there: u64,
    /// Lines of which another account has an address.
    taken: u64,
    /// Lines that can't be taken.
    refused: u64,
}

impl Counts {
    /// Whether every line's account was added.
    fn is_complete(self) -> bool {
        (self.already_there, self.taken, self.refused) == (0, 0, 0)
    }
}

/// The identifiers that are taken, if any.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, what) in [
            (self.already_there, "already there"),
            (self.taken, "with an address that is taken"),
            (self.refused, "refused"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// Whom lines are told about that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlreadyThere {
    /// Everybody.
    Told,
    /// Nobody; they are counted. A stack with data meets the same file at each start.
    Counted,
}

/// Loads the accounts of the file, then the demo accounts. Tells what isn't loaded on standard error.
///
/// # Errors
/// Whatever stops the loading, with its causes in one line.
pub async fn seed(
    function: &Function<Argon2Parameters>,
    file: Option<&Path>,
    already_there: AlreadyThere,
) -> Result<Counts, Error> {
    let mut load = Load::new(use_cases(function, &function.table)?, std::io::stderr());
    load.already_there = already_there;
    let file = file.map(|path| Source { path: path.to_owned(), format: FileFormat::Regain, from_line: 1 });
    load.file_and_demo(file.as_ref(), true).await.map_err(with_causes)?;
    Ok(load.counts)
}

/// Loads the accounts of the file into the table that this process's environment names, or says what would
/// come of it. Whether every account was added.
pub(crate) fn run(file: Option<&Source>, demo: bool, dry_run: bool) -> Result<bool, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (result, counts) = runtime.block_on(async {
        let function = Function::start(&[KeyUse::Identifier], |settings| Ok(settings.argon2()?)).await?;
        Ok::<_, Error>(if dry_run {
            let table = Rehearsal::on(function.table.clone());
            let mut load = Load::new(use_cases(&function, &table)?, std::io::stderr());
            load.hashes = false;
            (load.file_and_demo(file, demo).await, load.counts)
        } else {
            let mut load = Load::new(use_cases(&function, &function.table)?, std::io::stderr());
            (load.file_and_demo(file, demo).await, load.counts)
        })
    })?;
    let are = if dry_run { "would be" } else { "are" };
    if result.is_ok() || counts.all > 0 {
        // Whoever closed standard output did not want to know.
        let _ = writeln!(std::io::stdout(), "{} of {} accounts {are} new{counts}", counts.added, counts.all);
    }
    result.map(|()| counts.is_complete())
}

/// The use case for each processor: a hasher takes one hash at a time.
fn use_cases<S: Clone>(
    function: &Function<Argon2Parameters>,
    store: &S,
) -> Result<Vec<Arc<CreateAccount<S, impl PasswordHasher + use<S>>>>, Error> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let create = |_| {
        let (store, context) = (store.clone(), function.context.clone());
        Ok(Arc::new(CreateAccount { store, hasher: hasher(function.config)?, context }))
    };
    (0..processors).map(create).collect()
}

/// A loading under way.
struct Load<S, H, W> {
    create: Vec<Arc<CreateAccount<S, H>>>,
    /// Where it is told what isn't loaded.
    told: W,
    already_there: AlreadyThere,
    /// Whether passwords are hashed, which takes time and tells nothing of a line.
    hashes: bool,
    counts: Counts,
}

impl<S, H, W> Load<S, H, W>
where
    S: AccountStore + 'static,
    H: PasswordHasher + 'static,
    W: Write,
{
    fn new(create: Vec<Arc<CreateAccount<S, H>>>, told: W) -> Self {
        Self { create, told, already_there: AlreadyThere::Told, hashes: true, counts: Counts::default() }
    }

    async fn file_and_demo(&mut self, file: Option<&Source>, demo: bool) -> Result<(), Error> {
        if let Some(source) = file {
            self.file(source).await?;
        }
        if demo {
            self.demo_accounts().await?;
        }
        Ok(())
    }

    /// Loads every line that can be loaded, and tells of every other, in their order.
    async fn file(&mut self, source: &Source) -> Result<(), Error> {
        let name = source.path.display().to_string();
        let unreadable = |error: &dyn fmt::Display| format!("{name}: {error}");
        let file = std::fs::File::open(&source.path).map_err(|error| unreadable(&error))?;
        let mut lines = Lines::of(BufReader::new(file), source.format);
        let mut in_flight = InFlight::new(self.create.clone(), self.hashes);
        let mut progress = tokio::time::interval(Duration::from_secs(PROGRESS_SECONDS));
        // The first tick comes at once.
        progress.tick().await;
        while let Some(line) = lines.next().map_err(|error| unreadable(&error))? {
            if line.number < source.from_line {
                continue;
            }
            while in_flight.must_wait_for_others(&line) {
                self.settle(&mut in_flight, &name, &mut progress).await?;
            }
            in_flight.begin(line);
        }
        while self.settle(&mut in_flight, &name, &mut progress).await? {}
        Ok(())
    }

    /// Waits for the first line under way, and tells what came of it; `false` if there is none.
    async fn settle(
        &mut self,
        in_flight: &mut InFlight<S, H>,
        name: &str,
        progress: &mut Interval,
    ) -> Result<bool, Error> {
        let Some(Settled { number, left_out, result }) = in_flight.settle().await? else { return Ok(false) };
        let at = format!("{name}, line {number}");
        self.counts.all += 1;
        for member in left_out {
            self.tell(format_args!("{at}: \"{member}\" can't be read and is left out"));
        }
        match result {
            Ok(created) => self.count(created, &at)?,
            Err(refusal) => {
                self.counts.refused += 1;
                self.tell(format_args!("{at}: refused: {refusal}"));
            }
        }
        if progress.tick().now_or_never().is_some() {
            let Counts { all, added, .. } = self.counts;
            self.tell(format_args!("{at}: {all} accounts read so far, {added} of them new"));
        }
        Ok(true)
    }

    fn count(&mut self, created: Result<(), CreateAccountError>, at: &str) -> Result<(), Error> {
        let counts = &mut self.counts;
        match created {
            Ok(()) => counts.added += 1,
            Err(CreateAccountError::AlreadyThere) => {
                counts.already_there += 1;
                if self.already_there == AlreadyThere::Told {
                    self.tell(format_args!("{at}: skipped: the account is there already"));
                }
            }
            Err(CreateAccountError::IdentifierTaken(channels)) => {
                counts.taken += 1;
                let members = channels.into_iter().map(member).collect::<Vec<_>>().join(" and ");
                self.tell(format_args!("{at}: skipped: another account has its {members}"));
            }
            Err(CreateAccountError::HashUnsupported(reason)) => {
                counts.refused += 1;
                self.tell(format_args!("{at}: refused: \"password_hash\" can't be verified: {reason}"));
            }
            Err(error @ CreateAccountError::NoIdentifier) => {
                counts.refused += 1;
                self.tell(format_args!("{at}: refused: {error}"));
            }
            Err(CreateAccountError::Fault(source)) => {
                return Err(Box::new(Stopped { at: at.to_owned(), source }));
            }
        }
        Ok(())
    }

    /// Adds the demo accounts, as far as they are not there already.
    async fn demo_accounts(&mut self) -> Result<(), Error> {
        for line in DEMO_ACCOUNTS {
            self.counts.all += 1;
            match self.create[0].run(parse(line)?.account).await {
                Ok(_) => self.counts.added += 1,
                Err(CreateAccountError::AlreadyThere | CreateAccountError::IdentifierTaken(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn tell(&mut self, text: fmt::Arguments<'_>) {
        // Whoever closed standard error did not want to know.
        let _ = writeln!(self.told, "{text}");
    }
}

/// The name of a channel's address in an accounts file.
const fn member(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "\"email\"",
        Channel::Sms => "\"phone\"",
    }
}

/// A fault outside, and the line at which it stopped the loading.
#[derive(Debug, thiserror::Error)]
#[error("{at}")]
struct Stopped {
    at: String,
    source: Fault,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_accounts_are_well_formed_and_told() {
        for line in DEMO_ACCOUNTS {
            let account = parse(line).unwrap().account;
            assert!(DEMO_SUMMARY.contains(account.email.unwrap().as_str()));
        }
    }

    #[test]
    fn what_is_not_new_is_counted_by_its_reason() {
        let counts = Counts { all: 9, added: 9, ..Counts::default() };
        assert!(counts.is_complete());
        assert_eq!(counts.to_string(), "");
        let counts = Counts { already_there: 1, refused: 2, ..counts };
        assert!(!counts.is_complete());
        assert_eq!(counts.to_string(), ", 1 already there, 2 refused");
    }
}
