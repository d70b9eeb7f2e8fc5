//! Accounts that are being added side by side. How many is bounded, so that a file's length costs no memory, and what
//! came of them is told in the order of their lines.

use std::collections::VecDeque;
use std::sync::Arc;

use regain_domain::port::{AccountStore, PasswordHasher};
use regain_domain::usecase::create_account::{CreateAccount, CreateAccountError, Credential, NewAccount};
use regain_domain::{EmailAddress, PhoneNumber};
use tokio::task::JoinHandle;

use crate::account_object::{Parsed, Refusal};
use crate::accounts_file::Line;
use crate::error::Error;

/// The most accounts that are being added at a time.
const CAPACITY: usize = 32;

/// The lines under way, the first of them in front.
pub(crate) struct InFlight<S, H> {
    /// One for each processor.
    create: Vec<Arc<CreateAccount<S, H>>>,
    /// Whether passwords are hashed.
    hashes: bool,
    lines: VecDeque<Pending>,
}

/// A line under way.
struct Pending {
    number: u64,
    left_out: Vec<&'static str>,
    email: Option<EmailAddress>,
    phone: Option<PhoneNumber>,
    adding: Result<JoinHandle<Result<(), CreateAccountError>>, Refusal>,
}

/// A line that is done.
#[derive(Debug)]
pub(crate) struct Settled {
    /// Its number in the file, from 1.
    pub(crate) number: u64,
    /// Members that could not be read.
    pub(crate) left_out: Vec<&'static str>,
    /// What came of its account.
    pub(crate) result: Result<Result<(), CreateAccountError>, Refusal>,
}

impl<S, H> InFlight<S, H>
where
    S: AccountStore + 'static,
    H: PasswordHasher + 'static,
{
    pub(crate) const fn new(create: Vec<Arc<CreateAccount<S, H>>>, hashes: bool) -> Self {
        Self { create, hashes, lines: VecDeque::new() }
    }

    /// Whether a line has to wait: there are many under way, or an earlier one has its address. Of two lines with one
    /// address the first is loaded.
    pub(crate) fn must_wait_for_others(&self, line: &Line) -> bool {
        let Ok(Parsed { account, .. }) = &line.content else { return self.lines.len() >= CAPACITY };
        self.lines.len() >= CAPACITY
            || self.lines.iter().any(|earlier| {
                (account.email.is_some() && account.email == earlier.email)
                    || (account.phone.is_some() && account.phone == earlier.phone)
            })
    }

    /// Begins with a line.
    pub(crate) fn begin(&mut self, Line { number, content }: Line) {
        let pending = match content {
            Err(refusal) => {
                Pending { number, left_out: Vec::new(), email: None, phone: None, adding: Err(refusal) }
            }
            Ok(Parsed { account, left_out }) => Pending {
                number,
                left_out,
                email: account.email.clone(),
                phone: account.phone.clone(),
                adding: Ok(self.add(number, account)),
            },
        };
        self.lines.push_back(pending);
    }

    fn add(&self, number: u64, account: NewAccount) -> JoinHandle<Result<(), CreateAccountError>> {
        // Side by side, neighbours have different hashers.
        let turn = usize::try_from(number).unwrap_or(0) % self.create.len();
        let (create, hashes) = (self.create[turn].clone(), self.hashes);
        tokio::spawn(async move {
            if hashes { create.run(account).await.map(drop) } else { rehearse(&create, account).await }
        })
    }

    /// Waits for the first line under way; `None` if there is none.
    pub(crate) async fn settle(&mut self) -> Result<Option<Settled>, Error> {
        let Some(Pending { number, left_out, adding, .. }) = self.lines.pop_front() else { return Ok(None) };
        let result = match adding {
            Ok(adding) => Ok(adding.await?),
            Err(refusal) => Err(refusal),
        };
        Ok(Some(Settled { number, left_out, result }))
    }
}

/// Adds an account without its password: to hash one takes time and tells nothing of a line.
async fn rehearse<S: AccountStore, H: PasswordHasher>(
    create: &CreateAccount<S, H>,
    mut account: NewAccount,
) -> Result<(), CreateAccountError> {
    if let Some(Credential::Hash(hash)) = account.credential.take() {
        create.hasher.check(&hash)?;
    }
    create.run(account).await.map(drop)
}
