//! The flow: a person's place between two pages, in a cookie.
//!
//! It isn't sealed, because it is worth only what it names: whoever changes it has another challenge's id or token, or
//! none, and every rule is decided by the use cases. It is read strictly: what isn't exactly a flow is none.

use data_encoding::BASE64URL_NOPAD;
use regain_domain::usecase::challenge_view::ChallengeView;
use regain_domain::{ChallengeId, Channel, CodeLength, Fault, RecoveryToken, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::cookies::FLOW_LIFETIME;
use crate::return_to::ReturnTo;
use crate::site::Site;

/// The longest identifier that is kept, in bytes: an email address has 254 at most.
const MAX_IDENTIFIER: usize = 320;
/// The longest cookie that is read, in bytes.
const MAX_COOKIE: usize = 3 * 1024;

/// A person's place. Absent from `Debug`: it holds secrets.
pub(crate) struct Flow {
    /// Proves that a form is of a page that was shown to this browser.
    pub(crate) csrf: Csrf,
    /// What was typed for the code, for the fields that ask for it again and for password managers.
    pub(crate) identifier: Option<String>,
    /// Where an application wants the person back.
    pub(crate) return_to: Option<ReturnTo>,
    /// How far the person is.
    pub(crate) step: Step,
}

/// How far a person is.
pub(crate) enum Step {
    /// Nothing was asked for.
    Start,
    /// A code is on its way.
    Code(Sent),
    /// A password may be set, until a time.
    Password(RecoveryToken, Timestamp),
    /// The time for a password is over. It is read so, and never written.
    Expired,
    /// The password is set.
    Done,
    /// The person has signed out.
    SignedOut,
}

/// A code that was sent, if there is anybody to send it to.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) challenge: ChallengeId,
    pub(crate) channel: Channel,
    pub(crate) reference: ReferenceText,
    pub(crate) length: CodeLength,
    pub(crate) expires_at: Timestamp,
    /// When another can be asked for; `None` if no more.
    pub(crate) resend_at: Option<Timestamp>,
}

/// A reference, as it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReferenceText([u8; 3]);

impl ReferenceText {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_reference = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        text.as_bytes().try_into().ok().map(Self).filter(|_| is_reference)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Sent {
    /// What pages show of a challenge.
    ///
    /// # Errors
    /// [`Fault::Internal`] if it isn't of a form that there is.
    pub(crate) fn of(view: &ChallengeView) -> Result<Self, Fault> {
        let length = u8::try_from(view.code_length).ok().and_then(CodeLength::new);
        let (Some(reference), Some(length)) = (ReferenceText::parse(view.reference.as_str()), length) else {
            return Err(Fault::internal("a challenge that no page can show"));
        };
        Ok(Self {
            challenge: view.id,
            channel: view.channel,
            reference,
            length,
            expires_at: view.expires_at,
            resend_at: view.resend_available_at,
        })
    }
}

/// The value that a form has to repeat: 128 random bits.
#[derive(Clone)]
pub(crate) struct Csrf(String);

impl Csrf {
    fn parse(text: String) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == 16).then_some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a form repeats it, in constant time.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    csrf: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<StoredStep>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredStep {
    Code {
        challenge: String,
        channel: String,
        reference: String,
        digits: u8,
        expires_at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resend_at: Option<i64>,
    },
    Password {
        token: Zeroizing<String>,
        expires_at: i64,
    },
    Done,
    SignedOut,
}

impl Flow {
    /// A flow that begins.
    pub(crate) fn new(site: &Site) -> Result<Self, Fault> {
        let csrf = Csrf(BASE64URL_NOPAD.encode(&site.random_bytes()?));
        Ok(Self { csrf, identifier: None, return_to: None, step: Step::Start })
    }

    /// Begins anew for the same person: what was typed and where they come from stay.
    pub(crate) fn start_again(&mut self) {
        self.step = Step::Start;
    }

    /// A code is on its way. The answer to a form that comes again may be of an earlier send of the same challenge: then
    /// the later one stays.
    pub(crate) fn note_sent(&mut self, sent: Sent) {
        let is_earlier = matches!(&self.step, Step::Code(current)
            if current.challenge == sent.challenge && sent.expires_at < current.expires_at);
        if !is_earlier {
            self.step = Step::Code(sent);
        }
    }

    /// Keeps what was typed, if it can be an identifier by its length, and has nothing that nobody types.
    pub(crate) fn keep_identifier(&mut self, text: &str) {
        self.identifier = can_be_kept(text).then(|| text.to_owned());
    }

    /// Reads the cookie; `None` for anything that [`Self::write`] doesn't write.
    pub(crate) fn read(text: &str, site: &Site, now: Timestamp) -> Option<Self> {
        if text.len() > MAX_COOKIE {
            return None;
        }
        let json = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        let stored: Stored = serde_json::from_slice(&json).ok()?;
        Some(Self {
            csrf: Csrf::parse(stored.csrf)?,
            identifier: stored.identifier.filter(|text| can_be_kept(text)),
            // The list of origins may have changed since.
            return_to: stored.return_to.and_then(|text| site.return_to(&text)),
            step: match stored.step {
                None => Step::Start,
                Some(step) => Step::read(step, now)?,
            },
        })
    }

    /// The cookie's value.
    pub(crate) fn write(&self) -> Zeroizing<String> {
        let stored = Stored {
            csrf: self.csrf.0.clone(),
            identifier: self.identifier.clone(),
            return_to: self.return_to.as_ref().map(|place| place.as_str().to_owned()),
            step: self.step.write(),
        };
        // Strings and numbers always serialise.
        let json = Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default());
        Zeroizing::new(BASE64URL_NOPAD.encode(&json))
    }
}

/// Control characters are six bytes each in the cookie, which would get too long for browsers.
fn can_be_kept(identifier: &str) -> bool {
    !identifier.is_empty() && identifier.len() <= MAX_IDENTIFIER && !identifier.contains(char::is_control)
}

impl Step {
    fn read(stored: StoredStep, now: Timestamp) -> Option<Self> {
        Some(match stored {
            StoredStep::Code { challenge, channel, reference, digits, expires_at, resend_at } => {
                Self::Code(Sent {
                    challenge: ChallengeId::parse(&challenge)?,
                    channel: Channel::parse(&channel)?,
                    reference: ReferenceText::parse(&reference)?,
                    length: CodeLength::new(digits)?,
                    expires_at: Timestamp::from_unix(expires_at),
                    resend_at: resend_at.map(Timestamp::from_unix),
                })
            }
            StoredStep::Password { token, expires_at } => {
                let (token, expires_at) = (RecoveryToken::parse(&token)?, Timestamp::from_unix(expires_at));
                if now < expires_at { Self::Password(token, expires_at) } else { Self::Expired }
            }
            StoredStep::Done => Self::Done,
            StoredStep::SignedOut => Self::SignedOut,
        })
    }

    fn write(&self) -> Option<StoredStep> {
        Some(match self {
            Self::Start | Self::Expired => return None,
            Self::Code(sent) => StoredStep::Code {
                challenge: sent.challenge.to_string(),
                channel: sent.channel.as_str().to_owned(),
                reference: sent.reference.as_str().to_owned(),
                digits: u8::try_from(sent.length.digits()).unwrap_or_default(),
                expires_at: sent.expires_at.as_unix(),
                resend_at: sent.resend_at.map(Timestamp::as_unix),
            },
            Self::Password(token, expires_at) => {
                StoredStep::Password { token: token.reveal(), expires_at: expires_at.as_unix() }
            }
            Self::Done => StoredStep::Done,
            Self::SignedOut => StoredStep::SignedOut,
        })
    }

    /// A word for the token that a password may be set with, for its form: another tab may have got another since.
    pub(crate) fn word(token: &RecoveryToken) -> String {
        let digest = Sha256::digest(token.reveal().as_bytes());
        BASE64URL_NOPAD.encode(digest.first_chunk::<9>().map_or(&[][..], |start| start))
    }

    /// The step at which a password may be set: until the token expires, and never longer than a flow lasts.
    pub(crate) fn password(token: RecoveryToken, expires_at: Timestamp, now: Timestamp) -> Self {
        Self::Password(token, expires_at.min(now.plus(FLOW_LIFETIME)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use regain_domain::{LinkToken, VerificationToken};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{NOW, site};

    fn cookie(json: &Value) -> String {
        BASE64URL_NOPAD.encode(json.to_string().as_bytes())
    }

    fn code() -> Value {
        json!({
            "challenge": "6NVGNCWB9QZ4RK1M8DXT5A", "channel": "email", "reference": "K7F", "digits": 6,
            "expires_at": NOW.as_unix() + 600, "resend_at": NOW.as_unix() + 60,
        })
    }

    /// Every step, as it is stored.
    fn steps() -> Vec<Value> {
        let verification = VerificationToken::new(ChallengeId::from_bytes([7; 16]), [7; 32]).reveal();
        let link = "0123456789ABCDEFGHJKMNPQRS";
        let until = NOW.as_unix() + 600;
        vec![
            Value::Null,
            json!({ "code": code() }),
            json!({ "password": { "token": *verification, "expires_at": until } }),
            json!({ "password": { "token": link, "expires_at": until } }),
            json!("done"),
            json!("signed_out"),
        ]
    }

    fn flow(step: &Value) -> Value {
        let mut flow = json!({
            "csrf": "AAAAAAAAAAAAAAAAAAAAAA", "identifier": "alice@example.com", "return_to": "https://app.example.com/cart",
        });
        if !step.is_null() {
            flow["step"] = step.clone();
        }
        flow
    }

    fn read(json: &Value) -> Option<Flow> {
        Flow::read(&cookie(json), &site(), NOW)
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert!(LinkToken::parse("0123456789ABCDEFGHJKMNPQRS").is_some());
        for step in steps() {
            let stored = flow(&step);
            let written = read(&stored).unwrap_or_else(|| panic!("{stored}")).write();
            let written: Value =
                serde_json::from_slice(&BASE64URL_NOPAD.decode(written.as_bytes()).unwrap()).unwrap();
            assert_eq!(written, stored);
        }
    }

    #[test]
    fn what_is_not_exactly_a_flow_is_none() {
        for (member, odd) in [
            ("csrf", json!("short")),
            ("csrf", json!("")),
            ("csrf", json!("AAAAAAAAAAAAAAAAAAAAAAAA")),
            ("csrf", json!(1)),
            ("csrf", Value::Null),
            ("other", json!("x")),
            ("identifier", json!(["a"])),
            ("step", json!("password")),
            ("step", json!("nowhere")),
            ("step", json!({ "done": {}, "signed_out": {} })),
            ("step", json!([])),
        ] {
            let mut stored = flow(&Value::Null);
            stored[member] = odd;
            assert!(read(&stored).is_none(), "{stored}");
        }
        for (member, odd) in [
            ("challenge", json!("../..")),
            ("challenge", json!("")),
            ("channel", json!("pigeon")),
            ("reference", json!("k7f")),
            ("reference", json!("K7FF")),
            ("reference", json!("<b>")),
            ("digits", json!(5)),
            ("digits", json!(11)),
            ("digits", json!(256)),
            ("digits", json!(-1)),
            ("expires_at", json!("now")),
            ("expires_at", json!(1.5)),
            ("expires_at", Value::Null),
            ("other", json!(1)),
        ] {
            let mut code = code();
            code[member] = odd;
            assert!(read(&flow(&json!({ "code": code }))).is_none(), "{code}");
        }
        let text = flow(&Value::Null).to_string();
        for text in [format!("{text}{text}"), format!("{text} x"), text[1..].to_owned(), "[]".to_owned()] {
            assert!(Flow::read(&BASE64URL_NOPAD.encode(text.as_bytes()), &site(), NOW).is_none(), "{text}");
        }
        let twice = text.replacen('{', "{\"csrf\":\"BBBBBBBBBBBBBBBBBBBBBA\",", 1);
        assert!(Flow::read(&BASE64URL_NOPAD.encode(twice.as_bytes()), &site(), NOW).is_none());
        assert!(Flow::read(&format!("{}=", cookie(&flow(&Value::Null))), &site(), NOW).is_none());
        assert!(Flow::read(&"A".repeat(MAX_COOKIE + 1), &site(), NOW).is_none());
    }

    #[test]
    fn what_no_longer_holds_is_dropped_and_the_rest_kept() {
        let mut stored = flow(&Value::Null);
        stored["return_to"] = "https://no-longer-listed.example.com/".into();
        let flow_of = read(&stored).unwrap();
        assert!(flow_of.return_to.is_none() && flow_of.identifier.is_some());
        stored["identifier"] = "a".repeat(MAX_IDENTIFIER + 1).into();
        assert!(read(&stored).unwrap().identifier.is_none());
        // A token outlasts no flow, and is gone when it expires.
        let token = &steps()[3]["password"];
        let mut step = json!({ "password": token.clone() });
        for (expires_at, is_kept) in [(1, true), (0, false), (-1, false), (i64::MAX - NOW.as_unix(), true)] {
            step["password"]["expires_at"] = (NOW.as_unix() + expires_at).into();
            let is_there = matches!(read(&flow(&step)).unwrap().step, Step::Password(..));
            assert_eq!(is_there, is_kept, "{expires_at}");
        }
        let token = RecoveryToken::parse("0123456789ABCDEFGHJKMNPQRS").unwrap();
        let Step::Password(_, until) = Step::password(token, NOW.plus(Duration::from_hours(24)), NOW) else {
            panic!("another step");
        };
        assert_eq!(until, NOW.plus(FLOW_LIFETIME));
    }

    #[test]
    fn the_largest_flow_is_under_three_kilobytes_and_read_again() {
        let site = site();
        let place = "https://app.example.com/";
        let place = format!("{place}{}", "&".repeat(crate::return_to::MAX_LENGTH - place.len()));
        for identifier in ["a", "\"", "\\", "\u{1f511}", "\u{202e}"] {
            for step in steps() {
                let mut flow = read(&flow(&step)).unwrap();
                flow.return_to = Some(site.return_to(&place).unwrap());
                flow.keep_identifier(&identifier.repeat(MAX_IDENTIFIER / identifier.len()));
                assert!(flow.identifier.is_some());
                let written = flow.write();
                let header =
                    crate::cookies::CookieKind::Host.set(crate::cookies::Name::Flow, &written, FLOW_LIFETIME);
                assert!(header.unwrap().len() < MAX_COOKIE, "{} bytes", written.len());
                let again = Flow::read(&written, &site, NOW).unwrap();
                assert_eq!(again.identifier, flow.identifier);
            }
        }
        let mut flow = read(&flow(&Value::Null)).unwrap();
        for odd in ["\0", "a\u{1}", "a\r\nb", "\u{85}", "", &"a".repeat(MAX_IDENTIFIER + 1)] {
            flow.keep_identifier(odd);
            assert!(flow.identifier.is_none(), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_browser_sends_is_a_flow_or_none(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let site = site();
            let _ = Flow::read(&text, &site, NOW);
            let _ = Flow::read(&BASE64URL_NOPAD.encode(&bytes), &site, NOW);
            let _ = Flow::read(&BASE64URL_NOPAD.encode(text.as_bytes()), &site, NOW);
        }

        #[test]
        fn an_edited_flow_is_a_flow_or_none(
            step in 0..6_usize, place in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>(),
        ) {
            let site = site();
            let mut json = flow(&steps()[step]).to_string().into_bytes();
            let place = place.index(json.len());
            if cut { json.truncate(place) } else { json[place] = with }
            if let Some(flow) = Flow::read(&BASE64URL_NOPAD.encode(&json), &site, NOW) {
                prop_assert!(flow.return_to.is_none_or(|to| to.as_str().starts_with("https://app.example.com")));
                prop_assert_eq!(flow.csrf.as_str().len(), 22);
            }
        }
    }
}
