//! How a line is put together. Nothing in here reads or writes.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use regain_notifications::SendReport;
use time::OffsetDateTime;
use tracing::Level;

/// Columns, in characters. What is longer moves the rest of its line and no other.
const WHAT_WIDTH: usize = 43;
const STATUS_WIDTH: usize = 5;
const TOOK_WIDTH: usize = 8;
const FUNCTION_WIDTH: usize = 16;

/// The meaning of a line's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Good,
    /// Refused, or worth a look.
    Warning,
    Broken,
}

impl Tone {
    /// By ECMA-48: green, yellow, red.
    fn color(self) -> &'static str {
        match self {
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
            Self::Broken => "\x1b[31m",
        }
    }
}

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// One line. It is made of what this program chose to say, and of words of the functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    what: String,
    status: String,
    tone: Tone,
    took: Option<Duration>,
    function: String,
    details: Vec<String>,
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The request's method.
    pub(crate) method: Method,
    /// The template of its path. The path itself may hold an id that lets one guess.
    pub(crate) template: &'static str,
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// From the request's arrival to the answer.
    pub(crate) took: Duration,
    /// The function that answered, or what did in its place.
    pub(crate) function: &'static str,
    /// What else is known of it.
    pub(crate) said: Said,
}

/// What the one who answers a request says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The problem's code.
    pub(crate) problem: Option<String>,
    /// The reference of the message that was asked for.
    pub(crate) reference: Option<String>,
}

impl Line {
    /// Of a request.
    pub(crate) fn request(request: Request) -> Self {
        let Request { method, template, status, took, function, said: Said { problem, reference } } = request;
        let method = if is_standard(&method) { method.as_str() } else { "OTHER" };
        let tone = match status.as_u16() {
            500.. => Tone::Broken,
            400.. => Tone::Warning,
            _ => Tone::Good,
        };
        Self {
            what: format!("{method:<6} {template}"),
            status: status.as_str().to_owned(),
            tone,
            took: Some(took),
            function: function.to_owned(),
            details: problem.into_iter().chain(reference.as_deref().map(told)).collect(),
        }
    }

    /// Of a message, and of how long its sender had been at it.
    pub(crate) fn message(report: &SendReport, took: Option<Duration>, function: &str) -> Self {
        let what = if report.channel == "sms" { "text message" } else { report.channel };
        let fault = report.fault.map(|fault| format!("fault {fault}"));
        Self {
            what: what.to_owned(),
            status: if fault.is_some() { "fault" } else { "sent" }.to_owned(),
            tone: if fault.is_some() { Tone::Warning } else { Tone::Good },
            took,
            function: function.to_owned(),
            details: fault.into_iter().chain(report.reference.as_deref().map(told)).collect(),
        }
    }

    /// Of a delivery that ended without a message, which people look for in vain.
    pub(crate) fn no_message(function: &str, outcome: &str) -> Self {
        Self {
            what: "no message".to_owned(),
            status: String::new(),
            tone: Tone::Good,
            took: None,
            function: function.to_owned(),
            details: vec![outcome.to_owned()],
        }
    }

    /// Of something that a function or the stack says, with its level and details.
    pub(crate) fn diagnostic(level: Level, text: &str, function: &str, details: Vec<String>) -> Self {
        Self {
            what: text.to_owned(),
            status: level.as_str().to_owned(),
            tone: if level == Level::ERROR { Tone::Broken } else { Tone::Warning },
            took: None,
            function: function.to_owned(),
            details,
        }
    }

    /// The line as it is shown, without its end.
    pub(crate) fn render(&self, at: OffsetDateTime, color: bool) -> String {
        let (hour, minute, second) = at.to_hms();
        let took = self.took.map_or_else(String::new, |took| format!("{} ms", took.as_millis()));
        let paint = |start: &str, text: String| {
            if color && !text.trim().is_empty() { format!("{start}{text}{PLAIN}") } else { text }
        };
        let columns = [
            paint(DIM, format!("{hour:02}:{minute:02}:{second:02}Z")),
            format!("{:<WHAT_WIDTH$}", plain(&self.what)),
            paint(self.tone.color(), format!("{:<STATUS_WIDTH$}", self.status)),
            format!("{took:>TOOK_WIDTH$}"),
            format!("{:<FUNCTION_WIDTH$}", plain(&self.function)),
            plain(&self.details.join(", ")),
        ];
        columns.join("  ").trim_end().to_owned()
    }
}

fn told(reference: &str) -> String {
    format!("reference {reference}")
}

/// Whether a method is one that everybody knows: others are a client's free text.
fn is_standard(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ]
    .contains(method)
}

/// The text without anything that ends its line, controls a terminal, or turns the direction of what follows.
fn plain(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(is_harmful, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn request() -> Request {
        Request {
            method: Method::POST,
            template: "/v1/challenges",
            status: StatusCode::ACCEPTED,
            took: Duration::from_micros(12_900),
            function: "request-code",
            said: Said { problem: None, reference: Some("K7F".to_owned()) },
        }
    }

    fn report() -> SendReport {
        let reference = Some("K7F".to_owned());
        SendReport { channel: "email", fault: None, reference, trace_id: None }
    }

    #[test]
    fn a_line_says_what_how_it_ended_how_long_it_took_and_who_did_it() {
        let shown = |line: Line| line.render(AT, false);
        assert_eq!(
            shown(Line::request(request())),
            "00:00:00Z  POST   /v1/challenges                        202       12 ms  request-code      reference K7F"
        );
        let refused = Request {
            template: "/v1/challenges/{challenge_id}/verify",
            status: StatusCode::UNPROCESSABLE_ENTITY,
            function: "verify-code",
            said: Said { problem: Some("code_incorrect".to_owned()), reference: None },
            ..request()
        };
        assert_eq!(
            shown(Line::request(refused)),
            "00:00:00Z  POST   /v1/challenges/{challenge_id}/verify  422       12 ms  verify-code       code_incorrect"
        );
        assert_eq!(
            shown(Line::message(&report(), Some(Duration::from_millis(48)), "deliver-messages")),
            "00:00:00Z  email                                        sent      48 ms  deliver-messages  reference K7F"
        );
        let faulty = SendReport { channel: "sms", fault: Some("throttle"), reference: None, ..report() };
        assert_eq!(
            shown(Line::message(&faulty, None, "deliver-messages")),
            "00:00:00Z  text message                                 fault            deliver-messages  fault throttle"
        );
        assert_eq!(
            shown(Line::no_message("deliver-messages", "no_recipient")),
            "00:00:00Z  no message                                                    deliver-messages  no_recipient"
        );
        let cause = vec!["cause: ses: no usable answer".to_owned()];
        let warning =
            Line::diagnostic(Level::WARN, "a delivery will be tried again", "deliver-messages", cause);
        assert_eq!(
            shown(warning),
            "00:00:00Z  a delivery will be tried again               WARN             deliver-messages  cause: ses: no usable answer"
        );
    }

    #[test]
    fn color_is_added_around_the_same_words() {
        for (status, color) in [(202, "\x1b[32m202"), (404, "\x1b[33m404"), (503, "\x1b[31m503")] {
            let line = Line::request(Request { status: StatusCode::from_u16(status).unwrap(), ..request() });
            let colored = line.render(AT, true);
            assert!(colored.contains(color), "{colored:?}");
            let stripped = ["\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", PLAIN]
                .iter()
                .fold(colored, |text, code| text.replace(code, ""));
            assert_eq!(stripped, line.render(AT, false));
        }
    }

    #[test]
    fn nothing_from_outside_ends_a_line_or_controls_the_terminal() {
        let text = "a\nb\r\x1b[31mc\u{9b}d\u{2028}e\u{202e}f";
        let shown = Line::diagnostic(Level::ERROR, text, text, vec![text.to_owned()]).render(AT, false);
        assert!(!shown.contains(|c: char| c.is_control() || c > '~'), "{shown:?}");
        let canary = Method::from_bytes(b"CANARY").unwrap();
        let shown = Line::request(Request { method: canary, ..request() }).render(AT, false);
        assert!(shown.contains("OTHER  /v1") && !shown.contains("CANARY"), "{shown}");
    }
}
