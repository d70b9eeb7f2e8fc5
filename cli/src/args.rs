//! The commands' arguments. Only flags and their defaults belong here.

use std::path::PathBuf;

use clap::Subcommand;
use regain_domain::KeyUse;

use crate::export::FileFormat;

/// The operators' commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prints a new keyring, what the secret of a new stage holds at first; or takes a step of a key's
    /// rotation, from the keyring on standard input to the one on standard output.
    Keys {
        /// The step; without one, a new keyring is printed.
        #[command(subcommand)]
        step: Option<KeysStep>,
    },
    /// Loads accounts into the table of a stage, says which are not loaded and why, and how many are new; or
    /// looks after those that are there. The stage is the one that the environment describes, as it does to a
    /// function.
    #[command(args_conflicts_with_subcommands = true)]
    Accounts {
        /// The work; without it, accounts are loaded.
        #[command(subcommand)]
        work: Option<AccountsWork>,
        /// The accounts, one a line.
        file: Option<PathBuf>,
        /// What the lines look like.
        #[arg(long, value_enum, default_value_t)]
        format: FileFormat,
        /// The first line to load, from 1: where a loading was broken off.
        #[arg(long, value_name = "LINE", default_value_t = 1)]
        from_line: u64,
        /// The demo accounts of the local stack as well, whose password everybody knows.
        #[arg(long)]
        demo: bool,
        /// Says what would come of it, and writes nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Prints what logs call a challenge or an account, by its id. The keys are those of the stage that the
    /// environment describes, as it does to a function.
    LogId {
        /// The id, 22 characters.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

/// The steps of a key's rotation, in their order.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysStep {
    /// Adds a version that every process is to know before it is used.
    Add {
        /// Which key.
        #[arg(value_name = "USE", value_parser = key_use)]
        key_use: KeyUse,
    },
    /// Makes a version current: new things are made under it.
    Promote {
        /// Which key.
        #[arg(value_name = "USE", value_parser = key_use)]
        key_use: KeyUse,
        /// Which version; the highest by default.
        version: Option<u32>,
    },
    /// Removes a version under which nothing is left.
    Retire {
        /// Which key.
        #[arg(value_name = "USE", value_parser = key_use)]
        key_use: KeyUse,
        /// Which version; the lowest by default.
        version: Option<u32>,
    },
}

fn key_use(name: &str) -> Result<KeyUse, String> {
    let known = KeyUse::ALL.into_iter().find(|key_use| key_use.as_str() == name);
    known.ok_or_else(|| format!("it is one of {}", KeyUse::ALL.map(KeyUse::as_str).join(", ")))
}

/// The commands for existing accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum AccountsWork {
    /// Adds what accounts are found by under every version of the key of identifiers, and says how many
    /// were missing. Run again, it says that none is.
    Rekey {
        /// Removes what they are found by under this version instead, which must not be the current one.
        #[arg(long, value_name = "VERSION")]
        retire: Option<u32>,
    },
    /// Prints what is stored about the person whose email address or phone number is on standard input, as
    /// JSON, without the password's hash.
    Show,
    /// Deletes the account of the person whose email address or phone number is on standard input.
    Delete,
    /// Lets the account of the person whose email address or phone number is on standard input neither sign in
    /// nor recover, and ends its sessions.
    Disable,
    /// Lets that account sign in and recover again, with the password that it had.
    Enable,
    /// Lets messages go again to the email address or phone number on standard input, which bounced or was
    /// complained about.
    Unsuppress,
    /// Ends every session, code, token and recovery link of every account and removes its password, so that
    /// everybody sets a new one by recovery: after a backup was restored, before anybody is served.
    EndSessions {
        /// Keeps the passwords, if none that was changed since can be known to somebody else.
        #[arg(long)]
        keep_passwords: bool,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Arguments {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn accounts_are_loaded_from_a_file_or_looked_after() {
        let parse = |words: &[&str]| {
            let arguments = Arguments::try_parse_from(["regain"].iter().chain(words)).unwrap();
            arguments.command
        };
        let of_people = parse(&["accounts", "people", "--demo"]);
        let Command::Accounts { work: None, file, demo: true, dry_run: false, format, from_line } = of_people
        else {
            panic!("a file and the demo accounts")
        };
        assert_eq!((file, format, from_line), (Some(PathBuf::from("people")), FileFormat::Regain, 1));
        let export = parse(&["accounts", "users.csv", "--format", "cognito", "--from-line", "7"]);
        assert!(
            matches!(export, Command::Accounts { format: FileFormat::Cognito, from_line: 7, .. }),
            "{export:?}"
        );
        let demo = parse(&["accounts", "--demo"]);
        assert!(matches!(demo, Command::Accounts { file: None, demo: true, .. }), "{demo:?}");
        let dry = parse(&["accounts", "people", "--dry-run"]);
        assert!(matches!(dry, Command::Accounts { dry_run: true, demo: false, .. }), "{dry:?}");
        // Passwords are given up unless somebody says otherwise.
        for (words, keep) in [(&["end-sessions"][..], false), (&["end-sessions", "--keep-passwords"], true)] {
            let command = parse(&[&["accounts"], words].concat());
            let Command::Accounts { work: Some(AccountsWork::EndSessions { keep_passwords }), .. } = command
            else {
                panic!("{command:?}")
            };
            assert_eq!(keep_passwords, keep);
        }
        let rekey = parse(&["accounts", "rekey", "--retire", "1"]);
        let Command::Accounts { work: Some(AccountsWork::Rekey { retire: Some(1) }), .. } = rekey else {
            panic!("{rekey:?}")
        };
        assert!(matches!(parse(&["keys"]), Command::Keys { step: None }));
        let step = parse(&["keys", "promote", "token", "2"]);
        let Command::Keys { step: Some(KeysStep::Promote { key_use: KeyUse::Token, version: Some(2) }) } =
            step
        else {
            panic!("{step:?}")
        };
        // An identifier is no argument: every process of the machine could read it.
        for refused in [&["accounts", "delete", "alice@example.com"][..], &["keys", "add", "tokens"]] {
            assert!(Arguments::try_parse_from(["regain"].iter().chain(refused)).is_err(), "{refused:?}");
        }
    }
}
