//! Messages that were sent: kept within bounds, searched, waited for. Knows neither HTTP nor the
//! services' protocols.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::reading;

/// How many messages are kept; the oldest go first.
const MESSAGE_LIMIT: usize = 10_000;

/// How many bytes of messages are kept, overhead included; the oldest go first.
const BYTE_LIMIT: usize = 64 * 1024 * 1024;

/// The cost of a message besides its strings, in bytes, generously.
const OVERHEAD: usize = 512;

/// The way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    Email,
    Sms,
}

impl Channel {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Email, Self::Sms];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The name for a person.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Sms => "Text message",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// Names a message. Ids grow with time; their text, 16 hexadecimal digits, sorts as they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId(u64);

impl MessageId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        u64::from_str_radix(text, 16).ok().filter(|_| canonical).map(Self)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A send as a service accepted it, for one or more recipients.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) channel: Channel,
    /// Bare addresses; each gets a message.
    pub(crate) recipients: Vec<String>,
    /// The sender: for email as given, for SMS the sender id if there is one.
    pub(crate) from: Option<String>,
    /// The headers of an email that the sender adds, names and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) subject: Option<String>,
    /// Empty for an email that has HTML only.
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    /// SNS's message attributes, by name.
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// A message attribute of SNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) data_type: String,
    pub(crate) value: String,
}

/// A message in the inbox.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    pub(crate) to: String,
    pub(crate) content: Arc<Content>,
}

/// The common part of the messages of one send.
#[derive(Debug)]
pub(crate) struct Content {
    /// The id of the send's first message, which is what the sender was told.
    pub(crate) send_id: MessageId,
    /// In whole milliseconds, so that it compares as it is shown.
    pub(crate) received_at: OffsetDateTime,
    pub(crate) code: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) sent: Sent,
}

/// Where a search starts: only what is strictly newer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum After {
    Id(MessageId),
    Time(OffsetDateTime),
}

/// Which messages to look at. The default is all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) channel: Option<Channel>,
    /// Compared as [`normalize_address`] leaves it.
    pub(crate) to: Option<String>,
    pub(crate) after: Option<After>,
}

impl Filter {
    fn matches(&self, message: &Message) -> bool {
        self.channel.is_none_or(|channel| channel == message.content.sent.channel)
            && self.to.as_ref().is_none_or(|to| *to == normalize_address(&message.to))
    }
}

/// An address as it is compared: trimmed and in lower case. Phone numbers stay as they are.
pub(crate) fn normalize_address(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The messages, at most [`MESSAGE_LIMIT`] and about [`BYTE_LIMIT`] bytes.
#[derive(Debug)]
pub(crate) struct Inbox {
    kept: Mutex<Kept>,
    /// Moves on whenever messages arrive.
    arrivals: watch::Sender<()>,
}

#[derive(Debug)]
struct Kept {
    /// By id, the oldest first.
    messages: VecDeque<Message>,
    bytes: usize,
    next_id: u64,
}

impl Inbox {
    /// An empty inbox whose ids start at `first_id`.
    pub(crate) fn new(first_id: u64) -> Self {
        let kept = Kept { messages: VecDeque::new(), bytes: 0, next_id: first_id };
        Self { kept: Mutex::new(kept), arrivals: watch::Sender::new(()) }
    }

    /// Keeps a message for each recipient, wakes the readers that wait, and returns the id of the send.
    pub(crate) fn keep(&self, sent: Sent, received_at: OffsetDateTime) -> MessageId {
        let code = reading::code(&sent.text);
        let reference = reading::reference(&sent.text);
        let received_at = received_at.replace_millisecond(received_at.millisecond()).unwrap_or(received_at);
        let mut kept = self.lock();
        let send_id = MessageId(kept.next_id);
        let content = Arc::new(Content { send_id, received_at, code, reference, sent });
        for to in &content.sent.recipients {
            let id = MessageId(kept.next_id);
            kept.next_id += 1;
            kept.push(Message { id, to: to.clone(), content: Arc::clone(&content) });
        }
        drop(kept);
        self.arrivals.send_replace(());
        send_id
    }

    /// The id of a send of which nothing is kept; no other send gets it.
    pub(crate) fn pass_by(&self, sent: &Sent) -> MessageId {
        let mut kept = self.lock();
        let id = MessageId(kept.next_id);
        kept.next_id += u64::try_from(sent.recipients.len()).unwrap_or(1);
        id
    }

    /// The messages that match, newest first.
    pub(crate) fn find(&self, filter: &Filter) -> Vec<Message> {
        let newer = |message: &&Message| match filter.after {
            Some(After::Id(id)) => message.id > id,
            // Not by position: the system's clock may be set back.
            Some(After::Time(time)) => message.content.received_at > time,
            None => true,
        };
        self.lock()
            .messages
            .iter()
            .rev()
            .filter(newer)
            .filter(|message| filter.matches(message))
            .cloned()
            .collect()
    }

    /// The messages that match, newest first, as soon as there is one; after `patience`, none.
    pub(crate) async fn wait_for(&self, filter: &Filter, patience: Duration) -> Vec<Message> {
        let mut arrivals = self.arrivals.subscribe();
        let first = async {
            loop {
                let found = self.find(filter);
                // An error would mean that the sender is gone, and `self` holds it.
                if !found.is_empty() || arrivals.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(patience, first).await.unwrap_or_default()
    }

    pub(crate) fn get(&self, id: MessageId) -> Option<Message> {
        let kept = self.lock();
        let index = kept.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        kept.messages.get(index).cloned()
    }

    /// Removes the messages for which `unwanted` holds.
    pub(crate) fn remove(&self, unwanted: impl Fn(&Message) -> bool) {
        let mut kept = self.lock();
        kept.messages.retain(|message| !unwanted(message));
        kept.bytes = kept.messages.iter().map(Message::bytes).sum();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, message: Message) {
        self.bytes += message.bytes();
        self.messages.push_back(message);
        while self.messages.len() > MESSAGE_LIMIT || self.bytes > BYTE_LIMIT {
            let Some(oldest) = self.messages.pop_front() else { return };
            self.bytes -= oldest.bytes();
        }
    }
}

impl Message {
    /// Its share of the limit. Shared content counts for each message, so the limit is never passed.
    fn bytes(&self) -> usize {
        let sent = &self.content.sent;
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let attributes = &sent.attributes;
        let recipients: usize = sent.recipients.iter().map(|to| to.len() + OVERHEAD).sum();
        OVERHEAD
            + self.to.len()
            + recipients
            + optional(&sent.from)
            + optional(&sent.subject)
            + sent.text.len()
            + optional(&sent.html)
            + sent.headers.iter().map(|(name, value)| OVERHEAD + name.len() + value.len()).sum::<usize>()
            + attributes
                .iter()
                .map(|(name, attribute)| {
                    OVERHEAD + name.len() + attribute.data_type.len() + attribute.value.len()
                })
                .sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: usize) -> Sent {
        Sent {
            channel: Channel::Email,
            recipients: vec!["Anna@example.com".to_owned()],
            from: None,
            headers: Vec::new(),
            subject: None,
            text: "x".repeat(bytes),
            html: None,
            attributes: BTreeMap::new(),
        }
    }

    fn at(milliseconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(milliseconds)
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let inbox = Inbox::new(0);
        for _ in 0..=MESSAGE_LIMIT {
            inbox.keep(text_of(1), at(0));
        }
        let found = inbox.find(&Filter::default());
        assert_eq!(found.len(), MESSAGE_LIMIT);
        assert_eq!(found.last().unwrap().id, MessageId(1));
        assert!(inbox.get(MessageId(0)).is_none());
        assert!(inbox.get(MessageId(1)).is_some());
    }

    #[test]
    fn the_oldest_go_when_they_are_too_large() {
        let inbox = Inbox::new(0);
        let mut sent = text_of(1024 * 1024);
        sent.recipients = vec!["anna@example.com".to_owned(); 70];
        inbox.keep(sent, at(0));
        let kept = inbox.lock();
        assert!(kept.messages.len() < 64);
        assert!(kept.bytes <= BYTE_LIMIT);
        assert!(kept.bytes + kept.messages.front().unwrap().bytes() > BYTE_LIMIT);
        assert_eq!(kept.messages.back().unwrap().id, MessageId(69));
        assert_eq!(kept.bytes, kept.messages.iter().map(Message::bytes).sum::<usize>());
    }

    #[test]
    fn removing_gives_the_memory_back() {
        let inbox = Inbox::new(0);
        inbox.keep(text_of(1), at(0));
        inbox.remove(|_| true);
        assert_eq!(inbox.lock().bytes, 0);
        assert!(inbox.find(&Filter::default()).is_empty());
    }

    #[test]
    fn a_time_as_shown_is_not_before_its_message() {
        let inbox = Inbox::new(0);
        inbox.keep(text_of(1), at(5) + time::Duration::microseconds(700));
        let after = |time| Filter { after: Some(After::Time(time)), ..Filter::default() };
        assert!(inbox.find(&after(at(5))).is_empty());
        assert_eq!(inbox.find(&after(at(4))).len(), 1);
    }

    #[test]
    fn each_recipient_gets_a_message_and_addresses_compare_without_case() {
        let inbox = Inbox::new(0);
        let mut sent = text_of(1);
        sent.recipients.push("bo@example.com".to_owned());
        let send_id = inbox.keep(sent, at(0));
        let filter = Filter { to: Some(normalize_address(" ANNA@example.com ")), ..Filter::default() };
        let found = inbox.find(&filter);
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().unwrap().content.send_id, send_id);
        let newer = Filter { after: Some(After::Id(send_id)), ..Filter::default() };
        assert_eq!(inbox.find(&newer).first().unwrap().to, "bo@example.com");
    }

    #[test]
    fn ids_read_as_they_are_written() {
        assert_eq!(MessageId::parse(&MessageId(255).to_string()), Some(MessageId(255)));
        for text in ["", "ff", "00000000000000FF", "+0000000000000ff", "00000000000000000"] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_the_first_match_or_the_patience() {
        let inbox = Inbox::new(0);
        let sms = Filter { channel: Some(Channel::Sms), ..Filter::default() };
        let email = Filter { channel: Some(Channel::Email), ..Filter::default() };
        let patience = Duration::from_secs(10);
        let send = async {
            tokio::task::yield_now().await;
            inbox.keep(text_of(1), at(0));
        };
        let (found, none, ()) =
            tokio::join!(inbox.wait_for(&email, patience), inbox.wait_for(&sms, patience), send);
        assert_eq!(found.len(), 1);
        assert!(none.is_empty());
    }
}
