//! Rules for every language and every message.

use regain_domain::port::Message;
use regain_domain::{Code, CodeLength, LinkToken, Locale, Reference, Timestamp};
use regain_locales::LANGUAGES;

use crate::gsm::{segments, septets};
use crate::{Email, Messages};

const ORIGIN: &str = "https://example.com";
const TOKEN: &str = "0123456789ABCDEFGHJKMNPQRS";

fn messages(brand: &str, default: &str) -> Messages {
    Messages::new(brand, ORIGIN, &locale(default)).unwrap()
}

fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

fn code(text: &str, minutes: u64) -> Message {
    let length = CodeLength::new(u8::try_from(text.len()).unwrap()).unwrap();
    let code = Code::parse(text, length).unwrap();
    Message::Code { code, reference: Reference::from_text("K7F"), minutes }
}

fn link(hours: u64) -> Message {
    Message::RecoveryLink { token: LinkToken::parse(TOKEN).unwrap(), hours }
}

fn changed() -> Message {
    Message::PasswordChanged { changed_at: Timestamp::from_unix(1_795_474_379) }
}

fn failures(are_spent: bool) -> Message {
    Message::SignInFailures { at: Timestamp::from_unix(1_795_474_379), are_spent }
}

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

/// Every message, in each of its forms of number.
fn every_message() -> Vec<Message> {
    let notices = [changed(), failures(false), failures(true)];
    [code("012345", 1), code("012345", 10), link(1), link(24)].into_iter().chain(notices).collect()
}

/// Every email and every text message in every language.
fn everything(brand: &str) -> Vec<(&'static str, Email, String)> {
    let mut all = Vec::new();
    for tag in tags() {
        let messages = messages(brand, tag);
        for message in every_message() {
            let email = messages.email(&[], &message).unwrap();
            all.push((tag, email, messages.text_message(&[], &message).unwrap()));
        }
    }
    all
}

/// That no word is missing is what rendering everything shows.
#[test]
fn every_line_of_a_catalogue_is_in_some_message() {
    for language in LANGUAGES {
        let everything = everything("Acme").into_iter().filter(|(tag, ..)| *tag == language.tag);
        let written: Vec<_> =
            everything.flat_map(|(_, email, text)| [email.subject, email.text, text]).collect();
        let lines = language.messages.lines().filter(|line| !line.starts_with('#'));
        for line in lines.map(|line| line.split_once(" = ").map_or(line, |(_, text)| text)) {
            // Without the variant's name and the variables.
            let line = line.trim_start_matches(['*', ' ']);
            let line = line.split_once("] ").filter(|_| line.starts_with('[')).map_or(line, |(_, text)| text);
            for words in line.split('{').map(|part| part.split_once('}').map_or(part, |(_, words)| words)) {
                let words = words.trim_end_matches('}');
                assert!(line.ends_with("->") || written.iter().any(|text| text.contains(words)), "{words}");
            }
        }
    }
}

#[test]
fn every_language_words_every_message() {
    for (tag, email, text) in everything("Acme") {
        assert!(email.html.contains(&format!("<html lang=\"{tag}\">")));
        assert!(!email.subject.contains('\n') && email.subject.contains("Acme"), "{}", email.subject);
        for words in [&email.subject, &email.text, &text] {
            assert!(!words.contains(['\u{2068}', '{', '}']), "{words}");
        }
    }
}

#[test]
fn the_code_stands_in_text_and_html_but_not_in_the_subject() {
    let messages = messages("Acme & Sons", "en");
    let email = messages.email(&[], &code("012345", 10)).unwrap();
    assert_eq!(email.subject, "Reset your Acme & Sons password (reference K7F)");
    assert!(email.text.contains("\n\nYour code: 012345\nReference: K7F\n\n"), "{}", email.text);
    assert!(email.text.contains("10 minutes"));
    assert!(email.html.contains("Your code: 012345") && email.html.contains("Acme &#38; Sons"));
    assert!(!email.subject.contains("012345") && !email.html.contains("http"), "{}", email.html);
    assert!(messages.email(&[], &code("012345", 1)).unwrap().text.contains("one minute"));

    let email = messages.email(&[locale("sv")], &code("012345", 10)).unwrap();
    assert!(email.text.contains("\n\nDin kod: 012345\nReferens: K7F\n\n"), "{}", email.text);
}

#[test]
fn a_code_by_text_ends_with_the_line_that_binds_it() {
    let text = |tag| messages("Acme", "en").text_message(&[locale(tag)], &code("123456", 10)).unwrap();
    assert_eq!(
        text("en"),
        "123456 is your Acme reset code. Reference K7F. Works 10 min. Never share it. Not you? Ignore.\n\n\
         @example.com #123456"
    );
    assert_eq!(
        text("sv"),
        "123456 är din lösenordskod hos Acme. Referens K7F. Gäller 10 min. Dela aldrig. Inte du? Bortse.\n\n\
         @example.com #123456"
    );
}

#[test]
fn a_code_by_text_fits_one_segment() {
    let (brand, host) = ("B".repeat(20), "h".repeat(30));
    for tag in tags() {
        let origin = format!("https://{host}:8443");
        let messages = Messages::new(&brand, &origin, &locale(tag)).unwrap();
        let text = messages.text_message(&[], &code("0123456789", 10)).unwrap();
        assert!(septets(&text).is_some_and(|n| n <= 160), "{:?}: {text}", septets(&text));
        assert_eq!(messages.code_sms_segments(CodeLength::new(10).unwrap()).unwrap(), 1);
        for message in [link(24), changed(), failures(false), failures(true)] {
            let text = messages.text_message(&[], &message).unwrap();
            assert!(septets(&text).is_some() && segments(&text) <= 2, "{:?}: {text}", septets(&text));
        }
    }
}

#[test]
fn a_brand_outside_of_the_alphabet_costs_more_segments() {
    let length = CodeLength::new(6).unwrap();
    assert_eq!(messages("Акме", "en").code_sms_segments(length).unwrap(), 2);
    assert_eq!(messages(&"B".repeat(60), "en").code_sms_segments(length).unwrap(), 2);
}

#[test]
fn the_recovery_link_is_a_fragment_of_the_sites_page() {
    let address = format!("{ORIGIN}/recover#token={TOKEN}");
    for tag in tags() {
        let messages = messages("Acme", tag);
        let email = messages.email(&[], &link(24)).unwrap();
        assert!(email.text.contains(&format!("\n\n{address}\n\n")), "{}", email.text);
        assert!(email.html.contains(&format!("<a href=\"{address}\">")), "{}", email.html);
        assert!(email.text.contains("24") && !email.subject.contains(TOKEN));
        let text = messages.text_message(&[], &link(24)).unwrap();
        assert!(text.lines().any(|line| line == address) && text.contains("24"), "{text}");
        assert!(!format!("{email:?}").contains(TOKEN));
    }
}

#[test]
fn the_notice_says_when_and_where_to_object() {
    for tag in tags() {
        let messages = messages("Acme", tag);
        let email = messages.email(&[], &changed()).unwrap();
        let text = messages.text_message(&[], &changed()).unwrap();
        assert!(email.html.contains(&format!("<a href=\"{ORIGIN}\">")), "{}", email.html);
        for words in [email.text, text] {
            assert!(words.contains("2026-11-23 22:52 UTC") && words.contains(ORIGIN), "{words}");
        }
    }
}

#[test]
fn the_notice_of_failures_says_what_was_seen_and_what_leads_in() {
    for tag in tags() {
        let messages = messages("Acme", tag);
        let of = |are_spent| {
            let message = failures(are_spent);
            (messages.email(&[], &message).unwrap(), messages.text_message(&[], &message).unwrap())
        };
        let ((more, more_text), (spent, spent_text)) = (of(false), of(true));
        assert!(more.subject == spent.subject && more.text != spent.text && more_text != spent_text);
        for email in [more, spent] {
            assert!(email.text.contains("2026-11-23 22:52 UTC"), "{}", email.text);
            assert!(email.html.contains(&format!("<a href=\"{ORIGIN}\">")), "{}", email.html);
        }
        assert!([more_text, spent_text].iter().all(|text| text.contains(ORIGIN)));
    }
}

#[test]
fn nothing_comes_from_elsewhere_and_links_lead_to_the_site() {
    for (_, email, text) in everything("Acme") {
        for tag in ["<img", "<script", "<link", "<style", "url(", "src="] {
            assert!(!email.html.contains(tag), "{tag}: {}", email.html);
        }
        for words in [&email.text, &email.html, &text] {
            assert_eq!(words.matches("://").count(), words.matches(ORIGIN).count(), "{words}");
            assert!(!words.contains("www."), "{words}");
        }
    }
}

#[test]
fn markup_in_a_brand_is_text() {
    for (_, email, _) in everything("<b>\"Acme\"</b>") {
        assert!(!email.html.contains("<b>") && email.html.contains("&#60;b&#62;"), "{}", email.html);
    }
}

#[test]
fn the_first_language_that_there_is_wins() {
    let default = messages("Acme", "en-GB");
    let subject = |tags: &[&str]| {
        let locales: Vec<Locale> = tags.iter().map(|tag| locale(tag)).collect();
        default.email(&locales, &changed()).unwrap().subject
    };
    let (english, swedish) = (subject(&["en"]), subject(&["sv"]));
    assert_ne!(english, swedish);
    assert_eq!(subject(&[]), english);
    assert_eq!(subject(&["tlh"]), english);
    assert_eq!(subject(&["tlh", "sv-FI"]), swedish);
    assert_eq!(subject(&["sv", "en"]), swedish);
    assert_eq!(subject(&["EN-us", "sv"]), english);
    assert_eq!(messages("Acme", "sv").email(&[], &changed()).unwrap().subject, swedish);
}

#[test]
fn what_messages_need_is_checked_at_the_start() {
    assert!(Messages::new("Acme", ORIGIN, &locale("tlh")).is_err());
    assert!(Messages::new("Acme", "example.com", &locale("en")).is_err());
}
