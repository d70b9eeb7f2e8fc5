//! `regain accounts …`: what an operator does to accounts that are there, in the stage that the
//! environment describes. Whose account it is comes over standard input, where neither the list of
//! processes nor a shell's history shows it.

use std::io::{BufRead, Write as _};

use regain_bootstrap::Function;
use regain_domain::usecase::admin::{Admin, Rekeyed};
use regain_domain::{Account, EmailAddress, Identifier, KeyUse, KeyVersion, Locale, PhoneNumber};
use serde_json::json;

use crate::args::AccountsWork;
use crate::error::Error;

/// Does the work and says what was done.
pub(crate) fn run(work: &AccountsWork) -> Result<(), Error> {
    let identifier = match work {
        AccountsWork::Rekey { .. } | AccountsWork::EndSessions { .. } => None,
        AccountsWork::Show
        | AccountsWork::Delete
        | AccountsWork::Disable
        | AccountsWork::Enable
        | AccountsWork::Unsuppress => Some(read_identifier(std::io::stdin().lock())?),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = runtime.block_on(async {
        let Function { context, table, .. } = Function::start(&[KeyUse::Identifier], |_| Ok(())).await?;
        let admin = Admin { store: table, context };
        match (work, identifier) {
            (AccountsWork::Rekey { retire: None }, _) => {
                let done = admin.rekey().await?;
                complete(done, "are found by every version of the key", "added")
            }
            (AccountsWork::Rekey { retire: Some(version) }, _) => {
                let done = admin.remove_old_hashes(KeyVersion(*version)).await?;
                complete(done, &format!("are not found by version {version} of the key any more"), "removed")
            }
            (AccountsWork::EndSessions { keep_passwords }, _) => {
                let ended = admin.end_everything(!keep_passwords).await?;
                let password =
                    if *keep_passwords { "keeps its password" } else { "has no password any more" };
                Ok(format!("each of {ended} accounts is signed out everywhere and {password}"))
            }
            (AccountsWork::Show, Some(identifier)) => Ok(shown(&admin.find(&identifier).await?)),
            (AccountsWork::Delete, Some(identifier)) => {
                admin.delete(&identifier).await?;
                Ok("the account is deleted".to_owned())
            }
            (AccountsWork::Disable, Some(identifier)) => {
                admin.disable(&identifier).await?;
                Ok("the account is disabled and signed out everywhere".to_owned())
            }
            (AccountsWork::Enable, Some(identifier)) => {
                admin.enable(&identifier).await?;
                Ok("the account is enabled".to_owned())
            }
            (AccountsWork::Unsuppress, Some(identifier)) => {
                admin.unsuppress(&identifier).await?;
                Ok("messages go there again".to_owned())
            }
            (_, None) => Err(UNREADABLE.into()),
        }
    })?;
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

const UNREADABLE: &str =
    "give the email address, or the phone number with + and country code, as one line on standard input";

fn read_identifier(mut input: impl BufRead) -> Result<Identifier, Error> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Identifier::parse(line.trim()).ok_or_else(|| UNREADABLE.into())
}

/// The result of a walk over all accounts; a failure if something is left to do.
fn complete(done: Rekeyed, state: &str, changed_by: &str) -> Result<String, Error> {
    let Rekeyed { accounts, changed, right, left } = done;
    let counts = format!("{changed} hashes {changed_by}, {right} were right, {left} could not be made right");
    if left > 0 {
        return Err(format!("of {accounts} accounts, {counts}: run it again").into());
    }
    Ok(format!("{accounts} accounts {state}: {counts}"))
}

/// The data stored about a person, without the hash of the password.
fn shown(account: &Account) -> String {
    let about = json!({
        "account_id": account.id.to_string(),
        "email": account.email.as_ref().map(EmailAddress::as_str),
        "phone": account.phone.as_ref().map(PhoneNumber::as_str),
        "name": account.name.as_ref().map(|name| name.0.as_str()),
        "postal_code": account.postal_code.as_ref().map(|code| code.0.as_str()),
        "locale": account.locale.as_ref().map(Locale::as_str),
        "has_password": account.password_hash.is_some(),
        "disabled": account.disabled,
    });
    format!("{about:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_one_line() {
        let identifier = read_identifier(" Alice@Example.com \nbob@example.com\n".as_bytes()).unwrap();
        assert_eq!(identifier.as_str(), "alice@example.com");
        assert!(read_identifier("+46701740605".as_bytes()).is_ok());
        for wrong in ["", "\n", "alice", "alice@example.com bob@example.com"] {
            let error = read_identifier(wrong.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, UNREADABLE);
        }
    }

    #[test]
    fn what_is_left_to_do_is_a_failure() {
        let done = Rekeyed { accounts: 2, changed: 1, right: 2, left: 0 };
        assert!(
            complete(done, "are found", "added").unwrap().starts_with("2 accounts are found: 1 hashes added")
        );
        let error = complete(Rekeyed { left: 1, ..done }, "are found", "added").unwrap_err().to_string();
        assert!(error.contains("1 could not be made right"), "{error}");
    }
}
