//! The names of keys and attributes, and how items become domain types and back.

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use regain_domain::challenge::ChallengeRecord;
use regain_domain::{
    AccountId, Armed, CallFingerprint, CallerHash, Challenge, ChallengeId, Channel, Counter, Country,
    CredentialVersion, Fault, Generation, IdentifierHash, IssuedToken, KeyVersion, Locale, MessageHash,
    Purpose, Salt, SendState, Session, SessionEpoch, SessionId, SmsDestination, State,
};

use crate::attribute::{HashNames, Item, PK, Reader, b, n, put_secret_hash, s, time};
use crate::idempotency_records;
use crate::kind::ItemKind;

/// When the TTL may purge an item: seconds since the Unix epoch.
pub const PURGE_AT: &str = "purge_at";

pub(crate) fn challenge_key(id: ChallengeId) -> AttributeValue {
    s(ItemKind::Challenge.key(id))
}

pub(crate) fn account_key(id: AccountId) -> AttributeValue {
    s(ItemKind::Account.key(id))
}

pub(crate) fn session_key(id: SessionId) -> AttributeValue {
    s(ItemKind::Session.key(id))
}

pub(crate) fn identifier_key(hash: &IdentifierHash) -> AttributeValue {
    s(ItemKind::Identifier.key(BASE64URL_NOPAD.encode(hash.as_bytes())))
}

pub(crate) fn counter_key(counter: &Counter) -> AttributeValue {
    let subject = BASE64URL_NOPAD.encode(counter.subject().as_bytes());
    let (scope, start) = (counter.scope().as_str(), counter.window().start().as_unix());
    s(ItemKind::Counter.key(format_args!("{scope}#{subject}#{start}")))
}

/// The password's version of an account.
pub(crate) const CREDENTIAL_VERSION: &str = "credential_version";
/// Present if the account is disabled.
pub(crate) const DISABLED: &str = "disabled";
/// Challenges that were armed since the owner's last success.
pub(crate) const ARMED_SINCE_SUCCESS: &str = "armed_since_success";

/// When the window of an identifier's failures ends: the condition of every charge. The TTL's attribute says the same,
/// and only cleans up.
pub(crate) const WINDOW_END: &str = "window_end";

/// The attribute that counts what came from a network in an hour. There are at most as many of them as failures, so
/// they stand in the item that one write can check as a whole. 96 bits of the network's keyed hash are enough to tell
/// these few apart.
pub(crate) fn network_attribute(from_network: &Counter) -> String {
    let network = BASE64URL_NOPAD.encode(&from_network.subject().as_bytes()[..12]);
    format!("from_{network}_{}", from_network.window().start().as_unix())
}

pub(crate) const TOKEN: HashNames = HashNames { hash: "token_hash", key: "token_key" };
pub(crate) const POSTAL_CODE: HashNames = HashNames { hash: "postal_code_hash", key: "postal_code_key" };

const OPEN: &str = "open";
const VERIFIED: &str = "verified";
const USED: &str = "used";

pub(crate) fn state(state: &State) -> AttributeValue {
    s(match state {
        State::Open => OPEN,
        State::Verified { .. } => VERIFIED,
        State::Used { .. } => USED,
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

/// The item of a challenge as it is first written: open, or verified from the start.
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
        ("sent_at".into(), time(challenge.sent_at)),
        ("expires_at".into(), time(challenge.expires_at)),
        ("attempts".into(), n(challenge.attempts)),
        ("rejections".into(), n(challenge.rejections)),
        ("state".into(), state(&challenge.state)),
        (UNDELIVERABLE.into(), channel_set(&challenge.undeliverable)),
        (SMS_TRIES.into(), n(0)),
        (PURGE_AT.into(), time(challenge.purge_at())),
    ]);
    if let Some(locale) = &challenge.locale {
        item.insert("locale".into(), s(locale.as_str()));
    }
    if let Some(postal_code) = &challenge.postal_code {
        put_secret_hash(&mut item, postal_code, POSTAL_CODE);
    }
    if let Some(caller) = challenge.caller {
        item.insert("caller".into(), b(caller.as_bytes()));
    }
    if let Some(armed) = challenge.armed {
        item.insert("account".into(), s(armed.account.to_string()));
        item.insert("credential_version".into(), n(armed.credential_version.0));
    }
    if let Some(token) = challenge.state.token() {
        put_secret_hash(&mut item, &token.hash, TOKEN);
        item.insert("token_expires_at".into(), time(token.expires_at));
    }
    for record in &challenge.idempotency_records {
        idempotency_records::put(&mut item, record);
    }
    // What the stream's filter looks for. Arming renames it, so that only a send wakes delivery.
    match challenge.send {
        SendState::Pending => drop(item.insert(PENDING.into(), n(challenge.generation.0))),
        SendState::Sending => drop(item.insert(SENDING.into(), n(challenge.generation.0))),
        SendState::Over => {}
    }
    item
}

pub(crate) fn to_challenge(item: &Item) -> Result<Challenge, Fault> {
    let r = Reader(item);
    let armed = match r.optional("account", AccountId::parse)? {
        Some(account) => {
            let credential_version = CredentialVersion(r.required_number("credential_version")?);
            Some(Armed { account, credential_version })
        }
        None => None,
    };
    let state = match r.text("state") {
        Some(OPEN) => State::Open,
        Some(VERIFIED) => State::Verified { token: to_token(&r)? },
        Some(USED) => State::Used {
            token: to_token(&r)?,
            changed_at: r.time("changed_at")?,
            call: match (r.bytes("call_name"), r.bytes("call_fingerprint")) {
                (Some(name), Some(fingerprint)) => Some(CallFingerprint { name, fingerprint }),
                _ => None,
            },
        },
        _ => return Err(Reader::fault("state")),
    };
    let generation = Generation(r.required_number("generation")?);
    Ok(Challenge::from_record(ChallengeRecord {
        id: r.id(ItemKind::Challenge, ChallengeId::parse)?,
        purpose: r.required_text("purpose", Purpose::parse)?,
        identifier: IdentifierHash::from_bytes(r.required_bytes("identifier")?),
        channel: r.required_text("channel", Channel::parse)?,
        generation,
        salt: Salt::from_bytes(r.required_bytes("salt")?),
        code_key: KeyVersion(r.required_number("code_key")?),
        locale: r.optional("locale", Locale::parse)?,
        created_at: r.time("created_at")?,
        sent_at: r.time("sent_at")?,
        expires_at: r.time("expires_at")?,
        attempts: r.required_number("attempts")?,
        rejections: r.required_number("rejections")?,
        state,
        armed,
        send: send_state(&r, generation),
        postal_code: r.optional_secret_hash(POSTAL_CODE)?,
        caller: r.bytes("caller").map(CallerHash::from_bytes),
        sms_sent_to: match r.text(SMS_SENT_TO).and_then(Country::parse) {
            Some(country) => Some(SmsDestination { country, range: r.required_bytes(SMS_SENT_RANGE)? }),
            None => None,
        },
        idempotency_records: idempotency_records::read(item)?,
        undeliverable: item.get(UNDELIVERABLE).map_or_else(Vec::new, to_channels),
    }))
}

fn to_token(r: &Reader<'_>) -> Result<IssuedToken, Fault> {
    Ok(IssuedToken { hash: r.secret_hash(TOKEN)?, expires_at: r.time("token_expires_at")? })
}

/// Where the send of a generation stands.
pub(crate) fn send_state(r: &Reader<'_>, generation: Generation) -> SendState {
    let is_generation = |attribute| r.number(attribute) == Some(generation.0);
    if is_generation(PENDING) {
        SendState::Pending
    } else if is_generation(SENDING) {
        SendState::Sending
    } else {
        SendState::Over
    }
}

/// The send of this generation waits for delivery. The stream's filter looks for the attribute.
pub const PENDING: &str = "pending";
/// The send of this generation is being delivered.
pub const SENDING: &str = "sending";
/// Tries of SMS of the current send. Every challenge has it.
pub(crate) const SMS_TRIES: &str = "sms_tries";
/// The country that an SMS of the last send went to. Every challenge that delivery has handled has it.
pub(crate) const SMS_SENT_TO: &str = "texted_to";
/// A hash of the range of numbers that it went to, or zeros.
pub(crate) const SMS_SENT_RANGE: &str = "texted_range";
/// The placeholder of an absent value, so that items of known and unknown identifiers have the
/// same attributes.
pub(crate) const NONE: &str = "-";
/// The same in the place of a country, and as long.
pub(crate) const NOWHERE: &str = "--";

/// The channels by which a message of a challenge did not arrive: a set, so that noting one twice is noting it
/// once. An empty one holds [`NONE`].
pub(crate) const UNDELIVERABLE: &str = "undeliverable";

pub(crate) fn channel_set(channels: &[Channel]) -> AttributeValue {
    let names = channels.iter().map(|channel| channel.as_str());
    AttributeValue::Ss(std::iter::once(NONE).chain(names).map(str::to_owned).collect())
}

fn to_channels(set: &AttributeValue) -> Vec<Channel> {
    let names = set.as_ss().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(|name| Channel::parse(name)).collect()
}

/// Why an address gets no messages: an attribute of its identifier, so that it goes with it.
pub(crate) const SUPPRESSED: &str = "suppressed";
/// Until when it gets none.
pub(crate) const SUPPRESSED_UNTIL: &str = "suppressed_until";

pub(crate) fn message_key(message: &MessageHash) -> AttributeValue {
    s(ItemKind::Message.key(BASE64URL_NOPAD.encode(message.as_bytes())))
}

/// A message on its way. Once its challenge can be purged, nobody needs to find it any more.
pub(crate) fn from_message(message: &MessageHash, challenge: &Challenge) -> Item {
    Item::from([
        (PK.into(), message_key(message)),
        ("challenge".into(), s(challenge.id.to_string())),
        (PURGE_AT.into(), time(challenge.purge_at())),
    ])
}

pub(crate) fn to_message(item: &Item) -> Result<ChallengeId, Fault> {
    Reader(item).required_text("challenge", ChallengeId::parse)
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
    put_secret_hash(&mut item, &session.secret_hash, TOKEN);
    item
}

pub(crate) fn to_session(item: &Item) -> Result<Session, Fault> {
    let r = Reader(item);
    Ok(Session {
        id: r.id(ItemKind::Session, SessionId::parse)?,
        account: r.required_text("account", AccountId::parse)?,
        epoch: SessionEpoch(r.required_number("session_epoch")?),
        secret_hash: r.secret_hash(TOKEN)?,
        created_at: r.time("created_at")?,
        expires_at: r.time("expires_at")?,
    })
}

/// A link that nobody has been sent yet.
pub(crate) const UNSENT: &str = "unsent";

pub(crate) fn from_link(link: &Challenge) -> Item {
    let mut item = from_challenge(link);
    item.insert(UNSENT.to_owned(), AttributeValue::Bool(true));
    item
}
