//! Known and unknown identifiers see the same pages, byte for byte, but for what is random.

use reqwest::header::SET_COOKIE;

use crate::browser::{Browser, Page, read_flow};
use crate::harness::{Kind, OLD_PASSWORD, Stack, wrong};
use crate::pages_journeys::sign_in;

/// An answer without what is random in it or counts from its time: status, headers, cookies and body.
fn essence(page: &Page, identifier: &str) -> String {
    let mut headers: Vec<_> = page
        .headers
        .iter()
        .filter(|(name, _)| {
            !["date", "x-request-id", "set-cookie", "content-length"].contains(&name.as_str())
        })
        .map(|(name, value)| match name.as_str() {
            "retry-after" => format!("{name}: {}", value.to_str().unwrap().len()),
            _ => format!("{name}: {}", value.to_str().unwrap()),
        })
        .collect();
    headers.sort();
    let mut body = page.body.clone();
    for input in page
        .html
        .all("input")
        .filter(|e| ["csrf", "idempotency_key", "reference"].contains(&e.attribute("name")))
    {
        body = body.replace(&format!("\"{}\"", input.attribute("value")), "\"…\"");
    }
    let reference = page.html.words("dd");
    if !reference.is_empty() {
        body = body.replace(&reference, "…");
    }
    let cookies = page.headers.get_all(SET_COOKIE).iter().map(|value| {
        let text = value.to_str().unwrap();
        let (name, rest) = text.split_once('=').unwrap();
        let (value, attributes) = rest.split_once("; ").unwrap();
        format!("{name}: {} {attributes}", shape(value))
    });
    let cookies: Vec<_> = cookies.collect();
    let text = format!("{}\n{}\n{}\n{body}", page.status, headers.join("\n"), cookies.join("\n"));
    text.replace(identifier, "(the identifier)")
}

/// A flow's members, with the lengths of what is random.
fn shape(cookie: &str) -> String {
    let mut flow = read_flow(cookie);
    flow["csrf"] = flow["csrf"].as_str().unwrap().len().into();
    if let Some(code) = flow.pointer_mut("/step/code") {
        for name in ["challenge", "reference"] {
            code[name] = code[name].as_str().unwrap().len().into();
        }
        for name in ["expires_at", "resend_at"] {
            let has = code[name].is_i64();
            code[name] = has.into();
        }
    }
    flow.to_string()
}

/// Everything that can be done without the code.
async fn journey(mut browser: Browser, identifier: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut note = |page: &Page| seen.push(essence(page, identifier));
    let page = browser.open("/recover").await;
    let fields = page.form("/recover").with(&[("identifier", identifier)]);
    note(&browser.post("/recover", &fields).await);
    let mut page = browser.open("/recover/code").await;
    note(&page);
    for channel in ["email", "sms", "email", "sms"] {
        let fields = page.form("/recover/resend").with(&[("channel", channel)]);
        let answer = browser.post("/recover/resend", &fields).await;
        note(&answer);
        page = browser.open("/recover/code").await;
        note(&page);
        if answer.status != 303 {
            // No form is left: the page says so.
            break;
        }
        if page.html.with("action", "/recover/resend").count() == 0 {
            break;
        }
    }
    for n in 0..6 {
        let fields = page.form("/recover/code").with(&[("code", &format!("00000{n}"))]);
        let answer = browser.clone().post("/recover/code", &fields).await;
        // A guess that is right by chance, one in 200,000, is no difference.
        note(&answer);
    }
    let last = page.form("/recover/code").with(&[("code", "000009")]);
    note(&browser.post("/recover/code", &last).await);
    note(&browser.open("/recover").await);
    for _ in 0..3 {
        let page = browser.open("/recover").await;
        let fields = page.form("/recover").with(&[("identifier", identifier), ("channel", "sms")]);
        note(&browser.post("/recover", &fields).await);
    }
    for _ in 0..4 {
        let page = sign_in(&mut browser, identifier, "not the password").await;
        seen.push(essence(&page, identifier));
    }
    seen
}

#[tokio::test]
async fn pages_are_the_same_of_nobody_to_the_last_byte() {
    let stack = Stack::start(&[
        ("REGAIN_RESEND_COOLDOWN_SECONDS", "0"),
        ("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "2"),
        ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", "3"),
    ]);
    let (person, email_only) = (stack.person(), stack.person_of(Kind::EmailOnly));
    let known = journey(stack.browser(), &person.email).await;
    assert!(known.iter().any(|text| text.starts_with("410")), "{known:#?}");
    assert!(
        known.iter().any(|text| text.starts_with("429")) && known.iter().any(|text| text.starts_with("403"))
    );
    for other in [email_only.email.as_str(), "nobody-of-pages@example.com"] {
        let unknown = journey(stack.browser(), other).await;
        assert_eq!(known.len(), unknown.len());
        for (known, unknown) in known.iter().zip(unknown) {
            assert_eq!(*known, unknown);
        }
    }
    let (known, unknown) = (person.phone, "+46709999999");
    assert_eq!(journey(stack.browser(), &known).await, journey(stack.browser(), unknown).await);
}

/// The known device says that somebody has signed in from here, and nothing of who else has an account.
#[tokio::test]
async fn a_known_device_shows_nothing_of_other_accounts() {
    let stack = Stack::shared();
    let (person, other, mut browser) = (stack.person(), stack.person(), stack.browser());
    sign_in(&mut browser, &person.email, OLD_PASSWORD).await.is(200, "/account");
    let mut answers = Vec::new();
    for identifier in [other.email.as_str(), "nobody-of-devices@example.com"] {
        let page = sign_in(&mut browser, identifier, &wrong("123456")).await;
        answers.push(essence(&page, identifier));
    }
    assert_eq!(answers[0], answers[1]);
}
