//! What loading would come to, without loading.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regain_domain::port::operator::OperatorStore;
use regain_domain::port::{AccountStore, Adding};
use regain_domain::{Account, AccountId, Fault, IdentifierHash};

/// A table to which nothing is written. It notes what would have been added, 8 bytes of each identifier's hash.
#[derive(Clone)]
pub(crate) struct Rehearsal<S> {
    table: S,
    /// The place among those that would have been added, by the start of the hash.
    added: Arc<Mutex<HashMap<u64, u32>>>,
}

impl<S: OperatorStore> Rehearsal<S> {
    pub(crate) fn on(table: S) -> Self {
        Self { table, added: Arc::default() }
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
