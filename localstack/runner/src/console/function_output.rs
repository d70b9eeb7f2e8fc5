//! What a person wants to know of the lines that functions write, which are JSON documents for tools.

use serde_json::{Map, Value};
use tracing::Level;

use super::line::{Line, Said};

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

/// What a person wants to know of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A line of its own: of a warning, an error, or a delivery without a message.
    Line(Line),
    /// A part of the line of a request, by the id of that.
    OfRequest(String, Said),
}

/// What a function wrote; `None` of what is for tools alone.
pub(super) fn read(function: &str, text: &str) -> Option<Told> {
    let text = text.trim_end();
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else {
        // Such as a panic.
        let line = || Told::Line(Line::diagnostic(Level::ERROR, text, function, Vec::new()));
        return (!text.is_empty()).then(line);
    };
    let member = |name: &str| members.get(name).and_then(Value::as_str);
    let level = match member("level") {
        Some("ERROR") => Level::ERROR,
        Some("WARN") => Level::WARN,
        _ => {
            // The operation is known in every line of a request, its status in the last.
            if members.contains_key("operation") && members.contains_key("status") {
                let said = |name| member(name).map(str::to_owned);
                let said = Said { problem: said("problem"), reference: said("reference") };
                return Some(Told::OfRequest(member("request_id")?.to_owned(), said));
            }
            let outcome = member("outcome").filter(|outcome| !TOLD_ELSEWHERE.contains(outcome))?;
            return Some(Told::Line(Line::no_message(function, outcome)));
        }
    };
    let text = member("message").unwrap_or(text);
    Some(Told::Line(Line::diagnostic(level, text, function, details(&members))))
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
        match read("deliver-messages", &format!("{line}\n"))? {
            Told::Line(line) => Some(line.render(time::OffsetDateTime::UNIX_EPOCH, false)),
            Told::OfRequest(..) => panic!("{line}"),
        }
    }

    #[test]
    fn what_went_well_is_for_tools() {
        for line in [
            json!({"level": "INFO", "message": "a message was sent", "kind": "code", "Sends": 1, "_aws": {}}),
            json!({"level": "INFO", "message": "a delivery was handled", "outcome": "sent"}),
            json!({"level": "INFO", "message": "a delivery was handled", "outcome": "fell_back"}),
            json!({}),
        ] {
            assert_eq!(shown(&line), None, "{line}");
        }
        assert_eq!(read("meta", "\n"), None);
    }

    #[test]
    fn the_last_line_of_a_request_says_its_problem_and_its_reference() {
        let told = |line: &Value| read("request-code", &line.to_string());
        let mut line = json!({
            "level": "INFO", "message": "a request was answered", "operation": "requestCode", "request_id": "r",
            "status": 202, "challenge": "hash", "reference": "K7F",
        });
        let said = Said { problem: None, reference: Some("K7F".to_owned()) };
        assert_eq!(told(&line), Some(Told::OfRequest("r".to_owned(), said)));
        line["reference"].take();
        line["problem"] = "rate_limited".into();
        let said = Said { problem: Some("rate_limited".to_owned()), reference: None };
        assert_eq!(told(&line), Some(Told::OfRequest("r".to_owned(), said)));
        // A diagnostic on the way.
        line.as_object_mut().unwrap().remove("status");
        assert_eq!(told(&line), None);
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
        let line = Line::diagnostic(Level::ERROR, panic.trim_end(), "meta", Vec::new());
        assert_eq!(read("meta", panic), Some(Told::Line(line)));
    }
}
