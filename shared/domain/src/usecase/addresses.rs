//! Which addresses of an account a message may go to, and in which language.

use crate::account::{Contact, DeliveryAccount};
use crate::port::AddressStore;
use crate::{Channel, Fault, IdentifierHash, Locale, Prf, Timestamp};

/// The addresses of an account that messages may go to: a suppressed one gets nothing. The same reads for everybody: in
/// the place of an address that there isn't, `identifier` is asked about.
pub(super) async fn deliverable<S: AddressStore>(
    store: &S,
    prf: &dyn Prf,
    account: Option<&DeliveryAccount>,
    identifier: &IdentifierHash,
    now: Timestamp,
) -> Result<Vec<Contact>, Fault> {
    let contacts = Channel::ALL.map(|channel| account.and_then(|account| account.contact(channel)));
    let hash = |contact: &Option<Contact>| match contact {
        Some(contact) => IdentifierHash::of(prf, &contact.identifier()),
        None => Ok(*identifier),
    };
    let hashes: Vec<_> = contacts.iter().map(hash).collect::<Result<_, _>>()?;
    let until = store.suppressed_until(&hashes).await?;
    let is_deliverable = |until: Option<Timestamp>| until.is_none_or(|until| now >= until);
    let pairs = contacts.into_iter().zip(until);
    Ok(pairs.filter(|(_, until)| is_deliverable(*until)).filter_map(|(contact, _)| contact).collect())
}

/// The languages to try: the account's own, then the one that was asked for.
pub(super) fn locales(account: &DeliveryAccount, requested: Option<&Locale>) -> Vec<Locale> {
    account.locale.iter().chain(requested).cloned().collect()
}
