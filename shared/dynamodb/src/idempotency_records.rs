//! The records that calls with an idempotency key leave, written by the very update that they record.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::{Call, CallFingerprint, Channel, Fault, Generation, IdempotencyRecord, Timestamp};

use crate::attribute::{Item, Reader, b, n, s, time};

const PREFIX: &str = "mark_";
/// The attributes of a record beside the fingerprint, each after the record's own name.
const PARTS: [&str; 4] = ["generation", "attempts", "channel", "at"];

fn attribute(record: &CallFingerprint) -> String {
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&record.name))
}

fn part(attribute: &str, part: &str) -> String {
    format!("{attribute}_{part}")
}

/// The snapshot that an update stores in a record, in the words of its expression.
pub(crate) struct Snapshot<'a> {
    pub(crate) generation: &'a str,
    pub(crate) attempts: &'a str,
    pub(crate) channel: &'a str,
}

/// Lets an update leave a call's record, if there is a call. What it remembers may be said by what the update's own
/// values are called. Whether there is one of the call already, its condition asks.
pub(crate) fn recorded(
    request: UpdateItemFluentBuilder,
    update: &str,
    call: Option<&Call>,
    now: Timestamp,
    snapshot: &Snapshot<'_>,
) -> UpdateItemFluentBuilder {
    let Some(Call { fingerprint: record, .. }) = call else { return request.update_expression(update) };
    let Snapshot { generation, attempts, channel } = snapshot;
    named(request, record)
        .update_expression(format!(
            "SET #record = :record, #record_generation = {generation}, #record_attempts = {attempts}, \
             #record_channel = {channel}, #record_at = :mark_at, {}",
            update.trim_start_matches("SET ")
        ))
        .expression_attribute_values(":record", b(&record.fingerprint))
        .expression_attribute_values(":mark_at", time(now))
}

/// The attributes of a call's records, under every version of the key.
pub(crate) fn attributes(call: &Call) -> impl Iterator<Item = String> {
    std::iter::once(&call.fingerprint).chain(&call.others).map(attribute)
}

/// Adds the names of a record's attributes to an update.
fn named(request: UpdateItemFluentBuilder, record: &CallFingerprint) -> UpdateItemFluentBuilder {
    let attribute = attribute(record);
    PARTS
        .iter()
        .fold(request, |request, name| {
            request.expression_attribute_names(format!("#record_{name}"), part(&attribute, name))
        })
        .expression_attribute_names("#record", attribute)
}

/// Adds a record to an item that is about to be put.
pub(crate) fn put(item: &mut Item, record: &IdempotencyRecord) {
    let attribute = attribute(&record.call);
    item.insert(part(&attribute, "generation"), n(record.generation.0));
    item.insert(part(&attribute, "attempts"), n(record.attempts));
    item.insert(part(&attribute, "channel"), s(record.channel.as_str()));
    item.insert(part(&attribute, "at"), time(record.at));
    item.insert(attribute, b(&record.call.fingerprint));
}

/// The records of an item.
pub(crate) fn read(item: &Item) -> Result<Vec<IdempotencyRecord>, Fault> {
    let reader = Reader(item);
    item.keys()
        .filter_map(|attribute| {
            let name = BASE64URL_NOPAD.decode(attribute.strip_prefix(PREFIX)?.as_bytes()).ok()?;
            Some((attribute, name.try_into().ok()?))
        })
        .map(|(attribute, name): (&String, [u8; 16])| {
            Ok(IdempotencyRecord {
                call: CallFingerprint { name, fingerprint: reader.required_bytes(attribute)? },
                generation: Generation(reader.required_number(&part(attribute, "generation"))?),
                attempts: reader.required_number(&part(attribute, "attempts"))?,
                channel: reader.required_text(&part(attribute, "channel"), Channel::parse)?,
                at: Timestamp::from_unix(reader.required_number(&part(attribute, "at"))?),
            })
        })
        .collect()
}
