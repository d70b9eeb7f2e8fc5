//! Waiting for other programs with an end to it: what never ends would hold the suite until somebody looks.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long anything may take before a test gives up. Not a measure of anything.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);

/// The output of a command until it ends, and its end. One that does not is killed, and the test fails.
pub(crate) fn output(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    finished(child.expect("the command starts"), &format!("{command:?}"))
}

/// The same for a process that runs already.
pub(crate) fn finished(child: Child, name: &str) -> Output {
    finished_within(TIMEOUT, child, name)
}

fn finished_within(limit: Duration, child: Child, name: &str) -> Output {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    // Whoever waits for a process can't stop waiting, so a thread does it.
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    if let Ok(output) = receiver.recv_timeout(limit) {
        return output.expect("what it says can be read");
    }
    let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
    let said = receiver.recv_timeout(TIMEOUT).ok().and_then(Result::ok);
    let said = said.map_or_else(Vec::new, |output| [output.stdout, output.stderr].concat());
    panic!("{name} did not end within {limit:?}: {}", String::from_utf8_lossy(&said));
}

/// Reads what a program writes until a line holds this text. An error says why there is no such line.
pub(crate) fn read_until(text: &'static str, output: impl Read + Send + 'static) -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let found = BufReader::new(output).lines().map_while(Result::ok).any(|line| line.contains(text));
        let _ = sender.send(found);
    });
    match receiver.recv_timeout(TIMEOUT) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("it ended without saying {text:?}")),
        Err(_) => Err(format!("it did not say {text:?} within {TIMEOUT:?}")),
    }
}

#[test]
#[should_panic(expected = "the sleeper did not end within 500ms: asleep")]
fn a_program_that_does_not_end_is_killed_and_what_it_said_is_told() {
    let mut sleeper = Command::new("sh");
    let sleeper = sleeper.args(["-c", "echo asleep; exec sleep 600"]).stdout(Stdio::piped()).spawn();
    finished_within(Duration::from_millis(500), sleeper.unwrap(), "the sleeper");
}
