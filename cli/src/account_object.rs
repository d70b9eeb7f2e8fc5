//! The members of one account in a file: what is read of a JSON object, and why it is refused. The words quote nothing.

use std::fmt;

use regain_domain::account::PersonalText;
use regain_domain::usecase::create_account::{Credential, NewAccount};
use regain_domain::{EmailAddress, ForeignHash, Locale, Password, PhoneNumber, PostalCode};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest line, in bytes with its end.
pub(crate) const MAX_LINE: u64 = 64 * 1024;
/// Everything that an account may have.
const MEMBERS: [&str; 7] = ["email", "phone", "name", "locale", "postal_code", "password", "password_hash"];

/// Why the account of a line is not added.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("it is longer than {} KiB", MAX_LINE / 1024)]
    TooLong,
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it is not JSON, from byte {0} on")]
    NotJson(usize),
    #[error("it is not a JSON object")]
    NotAnObject,
    #[error("its member {0} is none of {list}", list = MEMBERS.join(", "))]
    UnknownMember(usize),
    #[error("its member {0} must be spelt \"{1}\"")]
    MisspeltMember(usize, &'static str),
    #[error("\"{0}\" stands in it twice")]
    Duplicate(&'static str),
    #[error("\"{0}\" is not text")]
    NotText(&'static str),
    #[error("\"email\" is not an email address")]
    Email,
    #[error("\"phone\" is not a number that can exist, with + and country code")]
    Phone,
    #[error("an account needs \"email\" or \"phone\"")]
    NoAddress,
    #[error("none of its addresses is verified")]
    Unverified,
    #[error("it has not as many columns as the first line")]
    Columns,
    #[error("a quote in it has no end")]
    OpenQuote,
    #[error("\"password\" is empty: leave it out")]
    EmptyPassword,
    #[error("give \"password\" or \"password_hash\", not both")]
    TwoPasswords,
}

/// The account of a line.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) account: NewAccount,
    /// Members that recovery doesn't need and that are left out, because they can't be read.
    pub(crate) left_out: Vec<&'static str>,
}

/// The members of a JSON object, in their order and with those that stand twice.
pub(crate) struct Object(Vec<(Zeroizing<String>, Value)>);

impl Object {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => Refusal::NotAnObject,
            Category::Io | Category::Syntax | Category::Eof => Refusal::NotJson(error.column()),
        })
    }

    /// The value of a member, which must stand there once at the most.
    pub(crate) fn take(&mut self, name: &'static str) -> Result<Option<Value>, Refusal> {
        let mut values = self.0.iter_mut().filter(|(member, _)| member.as_str() == name);
        let value = values.next().map(|(_, value)| value.take());
        if values.next().is_some() { Err(Refusal::Duplicate(name)) } else { Ok(value) }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.push((Zeroizing::new(name), value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// The members of a line, each of which is known and stands there once.
#[derive(Default)]
pub(crate) struct Members([Option<Value>; MEMBERS.len()]);

impl Members {
    pub(crate) fn of(object: Object) -> Result<Self, Refusal> {
        let mut members = Self::default();
        for ((name, value), number) in object.0.into_iter().zip(1..) {
            let Some(place) = MEMBERS.iter().position(|member| *member == name.as_str()) else {
                let similar = MEMBERS.into_iter().find(|member| plain(member) == plain(&name));
                // Not the name itself: whoever exports values as names would find them here.
                return Err(similar.map_or(Refusal::UnknownMember(number), |member| {
                    Refusal::MisspeltMember(number, member)
                }));
            };
            if members.0[place].replace(value).is_some() {
                return Err(Refusal::Duplicate(MEMBERS[place]));
            }
        }
        Ok(members)
    }

    /// Sets the value of a member, which is known.
    pub(crate) fn set(&mut self, name: &'static str, value: Option<Value>) {
        if let Some(place) = MEMBERS.iter().position(|member| *member == name) {
            self.0[place] = value;
        }
    }

    /// The account that they make.
    pub(crate) fn account(mut self) -> Result<Parsed, Refusal> {
        let email = self.address("email", EmailAddress::parse, Refusal::Email)?;
        let phone = self.address("phone", PhoneNumber::parse, Refusal::Phone)?;
        if email.is_none() && phone.is_none() {
            return Err(Refusal::NoAddress);
        }
        let credential = match (self.text("password")?, self.text("password_hash")?) {
            (None, None) => None,
            (Some(password), None) if password.is_empty() => return Err(Refusal::EmptyPassword),
            (Some(password), None) => Some(Credential::Password(Password::new(&password))),
            (None, Some(hash)) => Some(Credential::Hash(ForeignHash::new(hash))),
            (Some(_), Some(_)) => return Err(Refusal::TwoPasswords),
        };
        let mut left_out = Vec::new();
        let personal = |text: &str| Some(PersonalText(text.to_owned()));
        let account = NewAccount {
            email,
            phone,
            locale: self.cosmetic("locale", Locale::parse, &mut left_out),
            name: self.cosmetic("name", personal, &mut left_out),
            // One that nobody can be right about is none.
            postal_code: self.cosmetic(
                "postal_code",
                |text| PostalCode::parse(text).and_then(|_| personal(text)),
                &mut left_out,
            ),
            credential,
        };
        Ok(Parsed { account, left_out })
    }

    /// The value of a member, unless it is absent or null.
    fn take(&mut self, name: &str) -> Option<Value> {
        let place = MEMBERS.iter().position(|member| *member == name)?;
        self.0[place].take().filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Result<Option<Zeroizing<String>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Zeroizing::new(text))),
            Some(_) => Err(Refusal::NotText(name)),
        }
    }

    /// An address, which must be readable unless it is blank.
    fn address<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
        refusal: Refusal,
    ) -> Result<Option<T>, Refusal> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.map(|text| parse(&text).ok_or(refusal)).transpose()
    }

    /// A member that recovery doesn't need: what can't be read of it keeps nobody out.
    fn cosmetic<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
        left_out: &mut Vec<&'static str>,
    ) -> Option<T> {
        let value = match self.take(name)? {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => parse(&text),
            _ => None,
        };
        if value.is_none() {
            left_out.push(name);
        }
        value
    }
}

/// A name without what differs between styles of writing it.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
