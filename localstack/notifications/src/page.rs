//! The inbox as a person sees it: what of it is shown for a URL, and what each document may load.
//!
//! The page is whole without a script, which adds copying, faults and messages as they come. Page, style and script
//! are files of their own in `templates`. A message's HTML is a document of its own too, since it brings styles with
//! it that the page's policy doesn't allow, and runs and reaches nothing.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, StatusCode, Uri, header};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::api::messages::timestamp;
use crate::api::query::Query;
use crate::fault::{Fault, Kind};
use crate::gateway::Gateway;
use crate::http::Problem;
use crate::inbox::{Channel, Filter, Message, MessageId};
use crate::{mailbox, reading};

/// How many messages the list has.
const LIST_LIMIT: usize = 200;

const STYLE: &str = include_str!("../templates/inbox.css");
const SCRIPT: &str = include_str!("../templates/inbox.js");

/// The page loads its own two files and talks to its own server, and nobody may frame it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                           frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A message has styles of its own and images within itself, and calls nobody. It has an origin of its own, runs no
/// script and sends no form, by this and by its frame. Its links open in another tab.
const MESSAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                              frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// The routes of the page's parts, but for the page itself: SNS has the same path.
pub(crate) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/inbox.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route(
            "/inbox.js",
            get(async || ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)),
        )
        .route("/messages/{id}/html", get(message))
}

/// `GET /?to=&channel=&message=&view=`: the messages to addresses that contain `to`, and one of them: by its id, or
/// the newest. Parameters that are not understood count as absent.
pub(crate) async fn show(State(gateway): State<Gateway>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::lenient(&uri);
    let filter = PageFilter {
        to: query.address("to").unwrap_or_default(),
        channel: query.get("channel").and_then(Channel::parse),
        view: query.get("view").and_then(View::parse),
    };
    let faults = gateway.faults().list().into_iter().cloned().collect::<Vec<_>>();
    let inbox = gateway.inbox().find(&Filter::default());
    let Ok(page) = page(&filter, &inbox, query.get("message"), &faults).render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = format!("\"{}\"", BASE64URL_NOPAD.encode(&Sha256::digest(&page)));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY.as_str(), PAGE_POLICY),
        (header::REFERRER_POLICY.as_str(), "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        (header::ETAG.as_str(), &tag),
    ];
    (headers, page).into_response()
}

/// `GET /messages/{id}/html`: the HTML of an email, for the page's frame.
async fn message(State(gateway): State<Gateway>, Path(id): Path<String>) -> Result<Response, Problem> {
    let message = MessageId::parse(&id).and_then(|id| gateway.inbox().get(id));
    let html = message.as_ref().and_then(|message| message.content.sent.html.as_deref());
    let html = html.ok_or_else(|| Problem::not_found("There is no message with this id and with HTML."))?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, MESSAGE_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, with_links_to_new_tabs(html)).into_response())
}

/// A message whose links open in another tab: its frame leads nowhere else.
fn with_links_to_new_tabs(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let after = |from: usize, tag: &str| {
        let start = from + lower.get(from..)?.find(tag)?;
        Some(start + lower.get(start..)?.find('>')? + 1)
    };
    // Not before the document type, without which a browser lays pages out as it did in the nineties.
    let place = ["<!doctype", "<html", "<head"].iter().fold(0, |at, tag| after(at, tag).unwrap_or(at));
    let (before, rest) = html.split_at(place);
    format!("{before}<base target=\"_blank\">{rest}")
}

/// What of the inbox is asked for.
#[derive(Debug, Default)]
struct PageFilter {
    /// A part of the address; empty for all.
    to: String,
    channel: Option<Channel>,
    /// How messages are shown that can be.
    view: Option<View>,
}

impl PageFilter {
    fn matches(&self, message: &Message) -> bool {
        self.channel.is_none_or(|channel| channel == message.content.sent.channel)
            && message.to.to_lowercase().contains(&self.to.to_lowercase())
    }

    /// The URL of a message within what is asked for.
    fn href(&self, message: MessageId, view: Option<View>) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix("/?".to_owned(), "/?".len());
        query.append_pair("message", &message.to_string());
        if !self.to.is_empty() {
            query.append_pair("to", &self.to);
        }
        if let Some(channel) = self.channel {
            query.append_pair("channel", channel.as_str());
        }
        if let Some(view) = view {
            query.append_pair("view", view.name());
        }
        query.finish()
    }
}

/// A way to show a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Html,
    Text,
    Source,
}

impl View {
    const ALL: [Self; 3] = [Self::Html, Self::Text, Self::Source];

    fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
            Self::Source => "source",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Text => "Text",
            Self::Source => "Source",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == text)
    }

    fn shows(self, message: &Message) -> bool {
        let sent = &message.content.sent;
        match self {
            Self::Html => sent.html.is_some(),
            Self::Text => !sent.text.is_empty() || sent.html.is_none(),
            Self::Source => true,
        }
    }
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    filter: &'a PageFilter,
    /// Every recipient, to choose from.
    addresses: Vec<&'a str>,
    faults: &'a [Fault],
    status: String,
    rows: Vec<Row<'a>>,
    shown: Option<Shown<'a>>,
    /// What is said in the place of a message.
    nothing: &'static str,
}

/// A message in the list.
struct Row<'a> {
    id: MessageId,
    to: &'a str,
    title: &'a str,
    channel: Channel,
    received: Received,
    href: String,
    is_shown: bool,
}

/// The message that is read.
struct Shown<'a> {
    id: MessageId,
    title: &'a str,
    to: &'a str,
    from: Option<String>,
    channel: Channel,
    received: Received,
    code: Option<&'a str>,
    reference: Option<&'a str>,
    links: Vec<&'a str>,
    view: View,
    tabs: Vec<Tab>,
    text: &'a str,
    source: Vec<Part<'a>>,
}

struct Tab {
    view: View,
    href: String,
    is_shown: bool,
}

/// A part of a message's source.
struct Part<'a> {
    name: &'static str,
    direction: &'static str,
    text: std::borrow::Cow<'a, str>,
}

/// A time in UTC; the script shows it in the reader's own.
struct Received {
    iso: String,
    short: String,
    long: String,
}

impl Received {
    fn at(time: OffsetDateTime) -> Self {
        let (hour, minute, second) = time.to_hms();
        let short = format!("{hour:02}:{minute:02}:{second:02} UTC");
        Self { iso: timestamp(time), long: format!("{} {short}", time.date()), short }
    }
}

fn page<'a>(
    filter: &'a PageFilter,
    inbox: &'a [Message],
    wanted: Option<&str>,
    faults: &'a [Fault],
) -> Page<'a> {
    let matching: Vec<_> = inbox.iter().filter(|message| filter.matches(message)).collect();
    let shown = match wanted {
        Some(id) => inbox.iter().find(|message| message.id.to_string() == id),
        None => matching.first().copied(),
    };
    let mut addresses: Vec<_> = inbox.iter().map(|message| message.to.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let row = |message: &&'a Message| Row {
        id: message.id,
        to: &message.to,
        title: title(message),
        channel: message.content.sent.channel,
        received: Received::at(message.content.received_at),
        href: filter.href(message.id, filter.view),
        is_shown: shown.is_some_and(|shown| shown.id == message.id),
    };
    Page {
        filter,
        addresses,
        faults,
        status: status(matching.len(), inbox.len()),
        rows: matching.iter().take(LIST_LIMIT).map(row).collect(),
        shown: shown.map(|message| read(message, filter)),
        nothing: match wanted {
            Some(_) => "This message is not in the inbox any more.",
            None if inbox.is_empty() => "Messages appear here as soon as they are sent.",
            None => "No message matches the filter.",
        },
    }
}

fn status(matching: usize, all: usize) -> String {
    let messages = if all == 1 { "1 message".to_owned() } else { format!("{all} messages") };
    let found = if matching == all { messages } else { format!("{matching} of {messages}") };
    if matching > LIST_LIMIT { format!("{found}; the newest {LIST_LIMIT} are listed") } else { found }
}

fn title(message: &Message) -> &str {
    let sent = &message.content.sent;
    let first_line = || sent.text.lines().next().unwrap_or_default();
    sent.subject.as_deref().unwrap_or_else(first_line)
}

fn read<'a>(message: &'a Message, filter: &PageFilter) -> Shown<'a> {
    let content = &message.content;
    let sent = &content.sent;
    let views = View::ALL.into_iter().filter(|view| view.shows(message));
    let view = filter.view.filter(|view| view.shows(message)).or_else(|| views.clone().next());
    let view = view.unwrap_or(View::Source);
    let tab = |tab: View| Tab { view: tab, href: filter.href(message.id, Some(tab)), is_shown: tab == view };
    Shown {
        id: message.id,
        title: title(message),
        to: &message.to,
        from: sent.from.as_deref().map(|from| match sent.channel {
            Channel::Email => mailbox::shown(from),
            Channel::Sms => from.to_owned(),
        }),
        channel: sent.channel,
        received: Received::at(content.received_at),
        code: content.code.as_deref(),
        reference: content.reference.as_deref(),
        links: reading::links(&sent.text),
        view,
        tabs: views.map(tab).collect(),
        text: &sent.text,
        source: if view == View::Source { source(message) } else { Vec::new() },
    }
}

/// A message as it was handed over: what SES makes an email of, or SNS a text message.
fn source(message: &Message) -> Vec<Part<'_>> {
    let sent = &message.content.sent;
    let head: Vec<_> = match sent.channel {
        Channel::Email => {
            let given = [("From", sent.from.as_deref()), ("To", Some(message.to.as_str()))]
                .into_iter()
                .chain([("Subject", sent.subject.as_deref())])
                .filter_map(|(name, value)| Some((name, value?)));
            let added = sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            given.chain(added).map(|(name, value)| format!("{name}: {value}")).collect()
        }
        Channel::Sms => sent
            .attributes
            .iter()
            .map(|(name, attribute)| format!("{name} ({}): {}", attribute.data_type, attribute.value))
            .collect(),
    };
    let head_name = if sent.channel == Channel::Email { "Headers" } else { "Message attributes" };
    let mut parts = Vec::new();
    if !head.is_empty() {
        parts.push(Part { name: head_name, direction: "ltr", text: head.join("\n").into() });
    }
    if !sent.text.is_empty() {
        parts.push(Part { name: "text/plain", direction: "auto", text: sent.text.as_str().into() });
    }
    if let Some(html) = &sent.html {
        parts.push(Part { name: "text/html", direction: "ltr", text: html.as_str().into() });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_style_and_script_load_nothing_from_outside_and_insert_no_markup() {
        let page = include_str!("../templates/inbox.html");
        for outside in ["http://", "https://", "//", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
            assert!(!STYLE.contains(outside), "{outside}");
        }
        for inline in ["<style", " style=", "<script>", " onclick", "javascript:"] {
            assert!(!page.contains(inline), "{inline}");
        }
        for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http"] {
            assert!(!SCRIPT.contains(sink), "{sink}");
        }
    }

    #[test]
    fn no_policy_lets_a_script_in_that_is_not_a_file_of_the_page() {
        assert!(!PAGE_POLICY.contains("unsafe"), "{PAGE_POLICY}");
        assert!(PAGE_POLICY.contains("frame-ancestors 'none'"));
        assert!(MESSAGE_POLICY.contains("default-src 'none'") && MESSAGE_POLICY.contains("sandbox"));
        for permission in ["script", "allow-same-origin", "allow-top-navigation", "allow-forms"] {
            assert!(!MESSAGE_POLICY.contains(permission), "{permission}");
        }
    }

    #[test]
    fn links_open_in_another_tab_and_the_document_stays_as_it_is() {
        let base = "<base target=\"_blank\">";
        for (html, before) in [
            (
                "<!doctype html><html lang=\"ar\"><HEAD><title>x</title>",
                "<!doctype html><html lang=\"ar\"><HEAD>",
            ),
            ("<!DOCTYPE html>\n<p>x", "<!DOCTYPE html>"),
            ("<p>x</p>", ""),
            ("<p>ü</p><!doctype", ""),
        ] {
            let rest = html.strip_prefix(before).unwrap();
            assert_eq!(with_links_to_new_tabs(html), format!("{before}{base}{rest}"));
        }
    }

    #[test]
    fn the_number_of_messages_is_told_as_people_count() {
        assert_eq!(status(0, 0), "0 messages");
        assert_eq!(status(1, 1), "1 message");
        assert_eq!(status(1, 3), "1 of 3 messages");
        assert_eq!(status(201, 201), "201 messages; the newest 200 are listed");
    }
}
