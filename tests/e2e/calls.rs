//! Calls to the table as IAM sees them: the action, the kind of item, the attributes that are named, and what comes
//! back.

use std::collections::BTreeSet;

use serde_json::Value;

/// A call for one item, or the part of a transaction that is about one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The action as policies name it, without the service.
    pub(crate) action: String,
    /// The prefix of the item's key, up to the `#`; of a call without a key one that no policy has.
    pub(crate) kind: String,
    /// The attributes that it names, the key among them; none of a read of the whole item.
    pub(crate) attributes: BTreeSet<String>,
    /// The attributes that a write has come back.
    pub(crate) returns: String,
}

impl Call {
    /// The calls in a request to DynamoDB.
    pub(crate) fn all(operation: &str, request: &Value) -> Vec<Self> {
        let parts = request["TransactItems"].as_array();
        let Some(parts) = parts else { return vec![Self::one(operation.to_owned(), request)] };
        let part = |part: &Value| {
            let (kind, part) = part.as_object().unwrap().iter().next().unwrap();
            // `ConditionCheck` is the one whose action is not called by its name alone.
            Self::one(format!("{kind}Item"), part)
        };
        parts.iter().map(part).collect()
    }

    fn one(action: String, call: &Value) -> Self {
        let item = call["Item"].as_object();
        let key = item.or_else(|| call["Key"].as_object());
        let text = key.and_then(|key| key["pk"]["S"].as_str()).unwrap_or_default();
        let kind = text.split_inclusive('#').next().unwrap_or("?").to_owned();
        let expressions = ["ProjectionExpression", "UpdateExpression", "ConditionExpression"];
        let is_whole = action == "GetItem" && call["ProjectionExpression"].is_null();
        let names = expressions.iter().flat_map(|name| names(call[*name].as_str().unwrap_or_default(), call));
        let attributes = key.into_iter().flat_map(|key| key.keys().cloned()).chain(names);
        Self {
            kind,
            attributes: if is_whole { BTreeSet::new() } else { attributes.collect() },
            returns: call["ReturnValues"].as_str().unwrap_or("NONE").to_owned(),
            action,
        }
    }
}

/// The attributes that an expression names, members of maps by their map's name.
fn names(expression: &str, call: &Value) -> Vec<String> {
    let words = "SET REMOVE ADD DELETE AND OR NOT IN BETWEEN attribute_exists attribute_not_exists if_not_exists size \
                 contains begins_with attribute_type";
    let words: BTreeSet<_> = words.split_whitespace().collect();
    expression
        .split(|c: char| c.is_whitespace() || "(),=<>+-".contains(c))
        .filter(|word| !word.is_empty() && !word.starts_with(':') && !words.contains(word))
        .map(|path| {
            let name = path.split(['.', '[']).next().unwrap();
            let alias = &call["ExpressionAttributeNames"][name];
            alias.as_str().unwrap_or(name).to_owned()
        })
        .collect()
}
