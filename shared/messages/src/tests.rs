//! Rules for every language and every message.

use std::collections::BTreeSet;

use regain_domain::brand::{Brand, BrandColor, PageUrl, Support};
use regain_domain::port::Message;
use regain_domain::{Code, CodeLength, EmailAddress, LinkToken, Locale, Origin, Reference, Timestamp};
use regain_locales::{LANGUAGES, Languages};

use crate::gsm::{segments, septets};
use crate::{CostlyCode, Email, Messages};

const ORIGIN: &str = "https://example.com";
const TOKEN: &str = "0123456789ABCDEFGHJKMNPQRS";
const SUPPORT: &str = "help@example.com";
/// 2026-11-23 22:52:59 UTC.
const TIME: Timestamp = Timestamp::from_unix(1_795_474_379);

fn brand(name: &str) -> Brand {
    let support = Support::Email(EmailAddress::parse(SUPPORT).unwrap());
    Brand { name: name.to_owned(), color: BrandColor::default(), support }
}

fn messages(name: &str, default: &str) -> Messages {
    messages_of(brand(name), ORIGIN, default)
}

fn messages_of(brand: Brand, origin: &str, default: &str) -> Messages {
    let languages = Languages::choose(&[], &locale(default)).unwrap();
    Messages::new(brand, Origin::parse(origin).unwrap(), &languages)
}

fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

fn code(text: &str, minutes: u64) -> Message {
    let length = CodeLength::new(u8::try_from(text.len()).unwrap()).unwrap();
    let code = Code::parse(text, length).unwrap();
    Message::Code { code, reference: Reference::from_text("K7F"), minutes, requested_at: TIME }
}

fn link(hours: u64) -> Message {
    Message::RecoveryLink { token: LinkToken::parse(TOKEN).unwrap(), hours, requested_at: TIME }
}

fn changed() -> Message {
    Message::PasswordChanged { changed_at: TIME }
}

fn failures(are_spent: bool) -> Message {
    Message::SignInFailures { at: TIME, are_spent }
}

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

/// Every message by a name, in each of its forms of number, and in each month.
fn every_message() -> Vec<(&'static str, Message)> {
    let mut all = vec![
        ("code", code("012345", 10)),
        ("link", link(24)),
        ("changed", changed()),
        ("failures", failures(false)),
        ("failures-spent", failures(true)),
    ];
    all.extend(
        [0, 1, 2, 3, 11, 100].into_iter().flat_map(|n| [("code", code("012345", n)), ("link", link(n))]),
    );
    // From the first of January 1970, 31 days each.
    let months = (0..12).map(|month| Timestamp::from_unix(month * 31 * 86_400));
    all.extend(months.map(|changed_at| ("changed", Message::PasswordChanged { changed_at })));
    all
}

/// Every email and every text message in every language.
fn everything(brand: &str) -> Vec<(&'static str, Email, String)> {
    let mut all = Vec::new();
    for tag in tags() {
        let messages = messages(brand, tag);
        for (_, message) in every_message() {
            let email = messages.email(&[], &message).unwrap();
            all.push((tag, email, messages.text_message(&[], &message).unwrap()));
        }
    }
    all
}

/// The text between the tags of a page's body, in the order in which mail programs make a preview of it.
fn visible(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let texts = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    texts.collect::<String>().replace("&zwnj;&nbsp;", " ")
}

/// That no word is missing is what rendering everything shows.
#[test]
fn every_line_of_a_catalogue_is_in_some_message() {
    for language in LANGUAGES {
        let everything = everything("Acme").into_iter().filter(|(tag, ..)| *tag == language.tag);
        let written: Vec<_> =
            everything.flat_map(|(_, email, text)| [email.subject, email.text, email.html, text]).collect();
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
        let direction = if tag == "ar" { "rtl" } else { "ltr" };
        for element in ["html", "div"] {
            let begin = format!("<{element} lang=\"{tag}\" dir=\"{direction}\">");
            assert!(email.html.contains(&begin), "{begin}: {}", email.html);
        }
        assert!(!email.subject.contains('\n') && email.subject.contains("Acme"), "{}", email.subject);
        for words in [&email.subject, &email.text, &text] {
            assert!(!words.contains(['{', '}']), "{words}");
        }
        for words in [&email.subject, &text] {
            assert!(!words.contains(['\u{2068}', '\u{2069}']), "{words}");
        }
        assert!(tag == "ar" || !email.html.contains(['\u{2068}', '\u{2069}']));
    }
}

#[test]
fn the_code_stands_in_text_and_html_but_not_where_a_locked_phone_shows_it() {
    let messages = messages("Acme & Sons", "en");
    let email = messages.email(&[], &code("012345", 10)).unwrap();
    assert_eq!(email.subject, "Reset your Acme & Sons password (reference K7F)");
    assert!(email.text.contains("\n\nYour code: 012345\nReference: K7F\n\n"), "{}", email.text);
    assert!(email.text.contains("10 minutes") && email.text.contains("On 23 November 2026 at 22:52 UTC, "));
    // By itself, so that a double click selects it and nothing else.
    assert!(email.html.contains(">012345<") && email.html.contains(">K7F<"), "{}", email.html);
    assert!(email.html.contains("Acme &#38; Sons"));
    assert!(messages.email(&[], &code("012345", 1)).unwrap().text.contains("one minute"));
    let email = messages.email(&[locale("sv")], &code("012345", 10)).unwrap();
    assert!(email.text.contains("\n\nDin kod: 012345\nReferens: K7F\n\n"), "{}", email.text);

    for (_, email, _) in everything("Acme") {
        assert!(!email.subject.contains("012345"));
        let preview: String = visible(&email.html).chars().take(200).collect();
        assert!(!preview.trim().is_empty() && !preview.contains("012345"), "{preview}");
    }
}

#[test]
fn a_code_by_text_ends_with_the_line_that_binds_it() {
    let messages = messages("Acme", "en");
    for tag in tags() {
        let text = messages.text_message(&[locale(tag)], &code("123456", 10)).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        assert!(matches!(lines[..], [_, "", "@example.com #123456"]), "{text}");
        assert!(lines[0].starts_with("123456") && lines[0].contains(" K7F. "), "{text}");
    }
}

/// `docs/costs.md` has this table.
#[test]
fn a_code_by_text_takes_the_segments_that_the_documents_say() {
    let (origin, support) = (format!("https://{}:8443", "h".repeat(30)), "help@123456789ab.com");
    let support = Support::Email(EmailAddress::parse(support).unwrap());
    let brand = Brand { support, ..brand(&"B".repeat(20)) };
    let mut taken = Vec::new();
    for tag in tags() {
        let messages = messages_of(brand.clone(), &origin, tag);
        let of = |message: &Message| messages.text_message(&[], message).unwrap();
        let text = of(&code("0123456789", 10));
        assert_eq!(septets(&text).is_some(), tag != "ar", "{text}");
        let notices = [link(24), changed(), failures(false), failures(true)];
        let most = notices.iter().map(|message| segments(&of(message))).max();
        taken.push((tag, segments(&text), most.unwrap()));
        assert_eq!(messages.costly_codes(CodeLength::new(10).unwrap()).unwrap(), []);
    }
    assert_eq!(taken, [("en", 1, 2), ("sv", 1, 2), ("de", 1, 2), ("fr", 1, 2), ("es", 1, 2), ("ar", 2, 4)]);
}

#[test]
fn a_brand_outside_of_the_alphabet_costs_more_segments() {
    let length = CodeLength::new(6).unwrap();
    let costly = |brand: &str| messages(brand, "en").costly_codes(length).unwrap();
    let but_arabic = ["en", "sv", "de", "fr", "es"].map(|language| CostlyCode { language, segments: 2 });
    assert_eq!(costly("Акме"), but_arabic);
    let (arabic, others) = costly(&"B".repeat(60)).split_last().map(|(a, b)| (*a, b.to_vec())).unwrap();
    assert_eq!(others, but_arabic);
    assert_eq!(arabic, CostlyCode { language: "ar", segments: 3 });
}

#[test]
fn the_recovery_link_is_a_fragment_of_the_sites_page() {
    let address = format!("{ORIGIN}/recover/link#token={TOKEN}");
    for tag in tags() {
        let messages = messages("Acme", tag);
        let email = messages.email(&[], &link(24)).unwrap();
        assert!(email.text.contains(&format!("\n\n{address}\n\n")), "{}", email.text);
        assert!(email.html.contains(&format!("<a href=\"{address}\"")), "{}", email.html);
        // For whoever's program shows no button.
        assert!(email.html.contains(&format!(">{address}<")), "{}", email.html);
        assert!(email.text.contains("24") && !email.subject.contains(TOKEN));
        let text = messages.text_message(&[], &link(24)).unwrap();
        assert!(text.lines().any(|line| line == address) && text.contains("24"), "{text}");
        assert!(!format!("{email:?}").contains(TOKEN));
    }
}

#[test]
fn an_email_has_the_links_token_to_be_typed_too_and_a_text_message_has_not() {
    let page = format!("{ORIGIN}/recover/link");
    let groups = ["01234", "56789", "ABCDE", "FGHJK", "MNPQRS"];
    for tag in tags() {
        let messages = messages("Acme", tag);
        let email = messages.email(&[], &link(24)).unwrap();
        let line = email.text.lines().find(|line| line.contains(&groups.join("-"))).unwrap();
        assert!(line.ends_with(&groups.join("-")), "{line}");
        assert!(email.text.contains(&format!("\n\n{page}\n\n{line}\n\n")), "{}", email.text);
        assert!(email.html.contains(&format!("<a class=\"link\" href=\"{page}\"")), "{}", email.html);
        // Alone in its element, which one tap selects, in its own direction. What is copied from there can be read.
        let (before, after) = email.html.split_once(&format!(">{}", groups[0])).unwrap();
        let (_, element) = before.rsplit_once('<').unwrap();
        assert!(element.contains("dir=\"ltr\"") && element.contains("user-select:all"), "{element}");
        let (code, _) = after.split_once("</div>").unwrap();
        let copied = format!("{}{}", groups[0], code.replace("<wbr>", ""));
        assert_eq!(copied, groups.join("-"));
        assert_eq!(*LinkToken::parse(&copied).unwrap().reveal(), TOKEN);
        let text = messages.text_message(&[], &link(24)).unwrap();
        assert!(!text.contains(&groups.join("-")), "{text}");
    }
}

#[test]
fn emails_say_when_what_they_tell_of_happened() {
    let notices = [code("012345", 10), link(24), changed(), failures(false), failures(true)];
    for (tag, date) in [
        ("en", "23 November 2026 at 22:52 UTC"),
        ("sv", "23 november 2026 kl. 22:52 UTC"),
        ("de", "23. November 2026 um 22:52 Uhr (UTC)"),
        ("fr", "23 novembre 2026 à 22:52 UTC"),
        ("es", "23 de noviembre de 2026 a las 22:52 UTC"),
        ("ar", "23 نوفمبر 2026 الساعة \u{2068}22:52\u{2069} بتوقيت UTC"),
    ] {
        let messages = messages("Acme", tag);
        for message in &notices {
            let email = messages.email(&[], message).unwrap();
            assert!(email.text.contains(date) && email.html.contains(date), "{}", email.text);
        }
        let first = Message::PasswordChanged { changed_at: Timestamp::from_unix(0) };
        let email = messages.email(&[], &first).unwrap();
        assert!(email.text.contains("1970") && email.text.contains("00:00"), "{}", email.text);
        let text = messages.text_message(&[], &changed()).unwrap();
        assert!(text.contains("2026-11-23 22:52 UTC"), "{text}");
    }
    let never = Message::PasswordChanged { changed_at: Timestamp::from_unix(i64::MAX) };
    assert!(messages("Acme", "en").email(&[], &never).unwrap().text.contains("@9223372036854775807"));
}

/// NIST SP 800-63B-4, section 4.6.
#[test]
fn notices_say_where_to_object() {
    for tag in tags() {
        let messages = messages("Acme", tag);
        for message in [changed(), failures(false), failures(true)] {
            let email = messages.email(&[], &message).unwrap();
            let text = messages.text_message(&[], &message).unwrap();
            assert!(email.html.contains(&format!("href=\"{ORIGIN}\"")), "{}", email.html);
            for words in [email.text, text] {
                assert!(words.contains(SUPPORT) && words.contains(ORIGIN), "{words}");
            }
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
    }
}

#[test]
fn nothing_comes_from_elsewhere_and_links_lead_to_the_site_or_to_support() {
    let page = format!("{ORIGIN}/recover/link");
    let recovery = format!("{page}#token={TOKEN}");
    let mailto = format!("mailto:{SUPPORT}");
    for (_, email, text) in everything("Acme") {
        for loads in ["<img", "<script", "<link", "<iframe", "<object", "url(", "@import", "src=", "srcset="]
        {
            assert!(!email.html.contains(loads), "{loads}: {}", email.html);
        }
        let leads: BTreeSet<&str> =
            email.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(leads.contains(&*mailto), "{leads:?}");
        assert!(leads.iter().all(|to| [ORIGIN, &page, &recovery, &mailto].contains(to)), "{leads:?}");
        for words in [&email.text, &email.html, &text] {
            assert_eq!(words.matches("://").count(), words.matches(ORIGIN).count(), "{words}");
            assert!(!words.contains("www."), "{words}");
        }
    }
}

#[test]
fn a_page_of_support_stands_in_place_of_an_address() {
    let support = Support::Page(PageUrl::parse("https://help.example.com/a?b=1&c=2").unwrap());
    let messages = messages_of(Brand { support, ..brand("Acme") }, ORIGIN, "en");
    let email = messages.email(&[], &changed()).unwrap();
    let escaped = "https://help.example.com/a?b=1&#38;c=2";
    assert!(email.html.contains(&format!("href=\"{escaped}\"")), "{}", email.html);
    assert!(
        email.text.ends_with("Need help? Contact us:\nhttps://help.example.com/a?b=1&c=2\n"),
        "{}",
        email.text
    );
    assert!(!email.html.contains("mailto:"));
}

#[test]
fn markup_in_a_brand_is_text() {
    for (_, email, _) in everything("<b>\"Acme\"</b>") {
        assert!(!email.html.contains("<b>") && email.html.contains("&#60;b&#62;"), "{}", email.html);
    }
}

#[test]
fn emails_wear_the_brands_colour() {
    let color = BrandColor::parse("#7a0019").unwrap();
    let messages = messages_of(Brand { color, ..brand("Acme") }, ORIGIN, "en");
    let html = messages.email(&[], &link(24)).unwrap().html;
    assert!(html.contains("bgcolor=\"#7a0019\"") && html.contains("style=\"color:#7a0019;"), "{html}");
    assert!(html.contains(&format!(".link {{ color: {} !important }}", color.on_dark())), "{html}");
}

#[test]
fn what_is_put_into_arabic_keeps_its_direction() {
    let messages = messages("Yahoo!", "ar");
    let email = messages.email(&[], &code("012345", 10)).unwrap();
    assert!(email.text.contains("\u{2068}Yahoo!\u{2069}"), "{}", email.text);
    // What is copied has no marks.
    assert!(email.text.contains("\n\nرمزك: 012345\nالمرجع: K7F\n\n"), "{}", email.text);
    for value in ["012345", "K7F"] {
        let element = email.html.split('<').find(|part| part.ends_with(&format!(">{value}")));
        assert!(element.is_some_and(|element| element.contains("dir=\"ltr\"")), "{value}: {}", email.html);
    }
    let email = messages.email(&[], &link(24)).unwrap();
    let address = format!("{ORIGIN}/recover/link");
    assert!(email.text.contains(&format!("\n\n{address}#token={TOKEN}\n\n")), "{}", email.text);
    let code = "رمز الرابط: 01234-56789-ABCDE-FGHJK-MNPQRS";
    assert!(email.text.contains(&format!("\n\n{address}\n\n{code}\n\n")), "{}", email.text);
}

#[test]
fn french_keeps_its_marks_with_their_words() {
    let messages = messages("Acme", "fr");
    for (_, message) in every_message() {
        let email = messages.email(&[], &message).unwrap();
        for words in [&email.subject, &email.text] {
            assert!(![" :", " ;", " ?", " !"].iter().any(|mark| words.contains(mark)), "{words}");
        }
    }
}

/// `tests/pictures.py` names a directory by `REGAIN_WRITE_EMAILS`, and makes pictures of the pages in it.
#[test]
fn emails_can_be_written_to_be_looked_at() {
    let Ok(directory) = std::env::var("REGAIN_WRITE_EMAILS") else { return };
    for tag in tags() {
        for (name, message) in every_message().into_iter().take(5) {
            let email = messages("Acme", tag).email(&[], &message).unwrap();
            std::fs::write(format!("{directory}/{name}.{tag}.html"), email.html).unwrap();
            std::fs::write(format!("{directory}/{name}.{tag}.txt"), email.text).unwrap();
        }
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
