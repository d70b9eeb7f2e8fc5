//! Loading accounts into the table: those of a file, and the demo accounts.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufReader, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use regain_bootstrap::config::Argon2Parameters;
use regain_bootstrap::{Function, hasher};
use regain_domain::port::operator::OperatorStore;
use regain_domain::port::{AccountStore, Adding, PasswordHasher};
use regain_domain::usecase::create_account::{CreateAccount, CreateAccountError, Credential, NewAccount};
use regain_domain::{Account, AccountId, Channel, Fault, IdentifierHash, KeyUse};

use crate::accounts_file::{Line, Lines, Parsed, parse};
use crate::error::{Error, with_causes};

/// The accounts that are always there, as lines of an accounts file.
const DEMO_ACCOUNTS: [&str; 2] = [
    r#"{"email": "alice@example.com", "phone": "+46701740605", "postal_code": "11455", "locale": "sv",
        "name": "Alice", "password": "correct horse battery staple"}"#,
    r#"{"email": "bob@example.com", "locale": "en", "name": "Bob", "password": "correct horse battery staple"}"#,
];

/// The demo accounts' addresses and their password, for people.
pub const DEMO_SUMMARY: &str =
    "alice@example.com, +46701740605 and bob@example.com, password \"correct horse battery staple\"";

/// After how many lines of a file it is said how far the loading has come.
const LINES_PER_PROGRESS: u64 = 1_000;

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
    let create = use_case(function, function.table.clone())?;
    let mut load = Load::new(&create, std::io::stderr());
    load.already_there = already_there;
    load.file_and_demo(file, true).await.map_err(with_causes)?;
    Ok(load.counts)
}

/// Loads the accounts of the file into the table that this process's environment names, or says what would
/// come of it. Whether every account was added.
pub(crate) fn run(file: Option<&Path>, demo: bool, dry_run: bool) -> Result<bool, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (result, counts) = runtime.block_on(async {
        let function = Function::start(&[KeyUse::Identifier], |settings| Ok(settings.argon2()?)).await?;
        Ok::<_, Error>(if dry_run {
            let create = use_case(&function, Rehearsal::on(function.table.clone()))?;
            let mut load = Load::new(&create, std::io::stderr());
            load.hashes = false;
            (load.file_and_demo(file, demo).await, load.counts)
        } else {
            let create = use_case(&function, function.table.clone())?;
            let mut load = Load::new(&create, std::io::stderr());
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

fn use_case<S>(
    function: &Function<Argon2Parameters>,
    store: S,
) -> Result<CreateAccount<S, impl PasswordHasher>, Error> {
    Ok(CreateAccount { store, hasher: hasher(function.config)?, context: function.context.clone() })
}

/// A loading under way.
struct Load<'a, S, H, W> {
    create: &'a CreateAccount<S, H>,
    /// Where it is told what isn't loaded.
    told: W,
    already_there: AlreadyThere,
    /// Whether passwords are hashed, which takes time and tells nothing of a line.
    hashes: bool,
    counts: Counts,
}

impl<'a, S: AccountStore, H: PasswordHasher, W: Write> Load<'a, S, H, W> {
    fn new(create: &'a CreateAccount<S, H>, told: W) -> Self {
        Self { create, told, already_there: AlreadyThere::Told, hashes: true, counts: Counts::default() }
    }

    async fn file_and_demo(&mut self, file: Option<&Path>, demo: bool) -> Result<(), Error> {
        if let Some(path) = file {
            self.file(path).await?;
        }
        if demo {
            self.demo_accounts().await?;
        }
        Ok(())
    }

    /// Loads every line that can be loaded, and tells of every other.
    async fn file(&mut self, path: &Path) -> Result<(), Error> {
        let name = path.display();
        let unreadable = |error: &dyn fmt::Display| format!("{name}: {error}");
        let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
        let mut lines = Lines::of(BufReader::new(file));
        while let Some(Line { number, content }) = lines.next().map_err(|error| unreadable(&error))? {
            self.counts.all += 1;
            let at = format!("{name}, line {number}");
            match content {
                Ok(Parsed { account, left_out }) => {
                    for member in left_out {
                        self.tell(format_args!("{at}: \"{member}\" can't be read and is left out"));
                    }
                    self.add(account, &at).await?;
                }
                Err(refusal) => {
                    self.counts.refused += 1;
                    self.tell(format_args!("{at}: refused: {refusal}"));
                }
            }
            if self.counts.all.is_multiple_of(LINES_PER_PROGRESS) {
                let Counts { all, added, .. } = self.counts;
                self.tell(format_args!("{name}: {all} accounts read, {added} of them new"));
            }
        }
        Ok(())
    }

    async fn add(&mut self, mut account: NewAccount, at: &str) -> Result<(), Error> {
        if !self.hashes && matches!(account.credential, Some(Credential::Password(_))) {
            account.credential = None;
        }
        let counts = &mut self.counts;
        match self.create.run(account).await {
            Ok(_) => counts.added += 1,
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
            match self.create.run(parse(line)?.account).await {
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

/// A table to which nothing is written. It notes what would have been added, 8 bytes of each identifier's hash.
struct Rehearsal<S> {
    table: S,
    /// The place among those that would have been added, by the start of the hash.
    added: Mutex<HashMap<u64, u32>>,
}

impl<S: OperatorStore> Rehearsal<S> {
    fn on(table: S) -> Self {
        Self { table, added: Mutex::default() }
    }

    fn added(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: OperatorStore> AccountStore for Rehearsal<S> {
    async fn add_account(&self, _: &Account, identifiers: &[IdentifierHash]) -> Result<Adding, Fault> {
        let mut owners = Vec::with_capacity(identifiers.len());
        for identifier in identifiers {
            let earlier = self.added().get(&start(identifier)).copied();
            owners.push(match earlier {
                Some(place) => Some(stand_in(place)),
                None => self.table.owner(identifier).await?,
            });
        }
        if owners.iter().any(Option::is_some) {
            return Ok(Adding::Taken(owners));
        }
        let mut added = self.added();
        let place = u32::try_from(added.len()).unwrap_or(u32::MAX);
        added.extend(identifiers.iter().map(|identifier| (start(identifier), place)));
        Ok(Adding::Added)
    }
}

fn start(identifier: &IdentifierHash) -> u64 {
    u64::from_be_bytes(identifier.as_bytes().first_chunk().copied().unwrap_or_default())
}

/// The id of an account that was not added.
fn stand_in(place: u32) -> AccountId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&place.to_be_bytes());
    AccountId::from_bytes(id)
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
