//! The outbox: what functions queue, and what its handlers do.
//!
//! An account's outbox is one item, so that the stream keeps its entries in order; each entry is a map of its own, so
//! that adding one and removing another don't meet. Whatever queues sets `pending`, which the stream's filter looks
//! for; whatever a handler writes removes it, so that handlers don't wake each other.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use regain_domain::challenge::{RETENTION, purge_at};
use regain_domain::outbox::{AccountOutbox, Entry, EntryKind, Lookup, LookupKind, LookupName, Waiting};
use regain_domain::port::{LinkOpened, LinkOpening, OutboxStore};
use regain_domain::{
    AccountId, Challenge, ChallengeId, Channel, CredentialVersion, EntryId, Fault, IdentifierHash, Locale,
    Timestamp,
};

use crate::Table;
use crate::attribute::{Item, PK, Reader, b, n, put_secret_hash, s, time};
use crate::conditional::{delete_if, put_if_absent, update_if};
use crate::item::{PENDING, POSTAL_CODE, PURGE_AT, UNSENT, challenge_key, from_link};
use crate::kind::ItemKind;
use crate::predicate::{Conditional as _, exists, has, is};
use crate::transaction::{Transacted, put_new, unbuilt};

const ENTRY: &str = "entry_";
/// Whether an identifier's wrong passwords are spent.
const ARE_SPENT: &str = "are_spent";
/// How many entries an outbox has had.
const ADDED: &str = "added";
/// How often an outbox was postponed since an entry was last sent.
const POSTPONED: &str = "postponed";
/// Before this time an outbox isn't tried again.
const NOT_BEFORE: &str = "not_before";

fn outbox_key(account: AccountId) -> AttributeValue {
    s(ItemKind::Outbox.key(account))
}

fn lookup_key(name: &LookupName) -> AttributeValue {
    s(ItemKind::Lookup.key(name.as_str()))
}

fn key(waiting: &Waiting) -> AttributeValue {
    match waiting {
        Waiting::Account(account) => outbox_key(*account),
        Waiting::Lookup(name) => lookup_key(name),
    }
}

fn entry_attribute(id: EntryId) -> String {
    format!("{ENTRY}{id}")
}

/// The attribute that has an entry's place in the queue: how many came before it. Times are in whole seconds.
fn place_attribute(id: EntryId) -> String {
    format!("place_{id}")
}

/// The member of an entry that says that it has reached an address of a kind.
fn reached(channel: Channel) -> String {
    format!("reached_{}", channel.as_str())
}

fn from_entry(entry: &Entry) -> AttributeValue {
    let mut members =
        HashMap::from([("kind".to_owned(), s(entry.kind.as_str())), ("at".to_owned(), time(entry.at))]);
    match entry.kind {
        EntryKind::PasswordChanged => {}
        EntryKind::RecoveryLink { link } => drop(members.insert("link".to_owned(), s(link.to_string()))),
        EntryKind::SignInFailures { are_spent } => {
            drop(members.insert(ARE_SPENT.to_owned(), AttributeValue::Bool(are_spent)));
        }
    }
    AttributeValue::M(members)
}

fn to_entry(id: EntryId, members: &Item) -> Result<Entry, Fault> {
    let r = Reader(members);
    let kind = match r.text("kind") {
        Some("password_changed") => EntryKind::PasswordChanged,
        Some("recovery_link") => {
            EntryKind::RecoveryLink { link: r.required_text("link", ChallengeId::parse)? }
        }
        Some("sign_in_failures") => EntryKind::SignInFailures { are_spent: r.required_bool(ARE_SPENT)? },
        _ => return Err(Reader::fault("kind")),
    };
    let reached = Channel::ALL.into_iter().filter(|channel| members.contains_key(&reached(*channel)));
    Ok(Entry { id, kind, at: r.time("at")?, reached: reached.collect() })
}

fn to_outbox(account: AccountId, item: &Item) -> Result<AccountOutbox, Fault> {
    let mut entries = Vec::new();
    for (attribute, value) in item {
        let Some(id) = attribute.strip_prefix(ENTRY) else { continue };
        let (id, members) = (EntryId::parse(id), value.as_m());
        let (Some(id), Ok(members)) = (id, members) else { return Err(Reader::fault(ENTRY)) };
        let place: u64 = Reader(item).required_number(&place_attribute(id))?;
        entries.push((place, to_entry(id, members)?));
    }
    entries.sort_by_key(|(place, _)| *place);
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    let r = Reader(item);
    Ok(AccountOutbox {
        account,
        entries,
        added: r.required_number(ADDED)?,
        postponed: r.number(POSTPONED).unwrap_or_default(),
        not_before: r.number(NOT_BEFORE).map(Timestamp::from_unix),
    })
}

fn from_lookup(lookup: &Lookup) -> Item {
    let mut item = Item::from([
        (PK.into(), lookup_key(&lookup.name())),
        ("identifier".into(), b(lookup.identifier.as_bytes())),
        ("kind".into(), s(lookup.kind.as_str())),
        ("at".into(), time(lookup.at)),
        (PENDING.into(), n(1)),
        (PURGE_AT.into(), time(lookup.until().plus(RETENTION))),
    ]);
    match &lookup.kind {
        LookupKind::RecoveryLink { postal_code, locale } => {
            if let Some(locale) = locale {
                item.insert("locale".into(), s(locale.as_str()));
            }
            if let Some(postal_code) = postal_code {
                put_secret_hash(&mut item, postal_code, POSTAL_CODE);
            }
        }
        LookupKind::SignInFailures { version, count, are_spent } => {
            item.insert("credential_version".into(), n(version.0));
            item.insert("count".into(), n(*count));
            item.insert(ARE_SPENT.into(), AttributeValue::Bool(*are_spent));
        }
    }
    item
}

fn to_lookup(item: &Item) -> Result<Lookup, Fault> {
    let r = Reader(item);
    let kind = match r.text("kind") {
        Some("link") => LookupKind::RecoveryLink {
            postal_code: r.optional_secret_hash(POSTAL_CODE)?,
            locale: r.optional("locale", Locale::parse)?,
        },
        Some("sign_in_failures") => LookupKind::SignInFailures {
            version: CredentialVersion(r.required_number("credential_version")?),
            count: r.required_number("count")?,
            are_spent: r.required_bool(ARE_SPENT)?,
        },
        _ => return Err(Reader::fault("kind")),
    };
    let identifier = IdentifierHash::from_bytes(r.required_bytes("identifier")?);
    Ok(Lookup { kind, identifier, at: r.time("at")? })
}

impl Table {
    /// Queues a look-up, unless one of its name is there.
    pub(crate) async fn queue_lookup(&self, lookup: &Lookup) -> Result<(), Fault> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(from_lookup(lookup)));
        put_if_absent(put).await.map(drop)
    }

    /// Ends a look-up that still waits, as a part of a transaction.
    fn end_lookup(&self, name: &LookupName) -> Result<TransactWriteItem, Fault> {
        let over = Update::builder()
            .table_name(&self.name)
            .key(PK, lookup_key(name))
            .update_expression(format!("REMOVE {PENDING}"))
            .only_if(has(PENDING))
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().update(over).build())
    }

    /// Adds an entry to an account's outbox, as a part of a transaction. Added again it is the same entry.
    pub(crate) fn add_entry(&self, account: AccountId, entry: &Entry) -> Result<TransactWriteItem, Fault> {
        let add = Update::builder()
            .table_name(&self.name)
            .key(PK, outbox_key(account))
            .update_expression(format!(
                "SET #entry = :entry, #place = if_not_exists({ADDED}, :none), {PENDING} = :one, {PURGE_AT} = :until \
                 REMOVE {NOT_BEFORE} ADD {ADDED} :one"
            ))
            .expression_attribute_names("#entry", entry_attribute(entry.id))
            .expression_attribute_names("#place", place_attribute(entry.id))
            .expression_attribute_values(":entry", from_entry(entry))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":until", time(entry.until().plus(RETENTION)))
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().update(add).build())
    }
}

impl OutboxStore for Table {
    async fn lookup(&self, name: &LookupName) -> Result<Option<Lookup>, Fault> {
        let item = self.read(lookup_key(name)).await?.filter(|item| item.contains_key(PENDING));
        item.as_ref().map(to_lookup).transpose()
    }

    async fn outbox(&self, account: AccountId) -> Result<Option<AccountOutbox>, Fault> {
        let item = self.read(outbox_key(account)).await?;
        item.as_ref().map(|item| to_outbox(account, item)).transpose()
    }

    async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read_challenge(id).await
    }

    async fn open_link(&self, opening: LinkOpening<'_>) -> Result<LinkOpened, Fault> {
        let LinkOpening { link, day, account, entry, lookup } = opening;
        let parts = vec![
            self.end_lookup(lookup)?,
            TransactWriteItem::builder().update(self.consume_in_transaction(&day, 1)?).build(),
            put_new(&self.name, from_link(link))?,
            self.add_entry(account, entry)?,
        ];
        Ok(match self.transact(parts).await? {
            Transacted::Done => LinkOpened::Done,
            Transacted::Refused(reasons) if reasons.first().is_some_and(Option::is_some) => LinkOpened::Stale,
            Transacted::Refused(_) => LinkOpened::AlreadyToday,
        })
    }

    async fn queue_entry(
        &self,
        lookup: &LookupName,
        account: AccountId,
        entry: &Entry,
    ) -> Result<bool, Fault> {
        let parts = vec![self.end_lookup(lookup)?, self.add_entry(account, entry)?];
        Ok(matches!(self.transact(parts).await?, Transacted::Done))
    }

    async fn close_lookup(&self, name: &LookupName) -> Result<(), Fault> {
        let request =
            self.update(lookup_key(name)).update_expression(format!("REMOVE {PENDING}")).only_if(exists());
        update_if(request).await.map(drop)
    }

    async fn reached(&self, account: AccountId, entry: EntryId, channel: Channel) -> Result<(), Fault> {
        let request = self
            .update(outbox_key(account))
            .update_expression(format!("SET #entry.#reached = :yes REMOVE {PENDING}"))
            .only_if(has(&entry_attribute(entry)))
            .expression_attribute_names("#entry", entry_attribute(entry))
            .expression_attribute_names("#reached", reached(channel))
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        update_if(request).await.map(drop)
    }

    async fn link_sent(&self, link: ChallengeId, expires_at: Timestamp) -> Result<(), Fault> {
        let request = self
            .update(challenge_key(link))
            .update_expression(format!(
                "SET token_expires_at = :expires, expires_at = :expires, {PURGE_AT} = :purge REMOVE {UNSENT}"
            ))
            .only_if(has(UNSENT))
            .expression_attribute_values(":expires", time(expires_at))
            .expression_attribute_values(":purge", time(purge_at(expires_at)));
        update_if(request).await.map(drop)
    }

    async fn close_entry(
        &self,
        account: AccountId,
        entry: EntryId,
        last_of: Option<u64>,
    ) -> Result<(), Fault> {
        let attribute = entry_attribute(entry);
        if let Some(added) = last_of {
            // The entry too: an outbox that went and came again counts from the start.
            let request = self
                .client
                .delete_item()
                .table_name(&self.name)
                .key(PK, outbox_key(account))
                .only_if(is(ADDED, n(added)).and(has(&attribute)));
            if delete_if(request).await? {
                return Ok(());
            }
        }
        let request = self
            .update(outbox_key(account))
            .update_expression(format!("REMOVE #entry, #place, {PENDING}, {POSTPONED}, {NOT_BEFORE}"))
            .only_if(has(&attribute))
            .expression_attribute_names("#entry", attribute)
            .expression_attribute_names("#place", place_attribute(entry));
        update_if(request).await.map(drop)
    }

    async fn postpone(&self, waiting: &Waiting, next_try: Option<Timestamp>) -> Result<(), Fault> {
        let is_waiting = match waiting {
            Waiting::Account(_) => PK,
            Waiting::Lookup(_) => PENDING,
        };
        let mut update = format!("SET {PENDING} = if_not_exists({PENDING}, :none) + :one");
        let mut request = self.update(key(waiting));
        if let Some(next_try) = next_try {
            update = format!("{update}, {NOT_BEFORE} = :next ADD {POSTPONED} :one");
            request = request.expression_attribute_values(":next", time(next_try));
        }
        let request = request
            .update_expression(update)
            .only_if(has(is_waiting))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":one", n(1));
        update_if(request).await.map(drop)
    }
}
