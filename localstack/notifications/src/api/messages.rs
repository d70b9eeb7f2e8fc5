//! `/messages`: what was sent, to read for a person's page and for tests.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::query::Query;
use crate::gateway::Gateway;
use crate::http::{Problem, ok_json};
use crate::inbox::{After, Channel, Filter, Message, MessageId, Sent, normalize_address};
use crate::mailbox;

/// The longest a read may wait, in seconds.
const WAIT_LIMIT: u64 = 60;

/// `GET /messages?to=&channel=&after=&wait=`: the messages that match, newest first. With `wait`, the answer comes
/// as soon as one matches, or empty when the seconds have passed or the gateway shuts down.
pub(crate) async fn list(State(gateway): State<Gateway>, uri: Uri) -> Result<Response, Problem> {
    let query = Query::strict(&uri, &["to", "channel", "after", "wait"])?;
    let filter = Filter {
        to: query.address("to").as_deref().map(normalize_address),
        channel: query.get("channel").map(channel).transpose()?,
        after: query.get("after").map(after).transpose()?,
    };
    let patience = query.get("wait").map_or(Ok(Duration::ZERO), wait)?;
    let found = if patience.is_zero() {
        gateway.inbox().find(&filter)
    } else {
        tokio::select! {
            found = gateway.inbox().wait_for(&filter, patience) => found,
            () = gateway.closing() => gateway.inbox().find(&filter),
        }
    };
    let messages: Vec<Value> = found.iter().map(view).collect();
    Ok(ok_json(&json!({ "messages": messages })))
}

/// `GET /messages/{id}`
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let message = MessageId::parse(&id)
        .and_then(|id| gateway.inbox().get(id))
        .ok_or_else(|| Problem::not_found("There is no message with this id."))?;
    Ok(ok_json(&view(&message)))
}

/// `DELETE /messages`: empties the inbox.
pub(crate) async fn clear(State(gateway): State<Gateway>) -> StatusCode {
    gateway.inbox().remove(|_| true);
    StatusCode::NO_CONTENT
}

fn view(message: &Message) -> Value {
    let content = &message.content;
    let sent = &content.sent;
    json!({
        "id": message.id.to_string(),
        "channel": sent.channel,
        "to": message.to,
        "from": sent.from.as_deref().map(|from| match sent.channel {
            Channel::Email => mailbox::shown(from),
            Channel::Sms => from.to_owned(),
        }),
        "headers": headers(sent),
        "subject": sent.subject,
        "text": sent.text,
        "html": sent.html,
        "received_at": timestamp(content.received_at),
        "code": content.code,
        "reference": content.reference,
    })
}

/// The headers of an email as they were given, the sender's first; `null` for a text message.
fn headers(sent: &Sent) -> Value {
    if sent.channel == Channel::Sms {
        return Value::Null;
    }
    let from = sent.from.iter().map(|from| ("From", from.as_str()));
    let added = sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    from.chain(added).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// A time in UTC as RFC 3339 has it, with milliseconds.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, millisecond) = time.to_hms_milli();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

fn channel(value: &str) -> Result<Channel, Problem> {
    Channel::parse(value).ok_or_else(|| Problem::invalid_request("channel must be email or sms."))
}

fn after(value: &str) -> Result<After, Problem> {
    if let Some(id) = MessageId::parse(value) {
        return Ok(After::Id(id));
    }
    // The `+` of an offset may have arrived as a space.
    OffsetDateTime::parse(&value.replace(' ', "+"), &Rfc3339)
        .map(After::Time)
        .map_err(|_| Problem::invalid_request("after must be the id of a message or an RFC 3339 time."))
}

fn wait(value: &str) -> Result<Duration, Problem> {
    let all_digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|seconds| all_digits && *seconds <= WAIT_LIMIT)
        .map(Duration::from_secs)
        .ok_or_else(|| Problem::invalid_request(format!("wait must be whole seconds, 0 to {WAIT_LIMIT}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_always_show_milliseconds() {
        assert_eq!(timestamp(OffsetDateTime::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
        let time = OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(1_050);
        assert_eq!(timestamp(time), "1970-01-01T00:00:01.050Z");
    }

    #[test]
    fn after_takes_ids_and_times() {
        assert!(matches!(after("00000000000000ff"), Ok(After::Id(_))));
        for value in ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00 02:00"] {
            assert!(matches!(after(value), Ok(After::Time(_))), "{value}");
        }
        for value in ["ff", "yesterday", "2026-01-01", "00000000000000FF"] {
            assert!(after(value).is_err(), "{value}");
        }
    }

    #[test]
    fn waiting_is_bounded() {
        assert_eq!(wait("60").unwrap(), Duration::from_secs(WAIT_LIMIT));
        for value in ["61", "-1", "+1", "1.5", "a", "99999999999999999999"] {
            assert!(wait(value).is_err(), "{value}");
        }
    }
}
