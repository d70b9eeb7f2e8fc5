//! Counters: one conditional addition each.

use aws_sdk_dynamodb::types::Update;
use futures_util::future::{join_all, try_join_all};
use regain_domain::port::Counters;
use regain_domain::{Consumed, Counter, Fault, Limited};

use crate::Table;
use crate::attribute::{PK, n, time};
use crate::conditional::update_if;
use crate::item::counter_key;
use crate::predicate::{Conditional as _, above, is_not_full};
use crate::transaction::unbuilt;

/// Adds one and says when the counter can be purged.
const COUNT: &str = "ADD #count :one SET purge_at = :end";

impl Table {
    /// Adds one to a counter that isn't full; whether it did.
    async fn consume_one(&self, counter: &Counter) -> Result<bool, Fault> {
        let request = self
            .update(counter_key(counter))
            .update_expression(COUNT)
            .only_if(is_not_full(counter))
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":end", time(counter.window().end()));
        update_if(request).await
    }

    /// Takes one back, unless the counter was purged meanwhile.
    async fn refund_one(&self, counter: &Counter) -> Result<bool, Fault> {
        let request = self
            .update(counter_key(counter))
            .update_expression("ADD #count :minus_one")
            .only_if(above("count", 0))
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":minus_one", n(-1));
        update_if(request).await
    }
}

impl Table {
    /// Adds to a counter that isn't full, as a part of a transaction.
    pub(crate) fn consume_in_transaction(&self, counter: &Counter, count: u32) -> Result<Update, Fault> {
        Update::builder()
            .table_name(&self.name)
            .key(PK, counter_key(counter))
            .update_expression(COUNT)
            .only_if(is_not_full(counter))
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", n(count))
            .expression_attribute_values(":end", time(counter.window().end()))
            .build()
            .map_err(unbuilt)
    }
}

impl Counters for Table {
    async fn consume(&self, counters: Vec<Counter>) -> Result<Consumed, Fault> {
        let results = join_all(counters.iter().map(|counter| self.consume_one(counter))).await;
        let mut outcome = Consumed::default();
        for (counter, result) in counters.into_iter().zip(results) {
            if result? {
                outcome.consumed.push(counter);
            } else {
                let end = counter.window().end();
                let until = outcome.limited.map_or(end, |l| l.until.max(end));
                outcome.limited = Some(Limited { until });
            }
        }
        Ok(outcome)
    }

    async fn refund(&self, counters: Vec<Counter>) -> Result<(), Fault> {
        try_join_all(counters.iter().map(|counter| self.refund_one(counter))).await.map(drop)
    }
}
