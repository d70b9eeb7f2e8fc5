//! The same messages in the forms of [LocalStack]'s own endpoints, oldest first, so that tests written for it read
//! this gateway too.
//!
//! The gateway has neither regions nor accounts: it shows everything whatever `region` and `accountId` say.
//!
//! [LocalStack]: https://docs.localstack.cloud/aws/services/ses/

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use serde_json::{Map, Value, json};

use crate::api::messages::timestamp;
use crate::api::query::Query;
use crate::gateway::Gateway;
use crate::http::ok_json;
use crate::inbox::{Channel, Filter, Message, normalize_address};

/// The region messages are shown in, which is `LocalStack`'s default.
const REGION: &str = "us-east-1";

/// `GET /_aws/ses?id=&email=`: the emails, one for each send, by its id and its sender as it was given.
pub(crate) async fn emails(State(gateway): State<Gateway>, uri: Uri) -> Response {
    let query = Query::lenient(&uri);
    let sender = query.get("email").map(|sender| (sender, query.address("email")));
    let mut messages = gateway.inbox().find(&Filter { channel: Some(Channel::Email), ..Filter::default() });
    messages.reverse();
    // The messages of one send stand together.
    messages.dedup_by_key(|message| message.content.send_id);
    let shown: Vec<Value> = messages
        .iter()
        .filter(|message| query.get("id").is_none_or(|id| id == message.content.send_id.to_string()))
        .filter(|message| {
            let from = message.content.sent.from.as_deref();
            sender.as_ref().is_none_or(|(raw, address)| from == Some(*raw) || from == address.as_deref())
        })
        .map(email)
        .collect();
    ok_json(&json!({ "messages": shown }))
}

/// `DELETE /_aws/ses?id=`: removes one send, or all emails.
pub(crate) async fn clear_emails(State(gateway): State<Gateway>, uri: Uri) -> StatusCode {
    let query = Query::lenient(&uri);
    let id = query.get("id");
    gateway.inbox().remove(|message| {
        message.content.sent.channel == Channel::Email
            && id.is_none_or(|id| id == message.content.send_id.to_string())
    });
    StatusCode::NO_CONTENT
}

/// `GET /_aws/sns/sms-messages?phoneNumber=`: the text messages by number. A number asked for is there even
/// without messages.
pub(crate) async fn texts(State(gateway): State<Gateway>, uri: Uri) -> Response {
    let query = Query::lenient(&uri);
    let number = query.address("phoneNumber");
    let filter = Filter {
        channel: Some(Channel::Sms),
        to: number.as_deref().map(normalize_address),
        ..Filter::default()
    };
    let mut by_number = Map::new();
    if let Some(number) = number {
        by_number.insert(number, json!([]));
    }
    for message in gateway.inbox().find(&filter).iter().rev() {
        let texts = by_number.entry(message.to.clone()).or_insert_with(|| json!([]));
        if let Some(texts) = texts.as_array_mut() {
            texts.push(text(message));
        }
    }
    ok_json(&json!({ "sms_messages": by_number, "region": query.get("region").unwrap_or(REGION) }))
}

/// `DELETE /_aws/sns/sms-messages?phoneNumber=`: removes the text messages to one number, or all.
pub(crate) async fn clear_texts(State(gateway): State<Gateway>, uri: Uri) -> StatusCode {
    let number = Query::lenient(&uri).address("phoneNumber");
    gateway.inbox().remove(|message| {
        message.content.sent.channel == Channel::Sms
            && number.as_ref().is_none_or(|number| *number == message.to)
    });
    StatusCode::NO_CONTENT
}

fn email(message: &Message) -> Value {
    let content = &message.content;
    let sent = &content.sent;
    let text = (!sent.text.is_empty()).then_some(&sent.text);
    json!({
        "Id": content.send_id.to_string(),
        "Region": REGION,
        "Timestamp": timestamp(content.received_at),
        "Source": sent.from,
        "Destination": { "ToAddresses": sent.recipients },
        "Subject": sent.subject,
        "Body": { "text_part": text, "html_part": sent.html },
    })
}

fn text(message: &Message) -> Value {
    let sent = &message.content.sent;
    let attributes: Map<String, Value> = sent
        .attributes
        .iter()
        .map(|(name, attribute)| {
            let value = json!({ "DataType": attribute.data_type, "StringValue": attribute.value });
            (name.clone(), value)
        })
        .collect();
    json!({
        "PhoneNumber": message.to,
        "TopicArn": null,
        "SubscriptionArn": null,
        "MessageId": message.content.send_id.to_string(),
        "Message": sent.text,
        "MessageAttributes": attributes,
        "MessageStructure": null,
        "Subject": null,
    })
}
