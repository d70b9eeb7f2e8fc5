//! Budgets of tries to sign in, known devices, and the session that comes of one.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::outbox::Lookup;
use regain_domain::port::{FailureCharge, SignInStore};
use regain_domain::{
    AccountId, CredentialVersion, Device, DeviceId, FailureBudget, Failures, Fault, Session, Timestamp,
};

use crate::Table;
use crate::attribute::{Item, PK, Reader, n, put_secret_hash, s, time};
use crate::conditional::{Updated, delete_and_see, update_and_see, update_if};
use crate::fault::fault;
use crate::item::{PURGE_AT, TOKEN, WINDOW_END, from_session, network_attribute};
use crate::kind::ItemKind;
use crate::predicate::{
    Conditional as _, Predicate, above, below, exists, is, is_over, lacks, takes_device_try, takes_failure,
};

/// At how many failures the owner was told last.
pub(crate) const TOLD_AT: &str = "told_at";

pub(crate) fn failures_key(budget: &FailureBudget) -> AttributeValue {
    let identifier = BASE64URL_NOPAD.encode(budget.identifier.as_bytes());
    s(ItemKind::Failures.key(format_args!("{identifier}#{}", budget.version.0)))
}

pub(crate) fn to_failures(item: &Item, budget: &FailureBudget) -> Result<Failures, Fault> {
    let r = Reader(item);
    Ok(Failures {
        count: r.required_number("count")?,
        from_network: r.number(&network_attribute(&budget.from_network)).unwrap_or_default(),
        window_end: r.time(WINDOW_END)?,
        told_at: r.number(TOLD_AT).unwrap_or_default(),
    })
}

pub(crate) fn device_key(id: DeviceId) -> AttributeValue {
    s(ItemKind::Device.key(id))
}

pub(crate) fn from_device(device: &Device) -> Item {
    let mut item = Item::from([
        (PK.into(), device_key(device.id)),
        ("account".into(), s(device.account.to_string())),
        ("credential_version".into(), n(device.credential_version.0)),
        ("expires_at".into(), time(device.expires_at)),
        ("failures".into(), n(device.failures)),
        (PURGE_AT.into(), time(device.expires_at)),
    ]);
    put_secret_hash(&mut item, &device.secret_hash, TOKEN);
    item
}

pub(crate) fn to_device(item: &Item) -> Result<Device, Fault> {
    let r = Reader(item);
    Ok(Device {
        id: r.id(ItemKind::Device, DeviceId::parse)?,
        account: r.required_text("account", AccountId::parse)?,
        credential_version: CredentialVersion(r.required_number("credential_version")?),
        secret_hash: r.secret_hash(TOKEN)?,
        expires_at: r.time("expires_at")?,
        failures: r.required_number("failures")?,
    })
}

/// The failures are still those of the window that was read.
fn same_window(failures: &Failures) -> Predicate {
    is(WINDOW_END, time(failures.window_end))
}

/// Writes in a row that may find an identifier's failures changed by others. Each is another's success, and as many
/// as may be charged at the same time can meet.
const RACES: usize = 64;

impl SignInStore for Table {
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

    async fn refund_failure(&self, budget: &FailureBudget, charged: &Failures) -> Result<(), Fault> {
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
}

impl Table {
    /// An update of what a try is charged to, to be completed.
    fn update_failures(&self, budget: &FailureBudget) -> UpdateItemFluentBuilder {
        self.update(failures_key(budget))
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#network", network_attribute(&budget.from_network))
    }
}
