//! The marks that calls with an idempotency key leave, written by the very update that they mark.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::{Call, CallMark, Channel, Fault, Generation, Mark, Timestamp};

use crate::attribute::{Item, Reader, b, n, s, time};

const PREFIX: &str = "mark_";
/// The attributes of a mark beside the fingerprint, each after the mark's own name.
const PARTS: [&str; 4] = ["generation", "attempts", "channel", "at"];

fn attribute(mark: &CallMark) -> String {
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&mark.name))
}

fn part(attribute: &str, part: &str) -> String {
    format!("{attribute}_{part}")
}

/// What an update sets for a mark to remember, in the words of its expression.
pub(crate) struct Remembered<'a> {
    pub(crate) generation: &'a str,
    pub(crate) attempts: &'a str,
    pub(crate) channel: &'a str,
}

/// Lets an update leave a call's mark, if there is a call. What it remembers may be said by what the update's own values
/// are called. Whether there is one of the call already, its condition asks.
pub(crate) fn marked(
    request: UpdateItemFluentBuilder,
    update: &str,
    call: Option<&Call>,
    now: Timestamp,
    remembered: &Remembered<'_>,
) -> UpdateItemFluentBuilder {
    let Some(Call { mark, .. }) = call else { return request.update_expression(update) };
    let Remembered { generation, attempts, channel } = remembered;
    named(request, mark)
        .update_expression(format!(
            "SET #mark = :mark, #mark_generation = {generation}, #mark_attempts = {attempts}, \
             #mark_channel = {channel}, #mark_at = :mark_at, {}",
            update.trim_start_matches("SET ")
        ))
        .expression_attribute_values(":mark", b(&mark.fingerprint))
        .expression_attribute_values(":mark_at", time(now))
}

/// The attributes of a call's marks, under every version of the key.
pub(crate) fn attributes(call: &Call) -> impl Iterator<Item = String> {
    std::iter::once(&call.mark).chain(&call.others).map(attribute)
}

/// Adds the names of a mark's attributes to an update.
fn named(request: UpdateItemFluentBuilder, mark: &CallMark) -> UpdateItemFluentBuilder {
    let attribute = attribute(mark);
    PARTS
        .iter()
        .fold(request, |request, name| {
            request.expression_attribute_names(format!("#mark_{name}"), part(&attribute, name))
        })
        .expression_attribute_names("#mark", attribute)
}

/// Adds a mark to an item that is about to be put.
pub(crate) fn put(item: &mut Item, mark: &Mark) {
    let attribute = attribute(&mark.call);
    item.insert(part(&attribute, "generation"), n(mark.generation.0));
    item.insert(part(&attribute, "attempts"), n(mark.attempts));
    item.insert(part(&attribute, "channel"), s(mark.channel.as_str()));
    item.insert(part(&attribute, "at"), time(mark.at));
    item.insert(attribute, b(&mark.call.fingerprint));
}

/// The marks of an item.
pub(crate) fn read(item: &Item) -> Result<Vec<Mark>, Fault> {
    let reader = Reader(item);
    item.keys()
        .filter_map(|attribute| {
            let name = BASE64URL_NOPAD.decode(attribute.strip_prefix(PREFIX)?.as_bytes()).ok()?;
            Some((attribute, name.try_into().ok()?))
        })
        .map(|(attribute, name): (&String, [u8; 16])| {
            Ok(Mark {
                call: CallMark { name, fingerprint: reader.required_bytes(attribute)? },
                generation: Generation(reader.required_number(&part(attribute, "generation"))?),
                attempts: reader.required_number(&part(attribute, "attempts"))?,
                channel: reader.required_text(&part(attribute, "channel"), Channel::parse)?,
                at: Timestamp::from_unix(reader.required_number(&part(attribute, "at"))?),
            })
        })
        .collect()
}
