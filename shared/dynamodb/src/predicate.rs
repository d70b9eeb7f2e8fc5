//! Conditions of writes: the domain's rules in the words of the table, each beside its rule's name.
//!
//! A rule is asked of what was read; its predicate holds at the moment of the write, whatever has happened in between.
//! `tests/conformance/agreement.rs` holds the two together on generated items. Every condition of this crate comes from
//! here. To extend: a function that names its rule, and a property there.

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, DeleteBuilder, PutBuilder, UpdateBuilder};
use regain_domain::challenge::REJECTIONS_PER_TOKEN;
use regain_domain::device::FAILURES_PER_DEVICE;
use regain_domain::sms_limits::SMS_TRIES;
use regain_domain::{
    Armed, Call, Challenge, ChallengePolicy, Counter, FailureBudget, Generation, GuessPolicy, SecretHash,
    Timestamp,
};

use crate::attribute::{PK, b, n, s, time};
use crate::idempotency_records;
use crate::item::{
    ARMED_SINCE_SUCCESS, CREDENTIAL_VERSION, DISABLED, PENDING, SENDING, SMS_TRIES as TRIES, TOKEN,
    WINDOW_END, network_attribute, open, verified,
};

/// A condition, with the names and values that its words use. Their placeholders begin with `if_`, so that none meets
/// one of the update beside it.
#[derive(Clone)]
pub(crate) struct Predicate {
    words: String,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

impl Predicate {
    /// Both hold.
    pub(crate) fn and(self, other: Self) -> Self {
        self.joined("AND", other)
    }

    /// One of them holds, or both.
    pub(crate) fn or(self, other: Self) -> Self {
        self.joined("OR", other)
    }

    /// None of a call's records is there, whatever version of the key it was made under.
    pub(crate) fn and_unrecorded(self, call: Option<&Call>) -> Self {
        call.into_iter()
            .flat_map(idempotency_records::attributes)
            .fold(self, |all, record| all.and(lacks(&record)))
    }

    fn joined(mut self, word: &str, mut other: Self) -> Self {
        self.words = format!("({}) {word} ({})", self.words, other.words);
        self.names.append(&mut other.names);
        self.values.append(&mut other.values);
        self
    }
}

/// The builders that take a condition: the SDK's builders have the same methods and no trait.
pub(crate) trait Conditional: Sized {
    /// Writes only if the predicate holds.
    fn only_if(self, predicate: Predicate) -> Self;
}

macro_rules! conditional {
    ($($builder:ty),*) => {
        $(impl Conditional for $builder {
            fn only_if(self, predicate: Predicate) -> Self {
                let Predicate { words, names, values } = predicate;
                let with_names = names.into_iter().fold(self.condition_expression(words), |builder, (key, name)| {
                    builder.expression_attribute_names(key, name)
                });
                values.into_iter().fold(with_names, |builder, (key, value)| {
                    builder.expression_attribute_values(key, value)
                })
            }
        })*
    };
}

conditional!(
    UpdateItemFluentBuilder,
    PutItemFluentBuilder,
    DeleteItemFluentBuilder,
    UpdateBuilder,
    PutBuilder,
    DeleteBuilder,
    ConditionCheckBuilder
);

/// A test of one attribute, with its name in the place of `{}`.
fn test(attribute: &str, words: &str) -> Predicate {
    let name = format!("#if_{}", attribute.replace('-', "_"));
    Predicate {
        words: words.replace("{}", &name),
        names: vec![(name, attribute.to_owned())],
        values: Vec::new(),
    }
}

fn compare(attribute: &str, operator: &str, kind: &str, value: AttributeValue) -> Predicate {
    let key = format!(":if_{kind}_{}", attribute.replace('-', "_"));
    let mut predicate = test(attribute, &format!("{{}} {operator} {key}"));
    predicate.values.push((key, value));
    predicate
}

/// The attribute is there.
pub(crate) fn has(attribute: &str) -> Predicate {
    test(attribute, "attribute_exists({})")
}

/// The attribute is absent.
pub(crate) fn lacks(attribute: &str) -> Predicate {
    test(attribute, "attribute_not_exists({})")
}

/// The attribute has this value: what was read is still so.
pub(crate) fn is(attribute: &str, value: AttributeValue) -> Predicate {
    compare(attribute, "=", "is", value)
}

/// The attribute is a smaller number.
pub(crate) fn below(attribute: &str, number: u32) -> Predicate {
    compare(attribute, "<", "below", n(number))
}

/// The attribute is a larger number.
pub(crate) fn above(attribute: &str, number: u32) -> Predicate {
    compare(attribute, ">", "above", n(number))
}

/// The attribute is a time that is still to come.
fn is_to_come(attribute: &str, now: Timestamp) -> Predicate {
    compare(attribute, ">", "after", time(now))
}

/// The attribute is a time that has come.
pub(crate) fn is_over(attribute: &str, now: Timestamp) -> Predicate {
    compare(attribute, "<=", "by", time(now))
}

/// There is an item of the key.
pub(crate) fn exists() -> Predicate {
    has(PK)
}

/// There is no item of the key.
pub(crate) fn is_absent() -> Predicate {
    lacks(PK)
}

/// [`State::Open`](regain_domain::State::Open).
pub(crate) fn waits_for_code() -> Predicate {
    is("state", open())
}

/// `Challenge::is_open`.
fn is_open(now: Timestamp) -> Predicate {
    waits_for_code().and(is_to_come("expires_at", now))
}

/// The send of a generation is the current one.
pub(crate) fn is_current(generation: Generation) -> Predicate {
    is("generation", n(generation.0))
}

/// `Challenge::refuse_guess` refuses nothing.
pub(crate) fn takes_guess(now: Timestamp, policy: GuessPolicy) -> Predicate {
    is_open(now).and(below("attempts", policy.attempts))
}

/// `Challenge::refuse_resend` refuses nothing: the cool-down and the number of resends hold as long as the generation
/// is the one that was read.
pub(crate) fn takes_resend(read: &Challenge, now: Timestamp, policy: &ChallengePolicy) -> Predicate {
    takes_guess(now, policy.guesses).and(is_current(read.generation))
}

/// A right code of the challenge as it was read is taken: `Challenge::is_open`, and nobody has resent it since.
pub(crate) fn takes_code(read: &Challenge, now: Timestamp) -> Predicate {
    is_open(now).and(is_current(read.generation))
}

/// `Challenge::refuse_token` refuses nothing, and the token is the one that was given out.
pub(crate) fn takes_token(hash: &SecretHash, now: Timestamp) -> Predicate {
    is("state", verified())
        .and(is(TOKEN.hash, b(hash.parts().1)))
        .and(is_to_come("token_expires_at", now))
        .and(below("rejections", REJECTIONS_PER_TOKEN))
}

/// `Armed::may_recover`.
pub(crate) fn may_recover(armed: Armed) -> Predicate {
    is(CREDENTIAL_VERSION, n(armed.credential_version.0)).and(lacks(DISABLED))
}

/// `SinceSuccess::is_spent` doesn't hold.
pub(crate) fn takes_challenge(limit: u32) -> Predicate {
    below(ARMED_SINCE_SUCCESS, limit)
}

/// A challenge is armed as it was read.
pub(crate) fn is_armed_as(armed: Option<Armed>) -> Predicate {
    match armed {
        Some(armed) => is("account", s(armed.account.to_string())),
        None => lacks("account"),
    }
}

/// [`SendState::Pending`](regain_domain::SendState::Pending), of the send of a generation.
pub(crate) fn is_pending(generation: Generation) -> Predicate {
    is(PENDING, n(generation.0))
}

/// [`SendState::Sending`](regain_domain::SendState::Sending), of the send of a generation.
pub(crate) fn is_sending(generation: Generation) -> Predicate {
    is(SENDING, n(generation.0))
}

/// The send of a generation is being delivered, and not all of its [`SMS_TRIES`] are spent.
pub(crate) fn takes_sms_try(generation: Generation) -> Predicate {
    let is_sending = is_current(generation).and(is_sending(generation));
    is_sending.and(lacks(TRIES).or(below(TRIES, SMS_TRIES)))
}

/// `Counter::is_full` doesn't hold.
pub(crate) fn is_not_full(counter: &Counter) -> Predicate {
    lacks("count").or(below("count", counter.limit()))
}

/// `Device::takes_try`. Whose it is never changes.
pub(crate) fn takes_device_try(now: Timestamp) -> Predicate {
    below("failures", FAILURES_PER_DEVICE).and(is_to_come("expires_at", now))
}

/// `FailureBudget::refusal` has no reason; but a window that is over makes way first.
pub(crate) fn takes_failure(budget: &FailureBudget) -> Predicate {
    let network = network_attribute(&budget.from_network);
    let of_network = lacks(&network).or(below(&network, budget.from_network.limit()));
    let in_window = is_to_come(WINDOW_END, budget.now).and(below("count", budget.limit)).and(of_network);
    is_absent().or(in_window)
}
