//! Attributes: how values go into an item, and how they are read out of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use regain_domain::{Fault, KeyVersion, SecretHash, Timestamp};

use crate::kind::ItemKind;

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The partition key; there is no sort key.
pub const PK: &str = "pk";

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString + Copy) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn b(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

pub(crate) fn time(time: Timestamp) -> AttributeValue {
    n(time.as_unix())
}

/// The attributes of a keyed hash: its bytes, and the version of its key.
#[derive(Clone, Copy)]
pub(crate) struct HashNames {
    pub(crate) hash: &'static str,
    pub(crate) key: &'static str,
}

/// Adds a hash and the version of its key to an item.
pub(crate) fn put_secret_hash(item: &mut Item, hash: &SecretHash, names: HashNames) {
    let (version, bytes) = hash.parts();
    item.insert(names.hash.to_owned(), b(bytes));
    item.insert(names.key.to_owned(), n(version.0));
}

/// Reads attributes; a missing or malformed one is a fault that names it and shows no value.
pub(crate) struct Reader<'a>(pub(crate) &'a Item);

impl Reader<'_> {
    pub(crate) fn fault(name: &str) -> Fault {
        Fault::internal(format!("dynamodb: the attribute \"{name}\" is missing or malformed"))
    }

    pub(crate) fn required_number<T: std::str::FromStr>(&self, name: &str) -> Result<T, Fault> {
        Self::required(name, self.number(name))
    }

    pub(crate) fn required_bool(&self, name: &str) -> Result<bool, Fault> {
        Self::required(name, self.0.get(name).and_then(|value| value.as_bool().ok().copied()))
    }

    pub(crate) fn required_bytes<const N: usize>(&self, name: &str) -> Result<[u8; N], Fault> {
        Self::required(name, self.bytes(name))
    }

    pub(crate) fn required_text<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        Self::required(name, self.text(name).and_then(parse))
    }

    fn required<T>(name: &str, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| Self::fault(name))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.as_n().ok()?.parse().ok()
    }

    pub(crate) fn bytes<const N: usize>(&self, name: &str) -> Option<[u8; N]> {
        self.0.get(name)?.as_b().ok()?.as_ref().try_into().ok()
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, Fault> {
        self.required_number(name).map(Timestamp::from_unix)
    }

    /// An attribute that may be absent but not malformed.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        self.text(name).map(|text| Self::required(name, parse(text))).transpose()
    }

    pub(crate) fn id<T>(&self, kind: ItemKind, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        Self::required(PK, self.text(PK).and_then(|key| kind.name_in(key)).and_then(parse))
    }

    pub(crate) fn secret_hash(&self, names: HashNames) -> Result<SecretHash, Fault> {
        let version = KeyVersion(self.required_number(names.key)?);
        Ok(SecretHash::from_parts(version, self.required_bytes(names.hash)?))
    }

    /// A hash that may be absent but not malformed.
    pub(crate) fn optional_secret_hash(&self, names: HashNames) -> Result<Option<SecretHash>, Fault> {
        self.0.contains_key(names.hash).then(|| self.secret_hash(names)).transpose()
    }
}
