//! The names of keys and attributes, and how items become domain types and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::account::PersonalText;
use regain_domain::{
    Account, AccountId, Armed, Challenge, ChallengeId, Channel, Counter, CredentialVersion, EmailAddress,
    Fault, Generation, IdentifierHash, KeyVersion, Locale, PasswordHash, PhoneNumber, Purpose, Salt,
    SecretHash, Session, SessionEpoch, SessionId, State, Timestamp,
};

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The partition key; there is no sort key.
pub(crate) const PK: &str = "pk";
/// When the TTL may purge an item: seconds since the Unix epoch.
pub(crate) const PURGE_AT: &str = "purge_at";

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

pub(crate) fn challenge_key(id: ChallengeId) -> AttributeValue {
    s(format!("CHALLENGE#{id}"))
}

pub(crate) fn account_key(id: AccountId) -> AttributeValue {
    s(format!("ACCOUNT#{id}"))
}

pub(crate) fn session_key(id: SessionId) -> AttributeValue {
    s(format!("SESSION#{id}"))
}

pub(crate) fn identifier_key(hash: &IdentifierHash) -> AttributeValue {
    s(format!("IDENTIFIER#{}", BASE64URL_NOPAD.encode(hash.as_bytes())))
}

pub(crate) fn counter_key(counter: &Counter) -> AttributeValue {
    let subject = BASE64URL_NOPAD.encode(&counter.subject);
    s(format!("LIMIT#{}#{subject}#{}", counter.scope, counter.window_start.as_unix()))
}

/// Reads attributes; a missing or malformed one is a fault that names it and shows no value.
pub(crate) struct Reader<'a>(pub(crate) &'a Item);

impl Reader<'_> {
    fn fault(name: &str) -> Fault {
        Fault::internal(format!("dynamodb: the attribute \"{name}\" is missing or malformed"))
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

    fn bytes<const N: usize>(&self, name: &str) -> Option<[u8; N]> {
        self.0.get(name)?.as_b().ok()?.as_ref().try_into().ok()
    }

    fn time(&self, name: &str) -> Result<Timestamp, Fault> {
        Self::required(name, self.number(name)).map(Timestamp::from_unix)
    }

    /// An attribute that may be absent but not malformed.
    fn optional<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Fault> {
        self.text(name).map(|text| Self::required(name, parse(text))).transpose()
    }

    fn id<T>(&self, prefix: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        Self::required(PK, self.text(PK).and_then(|pk| pk.strip_prefix(prefix)).and_then(parse))
    }

    fn secret_hash(&self) -> Result<SecretHash, Fault> {
        let version = Self::required("token_key", self.number("token_key"))?;
        let hash = Self::required("token_hash", self.bytes("token_hash"))?;
        Ok(SecretHash::from_parts(KeyVersion(version), hash))
    }
}

/// Adds a token's hash to an item.
fn put_secret_hash(item: &mut Item, hash: &SecretHash) {
    let (version, bytes) = hash.parts();
    item.insert("token_key".into(), n(version.0));
    item.insert("token_hash".into(), b(bytes));
}

const OPEN: &str = "open";
const VERIFIED: &str = "verified";
const USED: &str = "used";

pub(crate) fn state(state: &State) -> AttributeValue {
    s(match state {
        State::Open => OPEN,
        State::Verified { .. } => VERIFIED,
        State::Used => USED,
    })
}

pub(crate) fn open() -> AttributeValue {
    s(OPEN)
}

pub(crate) fn verified() -> AttributeValue {
    s(VERIFIED)
}

pub(crate) fn used() -> AttributeValue {
    s(USED)
}

/// The item of a challenge that is not verified yet, as it is first written.
pub(crate) fn from_challenge(challenge: &Challenge) -> Item {
    let mut item = Item::from([
        (PK.into(), challenge_key(challenge.id)),
        ("purpose".into(), s(challenge.purpose.as_str())),
        ("identifier".into(), b(challenge.identifier.as_bytes())),
        ("channel".into(), s(challenge.channel.as_str())),
        ("generation".into(), n(challenge.generation.0)),
        ("salt".into(), b(challenge.salt.as_bytes())),
        ("code_key".into(), n(challenge.code_key.0)),
        ("created_at".into(), time(challenge.created_at)),
        ("expires_at".into(), time(challenge.expires_at)),
        ("attempts".into(), n(challenge.attempts)),
        ("rejections".into(), n(challenge.rejections)),
        ("state".into(), state(&challenge.state)),
        (PURGE_AT.into(), time(challenge.purge_at())),
    ]);
    if let Some(locale) = &challenge.locale {
        item.insert("locale".into(), s(locale.as_str()));
    }
    if challenge.pending {
        // What the stream's filter looks for. Arming renames it, so that only a send wakes delivery.
        item.insert("pending".into(), n(challenge.generation.0));
    }
    item
}

pub(crate) fn to_challenge(item: &Item) -> Result<Challenge, Fault> {
    let r = Reader(item);
    let required_number = |name| Reader::required(name, r.number::<u32>(name));
    let armed = match r.optional("account", AccountId::parse)? {
        Some(account) => {
            let version = Reader::required("credential_version", r.number("credential_version"))?;
            Some(Armed { account, credential_version: CredentialVersion(version) })
        }
        None => None,
    };
    let state = match r.text("state") {
        Some(OPEN) => State::Open,
        Some(VERIFIED) => {
            State::Verified { token_hash: r.secret_hash()?, token_expires_at: r.time("token_expires_at")? }
        }
        Some(USED) => State::Used,
        _ => return Err(Reader::fault("state")),
    };
    let generation = required_number("generation")?;
    let awaited = [r.number::<u32>("pending"), r.number("sending")];
    Ok(Challenge {
        id: r.id("CHALLENGE#", ChallengeId::parse)?,
        purpose: Reader::required("purpose", r.text("purpose").and_then(Purpose::parse))?,
        identifier: IdentifierHash::from_bytes(Reader::required("identifier", r.bytes("identifier"))?),
        channel: Reader::required("channel", r.text("channel").and_then(Channel::parse))?,
        generation: Generation(generation),
        salt: Salt::from_bytes(Reader::required("salt", r.bytes("salt"))?),
        code_key: KeyVersion(required_number("code_key")?),
        locale: r.optional("locale", Locale::parse)?,
        created_at: r.time("created_at")?,
        expires_at: r.time("expires_at")?,
        attempts: required_number("attempts")?,
        rejections: required_number("rejections")?,
        state,
        armed,
        pending: awaited.contains(&Some(generation)),
    })
}

pub(crate) fn from_account(account: &Account) -> Item {
    let mut item = Item::from([
        (PK.into(), account_key(account.id)),
        ("credential_version".into(), n(account.credential_version.0)),
        ("session_epoch".into(), n(account.session_epoch.0)),
        ("armed_since_success".into(), n(0)),
    ]);
    let texts = [
        ("email", account.email.as_ref().map(EmailAddress::as_str)),
        ("phone", account.phone.as_ref().map(PhoneNumber::as_str)),
        ("locale", account.locale.as_ref().map(Locale::as_str)),
        ("display_name", account.name.as_ref().map(|name| name.0.as_str())),
        ("postal_code", account.postal_code.as_ref().map(|code| code.0.as_str())),
        ("password_hash", account.password_hash.as_ref().map(PasswordHash::as_phc)),
    ];
    item.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), s(text?)))));
    if account.disabled {
        item.insert("disabled".into(), AttributeValue::Bool(true));
    }
    item
}

pub(crate) fn to_account(item: &Item) -> Result<Account, Fault> {
    let r = Reader(item);
    let required_number = |name| Reader::required(name, r.number::<u64>(name));
    let personal = |name| r.text(name).map(|text| PersonalText(text.to_owned()));
    Ok(Account {
        id: r.id("ACCOUNT#", AccountId::parse)?,
        email: r.optional("email", EmailAddress::parse)?,
        phone: r.optional("phone", PhoneNumber::parse)?,
        locale: r.optional("locale", Locale::parse)?,
        name: personal("display_name"),
        postal_code: personal("postal_code"),
        password_hash: r.text("password_hash").map(PasswordHash::from_phc),
        credential_version: CredentialVersion(required_number("credential_version")?),
        session_epoch: SessionEpoch(required_number("session_epoch")?),
        disabled: item.contains_key("disabled"),
    })
}

pub(crate) fn from_session(session: &Session) -> Item {
    let mut item = Item::from([
        (PK.into(), session_key(session.id)),
        ("account".into(), s(session.account.to_string())),
        ("session_epoch".into(), n(session.epoch.0)),
        ("created_at".into(), time(session.created_at)),
        ("expires_at".into(), time(session.expires_at)),
        (PURGE_AT.into(), time(session.expires_at)),
    ]);
    put_secret_hash(&mut item, &session.secret_hash);
    item
}

pub(crate) fn to_session(item: &Item) -> Result<Session, Fault> {
    let r = Reader(item);
    Ok(Session {
        id: r.id("SESSION#", SessionId::parse)?,
        account: Reader::required("account", r.text("account").and_then(AccountId::parse))?,
        epoch: SessionEpoch(Reader::required("session_epoch", r.number("session_epoch"))?),
        secret_hash: r.secret_hash()?,
        created_at: r.time("created_at")?,
        expires_at: r.time("expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_item_is_a_fault_that_shows_no_value() {
        let item = Item::from([
            (PK.to_owned(), s("ACCOUNT#AAAAAAAAAAAAAAAAAAAAAA")),
            ("email".to_owned(), s("not an address, but private")),
        ]);
        let fault = to_account(&item).unwrap_err();
        let text = format!("{fault:?}");
        assert!(text.contains("email") && !text.contains("private"), "{text}");
        assert!(to_challenge(&item).is_err() && to_session(&Item::new()).is_err());
    }
}
