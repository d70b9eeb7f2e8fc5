//! Counts SMS: for `deliver-messages` those that are sent, for `verify-code` those whose code is verified.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures_util::future::try_join_all;
use regain_domain::port::sms::{ConversionStore, SmsStore, SmsTry};
use regain_domain::sms_limits::{Conversion, ConversionCounter};
use regain_domain::{Challenge, Counter, Fault, SendState};

use crate::Table;
use crate::attribute::{Item, Reader, n, time};
use crate::conditional::{Updated, update_and_see, update_if};
use crate::fault::fault;
use crate::item::{SMS_TRIES as TRIES, challenge_key, counter_key, send_state};
use crate::predicate::{Conditional as _, above, is_current, takes_sms_try};

/// Codes that were verified, beside the count of those that were sent.
const VERIFIED: &str = "verified";
/// The callers behind a country's messages: short hashes.
const CALLERS: &str = "callers";
/// The ranges behind a country's messages: short hashes.
const RANGES: &str = "ranges";

fn one_hash(hash: [u8; 2]) -> AttributeValue {
    AttributeValue::Bs(vec![Blob::new(hash)])
}

fn size_of(item: &Item, set: &str) -> usize {
    item.get(set).and_then(|set| set.as_bs().ok()).map_or(0, Vec::len)
}

impl Table {
    async fn count_one_sms(&self, counter: &ConversionCounter) -> Result<Conversion, Fault> {
        let mut update = "ADD #count :one".to_owned();
        let mut request = self.in_window(&counter.counter).expression_attribute_names("#count", "count");
        if let Some(breadth) = counter.breadth {
            update = format!("{update}, {RANGES} :range");
            request = request.expression_attribute_values(":range", one_hash(breadth.range));
            if let Some(caller) = breadth.caller {
                update = format!("{update}, {CALLERS} :caller");
                request = request.expression_attribute_values(":caller", one_hash(caller));
            }
        }
        let request = request.update_expression(format!("{update} SET purge_at = :end"));
        let item = request.return_values(ReturnValue::AllNew).send().await.map_err(|error| fault(&error))?;
        let item = item.attributes.unwrap_or_default();
        let number = |name| Reader(&item).number(name).unwrap_or_default();
        Ok(Conversion {
            sent: number("count"),
            verified: number(VERIFIED),
            callers: size_of(&item, CALLERS),
            ranges: size_of(&item, RANGES),
        })
    }

    async fn count_one_verified(&self, counter: &Counter) -> Result<(), Fault> {
        let update = format!("ADD {VERIFIED} :one SET purge_at = :end");
        let sent = self.in_window(counter).update_expression(update).send().await;
        sent.map(drop).map_err(|error| fault(&error))
    }

    /// An update that adds one to a counter, to be completed.
    fn in_window(&self, counter: &Counter) -> UpdateItemFluentBuilder {
        self.update(counter_key(counter))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":end", time(counter.window().end()))
    }
}

impl SmsStore for Table {
    async fn count_sms(&self, counters: &[ConversionCounter]) -> Result<Vec<Conversion>, Fault> {
        try_join_all(counters.iter().map(|counter| self.count_one_sms(counter))).await
    }

    async fn take_sms_try(&self, challenge: &Challenge) -> Result<SmsTry, Fault> {
        let request = self
            .update(challenge_key(challenge.id))
            .update_expression(format!("ADD {TRIES} :one"))
            .only_if(takes_sms_try(challenge.generation))
            .expression_attribute_values(":one", n(1));
        let tries = |item: &Item| Reader(item).number(TRIES).unwrap_or_default();
        Ok(match update_and_see(request).await? {
            Updated::Done(item) => SmsTry::Taken(tries(&item)),
            Updated::Refused(Some(item)) if is_being_sent(&item, challenge) => SmsTry::Spent,
            Updated::Refused(_) => SmsTry::Over,
        })
    }

    async fn return_sms_try(&self, challenge: &Challenge) -> Result<(), Fault> {
        let request = self
            .update(challenge_key(challenge.id))
            .update_expression(format!("ADD {TRIES} :minus_one"))
            .only_if(is_current(challenge.generation).and(above(TRIES, 0)))
            .expression_attribute_values(":minus_one", n(-1));
        update_if(request).await.map(drop)
    }
}

/// Whether the send of a challenge, as it was read, is still being delivered.
fn is_being_sent(item: &Item, challenge: &Challenge) -> bool {
    let r = Reader(item);
    r.number("generation") == Some(challenge.generation.0)
        && send_state(&r, challenge.generation) == SendState::Sending
}

impl ConversionStore for Table {
    async fn count_verified(&self, counters: Vec<Counter>) -> Result<(), Fault> {
        try_join_all(counters.iter().map(|counter| self.count_one_verified(counter))).await.map(drop)
    }
}
