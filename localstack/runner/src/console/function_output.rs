//! What a person wants to know of the lines that functions write, which are JSON documents for tools.

use serde_json::{Map, Value};
use tracing::Level;

use super::line::Line;

/// Members that tell lines apart for tools, or say what the line shows elsewhere.
const FOR_TOOLS: [&str; 12] = [
    "timestamp",
    "level",
    "function",
    "message",
    "request_id",
    "lambda_request_id",
    "trace_id",
    "target",
    "challenge",
    "account",
    "fault",
    "status",
];

/// The outcomes of deliveries of which a message is told, now or by the delivery that was queued.
const TOLD_ELSEWHERE: [&str; 3] = ["sent", "fell_back", "queued"];

/// The line for what a function wrote. Of warnings and errors, and of deliveries without a message; `None` of the
/// rest.
pub(super) fn read(function: &str, text: &str) -> Option<Line> {
    let text = text.trim_end();
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else {
        // Such as a panic.
        return (!text.is_empty()).then(|| Line::diagnostic(Level::ERROR, text, function, Vec::new()));
    };
    let member = |name: &str| members.get(name).and_then(Value::as_str);
    let level = match member("level") {
        Some("ERROR") => Level::ERROR,
        Some("WARN") => Level::WARN,
        _ => {
            let outcome = member("outcome").filter(|outcome| !TOLD_ELSEWHERE.contains(outcome))?;
            return Some(Line::no_message(function, outcome));
        }
    };
    Some(Line::diagnostic(level, member("message").unwrap_or(text), function, details(&members)))
}

/// The members that a line has of its own. Metrics and their dimensions begin with a capital letter.
fn details(members: &Map<String, Value>) -> Vec<String> {
    let is_detail =
        |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && !FOR_TOOLS.contains(&name);
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members
        .iter()
        .filter(|(name, _)| is_detail(name))
        .map(|(name, value)| format!("{name}: {}", shown(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(line: &Value) -> Option<String> {
        read("deliver-messages", &format!("{line}\n"))
            .map(|line| line.render(time::OffsetDateTime::UNIX_EPOCH, false))
    }

    #[test]
    fn what_went_well_is_for_tools() {
        for line in [
            json!({"level": "INFO", "message": "a request was answered", "Requests": 1, "_aws": {}}),
            json!({"level": "INFO", "message": "a delivery was handled", "outcome": "sent"}),
            json!({"level": "INFO", "message": "a delivery was handled", "outcome": "fell_back"}),
            json!({}),
        ] {
            assert_eq!(shown(&line), None, "{line}");
        }
        assert_eq!(read("meta", "\n"), None);
    }

    #[test]
    fn a_delivery_without_a_message_says_why() {
        let line = json!({"level": "INFO", "message": "a delivery was handled", "outcome": "no_recipient"});
        let line = shown(&line).unwrap();
        assert!(line.contains("no message") && line.ends_with("deliver-messages  no_recipient"), "{line}");
    }

    #[test]
    fn warnings_and_errors_keep_what_they_say_and_lose_what_is_for_tools() {
        let line = shown(&json!({
            "timestamp": "2026-11-24T00:00:00Z", "level": "WARN", "function": "deliver-messages",
            "message": "a message was refused for good", "request_id": "r", "trace_id": "t",
            "challenge": "hash-of-challenge", "account": "hash-of-account", "channel": "sms", "kind": "code",
            "reason": "sns: OptedOut", "Refused": 1, "Stage": "local", "Country": "SE", "_aws": {"Timestamp": 1},
        }));
        let line = line.unwrap();
        let (what, details) = line.split_once("deliver-messages  ").unwrap();
        assert!(what.contains("a message was refused for good") && what.contains("WARN"), "{line}");
        assert_eq!(details, "channel: sms, kind: code, reason: sns: OptedOut");
        let error = json!({"level": "ERROR", "message": "the function can't run", "error": "REGAIN_TABLE"});
        assert!(shown(&error).unwrap().ends_with("error: REGAIN_TABLE"));
    }

    #[test]
    fn what_is_no_json_is_an_error_as_it_stands() {
        let panic = "thread 'main' panicked at src/lib.rs:1:1:\n";
        let line = read("meta", panic).unwrap();
        assert_eq!(line, Line::diagnostic(Level::ERROR, panic.trim_end(), "meta", Vec::new()));
    }
}
