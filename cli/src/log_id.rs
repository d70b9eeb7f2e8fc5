//! `regain log-id`: what logs call the challenge or the account of an id that somebody tells.

use std::io::Write as _;

use regain_bootstrap::{aws, keys, process_variables};
use regain_domain::{AccountId, ChallengeId, KeyUse, KeyVersion, LogId, Prf};

use crate::error::Error;

/// Prints the names of an id under the keys of the stage that this process's environment describes, as it does
/// to a function.
pub(crate) fn print(id: &str) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let prf = runtime.block_on(async {
        let aws = aws::sdk_config(&process_variables)?;
        Ok::<_, Error>(keys::read(&process_variables, &aws).await?)
    })?;
    Ok(std::io::stdout().write_all(names(&prf, id)?.as_bytes())?)
}

/// A line for each kind of thing that the id may name and each version of the key.
fn names(prf: &dyn Prf, id: &str) -> Result<String, Error> {
    let challenge = ChallengeId::parse(id).ok_or("an id has 22 characters: letters, digits, - and _")?;
    let account = AccountId::from_bytes(*challenge.as_bytes());
    let under = |version: KeyVersion| {
        let challenge = LogId::of_challenge(prf, version, challenge)?;
        let account = LogId::of_account(prf, version, account)?;
        Ok(format!("challenge {challenge}\naccount   {account}\n"))
    };
    prf.versions(KeyUse::Identifier).into_iter().map(under).collect()
}

#[cfg(test)]
mod tests {
    use regain_crypto::Keyring;

    use super::*;

    #[test]
    fn an_id_has_names_under_each_key() {
        let key = |byte| data_encoding::BASE64.encode(&[byte; 32]);
        let text = format!(
            r#"{{"code":{{"1":"{}"}},"token":{{"1":"{}"}},"identifier":{{"current":"1","1":"{}","3":"{}"}}}}"#,
            key(1),
            key(2),
            key(3),
            key(4)
        );
        let prf = Keyring::parse(&text).unwrap();
        let lines = names(&prf, "AwMDAwMDAwMDAwMDAwMDAw").unwrap();
        let names: std::collections::BTreeSet<_> =
            lines.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
        assert_eq!((lines.lines().count(), names.len()), (4, 4), "{lines}");
        assert!(super::names(&prf, "person@example.com").is_err());
    }
}
