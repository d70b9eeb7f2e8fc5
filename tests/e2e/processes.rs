//! The local stack as a program: how it ends, and what it says when it can't start.

use std::process::{Command, Output};

use reqwest::StatusCode;

use crate::harness::Stack;
use crate::timeouts::output;

/// The processes that descend from one, by the system's list.
fn descendants(parent: u32) -> Vec<u32> {
    let output = output(Command::new("ps").args(["-eo", "pid=,ppid="]));
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(|n| n.parse::<u32>().unwrap());
        Some((numbers.next()?, numbers.next()?))
    });
    pairs.filter(|(_, its_parent)| *its_parent == parent).map(|(process, _)| process).collect()
}

fn is_running(process: u32) -> bool {
    output(Command::new("kill").args(["-0", &process.to_string()])).status.success()
}

#[tokio::test]
async fn a_signal_ends_everything() {
    for signal in ["TERM", "INT"] {
        let mut stack = Stack::start(&[]);
        let process = stack.process().id();
        let children = descendants(process);
        assert!(children.len() >= 4 * 6, "at least four of each function: {children:?}");
        assert_eq!(stack.client().request_code("somebody@example.com").await.status, StatusCode::ACCEPTED);
        Command::new("kill").args([&format!("-{signal}"), &process.to_string()]).status().unwrap();
        assert_eq!(stack.ended().await.code(), Some(0), "{signal}");
        assert!(children.iter().all(|child| !is_running(*child)), "{signal}");
        assert!(!stack.directory.join("ready.json").exists());
    }
}

fn run(configure: impl FnOnce(&mut Command)) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.args(["--api", "127.0.0.1:0", "--notifications", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"]);
    configure(&mut command);
    output(&mut command)
}

#[test]
fn a_port_that_is_taken_is_told_with_its_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--api", "--notifications", "--dynamodb"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
        for other in ["--api", "--notifications", "--dynamodb"] {
            command.args([other, if other == flag { &address } else { "127.0.0.1:0" }]);
        }
        let output = output(&mut command);
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(&address) && message.contains(flag), "{message}");
    }
}

#[test]
fn a_setting_that_is_wrong_is_told_by_its_name() {
    for (name, value) in [
        ("REGAIN_CODE_LENGTH", "4"),
        ("REGAIN_ATTEMPTS_PER_CHALLENGE", "many"),
        ("REGAIN_ORIGIN", "not an origin"),
        ("REGAIN_EMAIL_FROM", "nobody"),
        ("REGAIN_EMAIL_FROM", "@"),
        ("REGAIN_EMAIL_FROM", "Acme <no-reply@example.com"),
        ("REGAIN_KEYS_FILE", "/nowhere/keys.json"),
    ] {
        let output = run(|command| {
            command.env(name, value);
        });
        assert_eq!(output.status.code(), Some(1), "{name}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(name), "{message}");
    }
}

#[tokio::test]
async fn what_is_kept_in_a_directory_is_there_after_a_restart() {
    let data = std::env::temp_dir().join(format!("regain-e2e-data-{}", std::process::id()));
    let start = || {
        Stack::start_with(&[], |command| {
            command.arg("--data").arg(&data);
        })
    };
    let stack = start();
    let (api, person) = (stack.client(), stack.person());
    let session = api.sign_in(&person.email, crate::harness::OLD_PASSWORD).await.text("session_token");
    drop(stack);
    let stack = start();
    assert_eq!(stack.client().session(&session).await.status, StatusCode::OK);
    drop(stack);
    std::fs::remove_dir_all(data).unwrap();
}
