//! `regain keys`: a new keyring, or a step of a rotation from standard input to standard output.
//!
//! Progress goes to standard error and names versions, never a key.

use std::io::{IsTerminal as _, Read as _, Write as _};

use regain_bootstrap::keys;
use regain_domain::{KeyUse, KeyVersion};
use zeroize::Zeroizing;

use crate::args::KeysStep;
use crate::error::Error;

/// A keyring is shorter than this: a secret of Secrets Manager has 64 KiB at the most.
const LARGEST: u64 = 64 * 1024;

/// Prints a new keyring, or the one on standard input after a step.
pub(crate) fn run(step: Option<KeysStep>) -> Result<(), Error> {
    let mut output = std::io::stdout();
    let Some(step) = step else { return Ok(output.write_all(keys::generate()?.as_bytes())?) };
    if std::io::stdin().is_terminal() {
        return Err("the keys are read from standard input: pipe them in".into());
    }
    // As large as it can get, so that no part is left behind where it grew.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LARGEST)?));
    std::io::stdin().take(LARGEST).read_to_string(&mut text)?;
    let (keys, told) = taken(&text, &step)?;
    output.write_all(keys.as_bytes())?;
    writeln!(std::io::stderr(), "regain: {told}")?;
    Ok(())
}

/// The keyring after a step, and what to say of it.
fn taken(text: &str, step: &KeysStep) -> Result<(Zeroizing<String>, String), Error> {
    let mut keyring = keys::parse(text)?;
    let told = match *step {
        KeysStep::Add { key_use } => {
            let KeyVersion(version) = keys::add(&mut keyring, key_use)?;
            let name = key_use.as_str();
            let rekey = if key_use == KeyUse::Identifier {
                " and `regain accounts rekey` has found nothing left to do"
            } else {
                ""
            };
            format!(
                "added version {version} of \"{name}\"; promote it when every process has started with it{rekey}"
            )
        }
        KeysStep::Promote { key_use, version } => {
            let KeyVersion(version) = keyring.promote(key_use, version.map(KeyVersion))?;
            format!("version {version} of \"{}\" is current; start all processes anew", key_use.as_str())
        }
        KeysStep::Retire { key_use, version } => {
            let KeyVersion(version) = keyring.retire(key_use, version.map(KeyVersion))?;
            format!("version {version} of \"{}\" is gone; start all processes anew", key_use.as_str())
        }
    };
    Ok((keyring.to_text(), told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_goes_through_its_steps_and_tells_no_key() {
        let first = keys::generate().unwrap();
        let secret =
            |text: &str| text.split('"').filter(|part| part.len() == 44).map(str::to_owned).collect();
        let mut text = first;
        for key_use in KeyUse::ALL {
            let steps = [
                KeysStep::Add { key_use },
                KeysStep::Promote { key_use, version: None },
                KeysStep::Retire { key_use, version: None },
            ];
            for (step, versions) in steps.iter().zip([4, 4, 3]) {
                let (next, told) = taken(&text, step).unwrap();
                let secrets: Vec<String> = secret(&next);
                assert_eq!(secrets.len(), versions);
                assert!(secrets.iter().all(|key| !told.contains(key)), "{told}");
                assert!(told.contains(key_use.as_str()), "{told}");
                text = next;
            }
        }
        keys::parse(&text).unwrap();
    }

    #[test]
    fn what_is_unsafe_or_no_keyring_is_refused() {
        let text = keys::generate().unwrap();
        let refused = |text: &str, step: KeysStep| taken(text, &step).unwrap_err().to_string();
        let key_use = KeyUse::Token;
        for (step, told) in [
            (KeysStep::Retire { key_use, version: None }, "is current"),
            (KeysStep::Retire { key_use, version: Some(7) }, "no version 7"),
            (KeysStep::Promote { key_use, version: None }, "add one first"),
            (KeysStep::Promote { key_use, version: Some(2) }, "no version 2"),
        ] {
            let error = refused(&text, step);
            assert!(error.contains(told) && error.contains("token"), "{error}");
        }
        assert!(refused("", KeysStep::Add { key_use }).contains("JSON"));
        let one = text.split('"').find(|part| part.len() == 44).unwrap();
        let twice =
            format!(r#"{{"code":{{"1":"{one}"}},"token":{{"1":"{one}"}},"identifier":{{"1":"{one}"}}}}"#);
        let error = refused(&twice, KeysStep::Add { key_use });
        assert!(error.contains("share") && !error.contains(one), "{error}");
    }
}
