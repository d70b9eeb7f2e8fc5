//! The items of sign-in: the failures of an identifier, and known devices.

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::{
    AccountId, Counter, CredentialVersion, Device, DeviceId, FailureBudget, Failures, Fault,
};

use crate::attribute::{Item, PK, Reader, n, put_secret_hash, s, time};
use crate::item::{PURGE_AT, TOKEN};
use crate::kind::ItemKind;

/// When the window of an identifier's failures ends: the condition of every charge. The TTL's attribute says the same,
/// and only cleans up.
pub(crate) const WINDOW_END: &str = "window_end";
/// At how many failures the owner was told last.
pub(crate) const TOLD_AT: &str = "told_at";

pub(crate) fn failures_key(budget: &FailureBudget) -> AttributeValue {
    let identifier = BASE64URL_NOPAD.encode(budget.identifier.as_bytes());
    s(ItemKind::Failures.key(format_args!("{identifier}#{}", budget.version.0)))
}

/// The attribute that counts what came from a network in an hour. There are at most as many of them as failures, so
/// they stand in the item that one write can check as a whole. 96 bits of the network's keyed hash are enough to tell
/// these few apart.
pub(crate) fn network_attribute(from_network: &Counter) -> String {
    let network = BASE64URL_NOPAD.encode(&from_network.subject().as_bytes()[..12]);
    format!("from_{network}_{}", from_network.window().start().as_unix())
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
