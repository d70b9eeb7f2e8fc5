//! Sessions, what a sign-in is charged to, known devices, and the writes to accounts that sign-in and sign-out make.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use regain_domain::outbox::Lookup;
use regain_domain::port::{FailureCharge, SessionStore};
use regain_domain::{
    Account, AccountId, Device, DeviceId, FailureBudget, Failures, Fault, IdentifierHash, PasswordHash,
    Session, SessionEpoch, SessionId, Timestamp,
};

use crate::Table;
use crate::attribute::{PK, n, s, time};
use crate::conditional::{Updated, delete_and_see, update_and_see, update_if};
use crate::fault::fault;
use crate::item::{account_key, from_session, session_key, to_session};
use crate::predicate::{
    Conditional as _, Predicate, above, below, exists, is, is_over, lacks, takes_device_try, takes_failure,
};
use crate::sign_in::{
    TOLD_AT, WINDOW_END, device_key, failures_key, from_device, network_attribute, to_device, to_failures,
};

/// The failures are still those of the window that was read.
fn same_window(failures: &Failures) -> Predicate {
    is(WINDOW_END, time(failures.window_end))
}

/// Writes in a row that may find an identifier's failures changed by others. Each is another's success, and as many
/// as may be charged at the same time can meet.
const RACES: usize = 64;

impl SessionStore for Table {
    async fn owner(&self, identifier: &IdentifierHash) -> Result<Option<AccountId>, Fault> {
        self.read_owner(identifier).await
    }

    async fn account_of(
        &self,
        identifier: &IdentifierHash,
        owner: Option<AccountId>,
    ) -> Result<Option<Account>, Fault> {
        self.read_account_of(identifier, owner).await
    }

    async fn charge_failure(&self, budget: &FailureBudget) -> Result<FailureCharge, Fault> {
        let charge = self
            .update_failures(budget)
            .update_expression(format!(
                "SET {WINDOW_END} = if_not_exists({WINDOW_END}, :end), purge_at = if_not_exists(purge_at, :end) \
                 ADD #count :one, #network :one"
            ))
            .only_if(takes_failure(budget))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":end", time(budget.window_end()));
        for _ in 0..RACES {
            match update_and_see(charge.clone()).await? {
                Updated::Done(item) => return Ok(FailureCharge::Charged(to_failures(&item, budget)?)),
                Updated::Refused(Some(item)) => {
                    let failures = to_failures(&item, budget)?;
                    if budget.refusal(&failures).is_some() {
                        return Ok(FailureCharge::Refused(failures));
                    }
                    // The window is over and the TTL is late: it makes way, with the networks that it names.
                    let delete =
                        self.client.delete_item().table_name(&self.name).key(PK, failures_key(budget));
                    delete_and_see(delete.only_if(is_over(WINDOW_END, budget.now))).await?;
                }
                Updated::Refused(None) => {}
            }
        }
        Err(Fault::unavailable("dynamodb: the failures kept changing"))
    }

    async fn note_told(
        &self,
        budget: &FailureBudget,
        failures: &Failures,
        told_at: u32,
    ) -> Result<(), Fault> {
        let request = self
            .update(failures_key(budget))
            .update_expression(format!("SET {TOLD_AT} = :told"))
            .only_if(same_window(failures).and(lacks(TOLD_AT).or(below(TOLD_AT, told_at))))
            .expression_attribute_values(":told", n(told_at));
        update_if(request).await.map(drop)
    }

    async fn queue(&self, lookup: &Lookup) -> Result<(), Fault> {
        self.queue_lookup(lookup).await
    }

    async fn give_back_failure(&self, budget: &FailureBudget, charged: &Failures) -> Result<(), Fault> {
        let mut failures = *charged;
        for _ in 0..RACES {
            // What counts nothing is removed, so that no success leaves anything behind: neither the beginning of a
            // window nor the name of a network.
            let given = if failures.count <= 1 {
                let delete = self.client.delete_item().table_name(&self.name).key(PK, failures_key(budget));
                delete_and_see(delete.only_if(same_window(charged).and(is("count", n(1))))).await?
            } else {
                let network = network_attribute(&budget.from_network);
                let (update, of_network) = if failures.from_network <= 1 {
                    ("REMOVE #network ADD #count :minus_one", is(&network, n(1)))
                } else {
                    ("ADD #network :minus_one, #count :minus_one", above(&network, 1))
                };
                let update = self
                    .update_failures(budget)
                    .update_expression(update)
                    .only_if(same_window(charged).and(above("count", 1)).and(of_network))
                    .expression_attribute_values(":minus_one", n(-1));
                update_and_see(update).await?
            };
            match given {
                Updated::Refused(Some(item)) => failures = to_failures(&item, budget)?,
                // Done, or the item is gone and the charge with it.
                Updated::Done(_) | Updated::Refused(None) => return Ok(()),
            }
            if failures.window_end != charged.window_end {
                return Ok(());
            }
        }
        Err(Fault::unavailable("dynamodb: the failures kept changing"))
    }

    async fn device(&self, id: DeviceId) -> Result<Option<Device>, Fault> {
        self.read(device_key(id)).await?.as_ref().map(to_device).transpose()
    }

    async fn charge_device(&self, id: DeviceId, now: Timestamp) -> Result<bool, Fault> {
        let request = self
            .update(device_key(id))
            .update_expression("ADD failures :one")
            .only_if(takes_device_try(now))
            .expression_attribute_values(":one", n(1));
        update_if(request).await
    }

    async fn clear_device(&self, id: DeviceId) -> Result<(), Fault> {
        let request = self
            .update(device_key(id))
            .update_expression("SET failures = :none")
            .only_if(exists())
            .expression_attribute_values(":none", n(0));
        update_if(request).await.map(drop)
    }

    async fn add_device(&self, device: &Device) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(from_device(device)));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn open_session(&self, session: &Session) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(from_session(session)));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        self.read(session_key(id)).await?.as_ref().map(to_session).transpose()
    }

    async fn session_epoch(&self, account: AccountId) -> Result<Option<SessionEpoch>, Fault> {
        let account = self.read_account(account).await?;
        Ok(account.filter(Account::is_active).map(|a| a.session_epoch))
    }

    async fn close_session(&self, id: SessionId) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.name).key(PK, session_key(id));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }

    async fn advance_epoch(&self, account: AccountId, epoch: SessionEpoch) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression("SET session_epoch = session_epoch + :one")
            .only_if(is("session_epoch", n(epoch.0)))
            .expression_attribute_values(":one", n(1));
        update_if(request).await.map(drop)
    }

    async fn replace_hash(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), Fault> {
        let request = self
            .update(account_key(account))
            .update_expression("SET password_hash = :new")
            .only_if(is("password_hash", s(old.as_phc())))
            .expression_attribute_values(":new", s(new.as_phc()));
        update_if(request).await.map(drop)
    }
}

impl Table {
    /// An update of what a try is charged to, to be completed.
    fn update_failures(&self, budget: &FailureBudget) -> UpdateItemFluentBuilder {
        self.update(failures_key(budget))
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#network", network_attribute(&budget.from_network))
    }
}
