//! Loading accounts into the table: the demo accounts, and those of a file.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use regain_bootstrap::Function;
use regain_domain::account::PersonalText;
use regain_domain::usecase::create_account::{CreateAccount, CreateAccountError, Credential, NewAccount};
use regain_domain::{EmailAddress, Locale, Password, PasswordHash, PhoneNumber};
use serde::Deserialize;

/// Whatever stops the loading, in words for the person who started the stack.
pub(crate) type SeedError = Box<dyn std::error::Error + Send + Sync>;

/// The accounts that are always there, as lines of an accounts file.
const DEMO_ACCOUNTS: [&str; 2] = [
    r#"{"email": "alice@example.com", "phone": "+46701740605", "postal_code": "11455", "locale": "sv",
        "name": "Alice", "password": "correct horse battery staple"}"#,
    r#"{"email": "bob@example.com", "locale": "en", "name": "Bob", "password": "correct horse battery staple"}"#,
];

/// What is told about them when the stack is ready.
pub(crate) const DEMO_SUMMARY: &str =
    "alice@example.com, +46701740605 and bob@example.com, password \"correct horse battery staple\"";

/// A line of an accounts file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    email: Option<String>,
    phone: Option<String>,
    postal_code: Option<String>,
    locale: Option<String>,
    name: Option<String>,
    password: Option<String>,
    password_hash: Option<String>,
}

/// Loads the accounts of the file, then the demo accounts, and says how many are new: what is in the table
/// already stays as it is.
pub(crate) async fn seed(function: &Function, accounts_file: Option<&Path>) -> Result<usize, SeedError> {
    let mut accounts = accounts_file.map(read).transpose()?.unwrap_or_default();
    accounts.extend(demo_accounts()?);
    add(function, accounts).await
}

/// Loads the accounts of the file into the table that this process's environment names.
pub(crate) fn load(accounts_file: Option<&Path>, demo: bool) -> Result<(), SeedError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut accounts = accounts_file.map(read).transpose()?.unwrap_or_default();
    if demo {
        accounts.extend(demo_accounts()?);
    }
    let all = accounts.len();
    let added = runtime.block_on(async {
        let function = Function::start().await?;
        add(&function, accounts).await
    })?;
    // Whoever closed standard output did not want to know.
    let _ = writeln!(std::io::stdout(), "{added} of {all} accounts are new");
    Ok(())
}

fn demo_accounts() -> Result<Vec<NewAccount>, String> {
    DEMO_ACCOUNTS.into_iter().map(parse).collect()
}

fn read(path: &Path) -> Result<Vec<NewAccount>, SeedError> {
    let at = |line: usize| format!("{}, line {line}", path.display());
    let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut accounts = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| format!("{}: {error}", at(index + 1)))?;
        if !line.trim().is_empty() {
            accounts.push(parse(&line).map_err(|reason| format!("{}: {reason}", at(index + 1)))?);
        }
    }
    Ok(accounts)
}

async fn add(function: &Function, accounts: Vec<NewAccount>) -> Result<usize, SeedError> {
    let create = CreateAccount {
        store: function.table.clone(),
        hasher: function.hasher()?,
        environment: function.environment.clone(),
    };
    let mut added = 0;
    for account in accounts {
        match create.run(account).await {
            Ok(_) => added += 1,
            Err(CreateAccountError::IdentifierTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(added)
}

fn parse(line: &str) -> Result<NewAccount, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let email = checked(line.email, EmailAddress::parse, "\"email\" is not an email address")?;
    let phone = checked(line.phone, PhoneNumber::parse, "\"phone\" is not a number with + and country code")?;
    if email.is_none() && phone.is_none() {
        return Err("an account needs \"email\" or \"phone\"".to_owned());
    }
    Ok(NewAccount {
        email,
        phone,
        locale: checked(line.locale, Locale::parse, "\"locale\" is not a language tag")?,
        name: line.name.map(PersonalText),
        postal_code: line.postal_code.map(PersonalText),
        credential: match (line.password, line.password_hash) {
            (None, None) => None,
            (Some(password), None) => Some(Credential::Password(Password::new(&password))),
            (None, Some(hash)) => Some(Credential::Hash(PasswordHash::from_phc(hash))),
            (Some(_), Some(_)) => return Err("give \"password\" or \"password_hash\", not both".to_owned()),
        },
    })
}

fn checked<T>(
    text: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
    complaint: &str,
) -> Result<Option<T>, String> {
    text.map(|text| parse(&text).ok_or_else(|| complaint.to_owned())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_accounts_are_well_formed_and_told() {
        for line in DEMO_ACCOUNTS {
            let account = parse(line).unwrap();
            assert!(DEMO_SUMMARY.contains(account.email.unwrap().as_str()));
        }
    }

    #[test]
    fn a_wrong_line_is_told_by_its_member() {
        for (line, told) in [
            ("{", "EOF"),
            (r#"{"name": "x"}"#, "\"email\" or \"phone\""),
            (r#"{"email": "x"}"#, "\"email\""),
            (r#"{"phone": "0701740605"}"#, "\"phone\""),
            (r#"{"email": "a@example.com", "role": "admin"}"#, "role"),
            (r#"{"email": "a@example.com", "password": "a", "password_hash": "b"}"#, "not both"),
        ] {
            let error = parse(line).err().unwrap();
            assert!(error.contains(told), "{error}");
        }
    }
}
