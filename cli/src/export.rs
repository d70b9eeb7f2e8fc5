//! People as other services export them: Auth0, one JSON object a line; Amazon Cognito, a table with the columns of its
//! import header.
//!
//! An export has more than an account here needs, so what is not named below is passed over, in contrast to an accounts
//! file of ours. An address that the export doesn't call verified is none.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::account_object::{Members, Object, Parsed, Refusal};

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    /// One JSON object a line, with the members of `docs/operations.md`.
    #[default]
    Regain,
    /// What Auth0 exports with password hashes: one JSON object a line.
    Auth0,
    /// A CSV file whose first line is Amazon Cognito's import header. It has no passwords.
    Cognito,
}

/// What an export calls the members of an account.
struct Names {
    email: &'static str,
    email_verified: &'static str,
    phone: &'static str,
    phone_verified: &'static str,
    password_hash: &'static str,
}

const AUTH0: Names = Names {
    email: "email",
    email_verified: "email_verified",
    phone: "phone_number",
    phone_verified: "phone_verified",
    password_hash: "passwordHash",
};

const COGNITO: Names = Names {
    email: "email",
    email_verified: "email_verified",
    phone: "phone_number",
    phone_verified: "phone_number_verified",
    // No column has this name.
    password_hash: "",
};

/// The account of a line of Auth0's.
pub(crate) fn parse_auth0(text: &str) -> Result<Parsed, Refusal> {
    let mut object = Object::parse(text)?;
    account(&AUTH0, |name| object.take(name))
}

/// The columns of a table, from its first line.
pub(crate) struct Columns(Vec<Zeroizing<String>>);

impl Columns {
    /// `None` if there is no column with addresses.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let names = fields(line)?;
        let has = |name| names.iter().any(|column| column.as_str() == name);
        (has(COGNITO.email) || has(COGNITO.phone)).then_some(Self(names))
    }

    /// The account of another line.
    pub(crate) fn account(&self, line: &str) -> Result<Parsed, Refusal> {
        let mut values = fields(line).ok_or(Refusal::OpenQuote)?;
        if values.len() != self.0.len() {
            return Err(Refusal::Columns);
        }
        account(&COGNITO, |name| {
            let place = self.0.iter().position(|column| column.as_str() == name);
            Ok(place.map(|place| Value::String(std::mem::take(&mut *values[place]))))
        })
    }
}

fn account(
    names: &Names,
    mut take: impl FnMut(&'static str) -> Result<Option<Value>, Refusal>,
) -> Result<Parsed, Refusal> {
    let mut members = Members::default();
    let mut has_unverified = false;
    for (ours, theirs, verified) in
        [("email", names.email, names.email_verified), ("phone", names.phone, names.phone_verified)]
    {
        let (address, verified) = (take(theirs)?, take(verified)?);
        if verified.is_some_and(|verified| is_true(&verified)) {
            members.set(ours, address);
        } else {
            has_unverified |=
                address.is_some_and(|address| address.as_str().is_some_and(|text| !text.is_empty()));
        }
    }
    for name in ["name", "locale"] {
        members.set(name, take(name)?);
    }
    members.set("password_hash", take(names.password_hash)?);
    members.account().map_err(|refusal| match refusal {
        Refusal::NoAddress if has_unverified => Refusal::Unverified,
        other => other,
    })
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// The fields of a line of CSV (RFC 4180), in which a comma may also be written as Cognito wants it: `\,`. `None` if a
/// quote has no end.
fn fields(line: &str) -> Option<Vec<Zeroizing<String>>> {
    let mut fields = vec![Zeroizing::new(String::with_capacity(line.len()))];
    let mut characters = line.chars().peekable();
    let mut is_quoted = false;
    while let Some(character) = characters.next() {
        let field = fields.last_mut()?;
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => is_quoted = true,
            '\\' if characters.next_if_eq(&',').is_some() => field.push(','),
            ',' if !is_quoted => fields.push(Zeroizing::default()),
            other => field.push(other),
        }
    }
    (!is_quoted).then_some(fields)
}

#[cfg(test)]
mod tests {
    use regain_domain::usecase::create_account::Credential;

    use super::*;

    const HEADER: &str = "cognito:username,name,email,email_verified,phone_number,phone_number_verified,cognito:mfa_enabled,locale,address";

    #[test]
    fn a_person_of_auth0_has_an_address_that_is_verified_and_the_hash() {
        let line = r#"{"_id": {"$oid": "60425dc43519d90068f82973"}, "email_verified": true,
            "email": "kim@example.com", "phone_number": "+46701740605", "phone_verified": false, "name": "Kim",
            "passwordHash": "$2b$10$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/VAaJ2",
            "password_set_date": {"$date": "2021-03-05T16:35:16.775Z"}, "tenant": "t", "_tmp_is_unique": true}"#;
        let account = parse_auth0(line).unwrap().account;
        assert_eq!(account.email.unwrap().as_str(), "kim@example.com");
        assert!(account.phone.is_none() && account.name.is_some());
        let Some(Credential::Hash(hash)) = account.credential else { panic!("no hash") };
        assert!(hash.reveal().starts_with("$2b$10$Z6hUTEEeo"));
    }

    #[test]
    fn a_person_of_cognito_has_addresses_that_are_verified_and_no_password() {
        let columns = Columns::parse(HEADER).unwrap();
        let line = r#"kim,"Kim ""K"" Lee",kim@example.com,TRUE,+46701740605,true,false,sv,Street 1\, Town"#;
        let account = columns.account(line).unwrap().account;
        assert_eq!(account.email.unwrap().as_str(), "kim@example.com");
        assert_eq!(account.name.unwrap().0, "Kim \"K\" Lee");
        assert!(account.phone.is_some() && account.locale.is_some() && account.credential.is_none());
        let account = columns.account("kim,,kim@example.com,true,+46701740605,false,,,").unwrap().account;
        assert!(account.email.is_some() && account.phone.is_none());
        assert!(Columns::parse("cognito:username,name").is_none());
    }

    #[test]
    fn what_can_not_be_taken_of_an_export_is_told_without_its_values() {
        let columns = Columns::parse(HEADER).unwrap();
        for (found, refusal) in [
            (
                parse_auth0(r#"{"email": "hunter2@example.com", "email_verified": false}"#),
                Refusal::Unverified,
            ),
            (parse_auth0(r#"{"email": "hunter2@example.com"}"#), Refusal::Unverified),
            (parse_auth0(r#"{"email": "hunter2", "email_verified": true}"#), Refusal::Email),
            (parse_auth0(r#"{"email": ["hunter2"], "email_verified": true}"#), Refusal::NotText("email")),
            (
                parse_auth0(r#"{"email": "a@example.com", "email": "b@example.com"}"#),
                Refusal::Duplicate("email"),
            ),
            (parse_auth0(r#"{"_id": "hunter2"}"#), Refusal::NoAddress),
            (parse_auth0("hunter2"), Refusal::NotJson(1)),
            (columns.account("kim,,hunter2@example.com,false,,,,,"), Refusal::Unverified),
            (columns.account("kim,,,,,,,,"), Refusal::NoAddress),
            (columns.account("hunter2"), Refusal::Columns),
            (columns.account("kim,\"hunter2,,,,,,,"), Refusal::OpenQuote),
        ] {
            let found = found.unwrap_err();
            assert_eq!(found, refusal);
            assert!(!found.to_string().contains("hunter2"), "{found}");
        }
    }
}
