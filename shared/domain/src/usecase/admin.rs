//! An operator looks after accounts: gives their identifiers new hashes when the key rotates, disables them,
//! deletes a person's data, and ends what a restored backup would bring back to life.
//!
//! Each of these may be broken off and run again: what is done stays done, the rest follows.

use crate::port::operator::{IdentifierCopy, OperatorStore};
use crate::{Account, Context, Fault, Identifier, IdentifierHash, KeyUse, KeyVersion};

/// The use cases.
pub struct Admin<S> {
    /// The table.
    pub store: S,
    /// Randomness, keys.
    pub context: Context,
}

/// The result of a walk over all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Hashes that were added or removed.
    pub changed: u64,
    /// Hashes that were as they should be.
    pub right: u64,
    /// Hashes that could not be made right: run it again, and if they stay, look at the accounts.
    pub left: u64,
}

/// Why an operator's command isn't done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Nobody has the identifier.
    #[error("no account has this identifier")]
    Unknown,
    /// The version is the current one, or not known.
    #[error("version {0} of the key of identifiers is not an old one: keep what is current")]
    NotOld(u32),
    /// A fault outside.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Accounts can change between the read and the transaction; that is rare.
const TRIES: usize = 3;

/// The key that an account is found by.
fn identifiers(account: &Account) -> Vec<Identifier> {
    let email = account.email.clone().map(Identifier::Email);
    email.into_iter().chain(account.phone.clone().map(Identifier::Phone)).collect()
}

impl<S: OperatorStore> Admin<S> {
    /// Adds the hashes of all accounts' identifiers under every version of the key that is known.
    pub async fn rekey(&self) -> Result<Rekeyed, Fault> {
        let prf = self.context.prf.as_ref();
        let mut done = Rekeyed::default();
        self.for_each_account(async |account| {
            done.accounts += 1;
            for identifier in identifiers(account) {
                let hashes = IdentifierHash::under_every_version(prf, &identifier)?;
                self.spread(account, &identifier, &hashes, &mut done).await?;
            }
            Ok(())
        })
        .await?;
        Ok(done)
    }

    /// Walks over all accounts, page by page.
    async fn for_each_account(
        &self,
        mut each: impl AsyncFnMut(&Account) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut next = None;
        loop {
            let page = self.store.accounts(next).await?;
            for account in &page.accounts {
                each(account).await?;
            }
            next = page.next;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// Adds those of an identifier's hashes that are missing, from one that is there.
    async fn spread(
        &self,
        account: &Account,
        identifier: &Identifier,
        hashes: &[IdentifierHash],
        done: &mut Rekeyed,
    ) -> Result<(), Fault> {
        let mut owners = Vec::with_capacity(hashes.len());
        for hash in hashes {
            owners.push(self.store.owner(hash).await?);
        }
        let source = hashes.iter().zip(&owners).find(|(_, owner)| **owner == Some(account.id));
        for (to, owner) in hashes.iter().zip(&owners) {
            match (source, owner) {
                (_, Some(owner)) if *owner == account.id => done.right += 1,
                (Some((from, _)), None) => {
                    let copy = IdentifierCopy { account: account.id, identifier, from, to };
                    let copied = self.store.copy_identifier(copy).await?;
                    *(if copied { &mut done.changed } else { &mut done.left }) += 1;
                }
                // Somebody else's, or none that leads here: nothing tells that the identifier is this one's.
                _ => done.left += 1,
            }
        }
        Ok(())
    }

    /// Removes the hashes of all accounts' identifiers under a version of the key that isn't current.
    pub async fn remove_old_hashes(&self, version: KeyVersion) -> Result<Rekeyed, AdminError> {
        let prf = self.context.prf.as_ref();
        let is_known = prf.versions(KeyUse::Identifier).contains(&version);
        if !is_known || prf.current(KeyUse::Identifier) == version {
            return Err(AdminError::NotOld(version.0));
        }
        let mut done = Rekeyed::default();
        self.for_each_account(async |account| {
            done.accounts += 1;
            for identifier in identifiers(account) {
                let old = IdentifierHash::under(prf, version, &identifier)?;
                if self.store.owner(&old).await?.is_none() {
                    done.right += 1;
                    continue;
                }
                let current = IdentifierHash::of(prf, &identifier)?;
                let removed = self.store.remove_identifier(account.id, &current, &old).await?;
                *(if removed { &mut done.changed } else { &mut done.left }) += 1;
            }
            Ok(())
        })
        .await?;
        Ok(done)
    }

    /// The account that has an identifier.
    pub async fn find(&self, identifier: &Identifier) -> Result<Account, AdminError> {
        let hash = IdentifierHash::of(self.context.prf.as_ref(), identifier)?;
        self.store.account_behind(&hash).await?.ok_or(AdminError::Unknown)
    }

    /// Deletes the account that has an identifier, with everything that leads to it. What is left of the
    /// person holds keyed hashes and random ids, leads nowhere, and is purged in time.
    pub async fn delete(&self, identifier: &Identifier) -> Result<(), AdminError> {
        let prf = self.context.prf.as_ref();
        for _ in 0..TRIES {
            let account = self.find(identifier).await?;
            let hashes = identifiers(&account)
                .iter()
                .map(|identifier| IdentifierHash::under_every_version(prf, identifier))
                .collect::<Result<Vec<_>, _>>()?
                .concat();
            if self.store.remove_account(&account, &hashes).await? {
                return Ok(());
            }
        }
        Err(Fault::unavailable("the account kept changing while it was deleted").into())
    }

    /// Lets an account neither sign in nor recover; its sessions, codes, tokens and links are over.
    pub async fn disable(&self, identifier: &Identifier) -> Result<(), AdminError> {
        let account = self.find(identifier).await?;
        if self.store.disable(account.id).await? { Ok(()) } else { Err(AdminError::Unknown) }
    }

    /// Lets a disabled account sign in and recover again, with the password that it had.
    pub async fn enable(&self, identifier: &Identifier) -> Result<(), AdminError> {
        let account = self.find(identifier).await?;
        if self.store.enable(account.id).await? { Ok(()) } else { Err(AdminError::Unknown) }
    }

    /// Lets messages go to a suppressed address again.
    pub async fn unsuppress(&self, identifier: &Identifier) -> Result<(), AdminError> {
        let mut known = false;
        for hash in IdentifierHash::under_every_version(self.context.prf.as_ref(), identifier)? {
            known |= self.store.unsuppress(&hash).await?;
        }
        if known { Ok(()) } else { Err(AdminError::Unknown) }
    }

    /// Ends every session, armed challenge, token and link of every account; how many accounts there are.
    pub async fn end_everything(&self, forget_passwords: bool) -> Result<u64, Fault> {
        let mut ended = 0;
        self.for_each_account(async |account| {
            ended += u64::from(self.store.end_everything(account.id, forget_passwords).await?);
            Ok(())
        })
        .await?;
        Ok(ended)
    }
}
