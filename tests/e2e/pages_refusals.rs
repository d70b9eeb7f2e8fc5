//! Each refusal has its words, in each language: the page again with what was typed, or one to start again from.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use regain_locales::LANGUAGES;
use serde_json::json;

use crate::browser::{Browser, Fields, Page};
use crate::harness::{Api, NEW_PASSWORD, OLD_PASSWORD, POSTAL_CODE, Person, Stack, wrong};
use crate::pages_journeys::{choose, code, sign_in};
use crate::pages_statuses::{beside, missing, more};
use crate::words::{Values, has, says, words};

/// Fails unless a page is shown again with this error, and with a title that says so.
#[track_caller]
pub(crate) fn refused(
    page: &Page,
    status: u16,
    path: &str,
    (field, key): (&str, &'static str),
    values: Values<'_>,
) {
    page.is(status, path);
    says(page, key, values);
    let errors = page.errors();
    assert!(errors.iter().any(|(of, _)| of == field), "{field}: {errors:?}");
    let title = words(page, "page-title-error", &[("title", page.heading().into())]);
    assert_eq!(page.html.words("title"), title);
    says(page, "error-summary", &[]);
    for input in page.html.with("type", "password").chain(page.html.with("id", "code")) {
        assert_eq!(input.attribute("value"), "", "a secret is kept: {}", page.body);
    }
}

/// Fails unless there is a page to start again from, in the place of one that can't be.
#[track_caller]
pub(crate) fn starts_again(browser: &Browser, page: &Page, status: u16, title: &'static str) {
    assert_eq!(page.status.as_u16(), status, "{page:?}");
    assert_eq!(page.heading(), words(page, title, &[]), "{}", page.body);
    let ways_on = page.html.with("class", "button").map(|link| link.attribute("href"));
    assert_eq!(ways_on.collect::<Vec<_>>(), ["/recover"]);
    assert_eq!(browser.step().0, "start", "the step is cleared");
}

/// Somebody's browser in a network of its own.
struct Visitor {
    api: Api,
    browser: Browser,
    person: Person,
}

impl Visitor {
    fn of(stack: &Stack, browser: &Browser, language: usize, n: usize) -> Self {
        let mut browser = browser.another().in_language(LANGUAGES[language].tag);
        browser.headers.insert("x-forwarded-for", format!("203.0.{n}.{language}"));
        Self { api: stack.client(), browser, person: stack.person() }
    }

    async fn ask(&mut self) -> Page {
        let page = self.browser.open("/recover").await;
        let typed = [("identifier", self.person.email.as_str()), ("postal_code", POSTAL_CODE)];
        self.browser.submit(&page, "/recover", &typed).await
    }

    async fn code(&self, page: &Page) -> String {
        code(&self.api, &self.person.email, page).await
    }
}

async fn requests(mut to: Visitor) {
    let Visitor { browser, person, .. } = &mut to;
    let page = browser.open("/recover").await;
    let page = browser.submit(&page, "/recover", &[]).await;
    refused(&page, 422, "/recover", ("identifier", "error-identifier"), &[]);
    refused(&page, 422, "/recover", ("postal_code", "error-postal-code"), &[]);
    let typed = [("identifier", "no \"body\""), ("postal_code", "1 <2"), ("channel", "sms")];
    let page = browser.submit(&page, "/recover", &typed).await;
    refused(&page, 422, "/recover", ("identifier", "error-identifier"), &[]);
    let kept = page.form("/recover");
    for (name, value) in typed {
        assert_eq!(kept.value(name), value);
    }
    let pigeon = [("identifier", person.email.as_str()), ("channel", "pigeon")];
    let page = browser.submit(&page, "/recover", &pigeon).await;
    refused(&page, 422, "/recover", ("channel", "error-channel"), &[]);

    let filled = [("identifier", person.email.as_str()), ("postal_code", POSTAL_CODE), ("channel", "email")];
    let mut last = browser.submit(&page, "/recover", &filled).await;
    while last.status == 200 {
        let page = browser.open("/recover").await;
        last = browser.submit(&page, "/recover", &filled).await;
    }
    let values = [("identifier", person.email.as_str().into())];
    refused(&last, 429, "/recover", ("", "error-codes-limited"), &values);
    for (name, value) in filled {
        assert_eq!(last.form("/recover").value(name), value);
    }
    // The network's limit, whoever is asked for.
    let mut n = 0;
    while !has(&last, "error-caller-limited", &[]) {
        n += 1;
        assert!(n < 30, "there is no limit");
        let nobody = format!("nobody-{n}-{}", person.email);
        last = browser.open("/recover").await;
        last =
            browser.submit(&last, "/recover", &[("identifier", &nobody), ("postal_code", POSTAL_CODE)]).await;
    }
    refused(&last, 429, "/recover", ("", "error-caller-limited"), &[]);
}

async fn codes(mut to: Visitor) {
    let page = to.ask().await;
    let right = to.code(&page).await;
    let reference = page.html.words("dd");
    let browser = &mut to.browser;
    let path = "/recover/code";
    let page = browser.submit(&page, path, &[]).await;
    refused(&page, 422, path, ("code", "error-code-missing"), &[]);
    for odd in ["12345", "1234567", "code", "123456 or 654321"] {
        let page = browser.submit(&page, path, &[("code", odd)]).await;
        refused(&page, 422, path, ("code", "error-code-digits"), &[("digits", 6.into())]);
    }
    let page = browser.submit(&page, path, &[("code", &right), ("reference", "ZZZ")]).await;
    refused(&page, 422, path, ("code", "error-code-stale"), &[("reference", reference.as_str().into())]);
    let mut page = page;
    for attempts in [4, 3, 2, 1] {
        page = browser.submit(&page, path, &[("code", &wrong(&right))]).await;
        let values = [("attempts", attempts.into()), ("reference", reference.as_str().into())];
        refused(&page, 422, path, ("code", "error-code-incorrect"), &values);
    }
    let mut tab = browser.clone();
    let last = browser.submit(&page, path, &[("code", &wrong(&right))]).await;
    starts_again(browser, &last, 410, "exhausted-title");
    let last = tab.clone().submit(&page, "/recover/resend", &[("channel", "email")]).await;
    assert_eq!(last.status, 410);
    let last = tab.submit(&page, "/recover/resend", &[("channel", "sms")]).await;
    starts_again(&tab, &last, 410, "exhausted-title");
    // What was typed is there when it starts again.
    let page = browser.open("/recover").await;
    assert_eq!(page.form("/recover").value("identifier"), to.person.email);
}

async fn unknown_challenges_and_too_many_guesses(mut to: Visitor) {
    let page = to.ask().await;
    let browser = &mut to.browser;
    let mut flow = browser.flow();
    flow["step"]["code"]["challenge"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    for (path, typed) in [("/recover/code", ("code", "123456")), ("/recover/resend", ("channel", "email"))] {
        let mut browser = browser.clone();
        browser.set_flow(&flow);
        let last = browser.submit(&page, path, &[typed]).await;
        starts_again(&browser, &last, 404, "expired-title");
    }
    let malformed = browser.submit(&page, "/recover/resend", &[("channel", "pigeon")]).await;
    assert_eq!((malformed.status.as_u16(), malformed.heading()), (400, words(&malformed, "form-title", &[])));
    let mut strangers = browser.clone();
    for n in 0.. {
        assert!(n < 40, "there is no limit");
        strangers.set_flow(&flow);
        if strangers.submit(&page, "/recover/code", &[("code", "123456")]).await.status == 429 {
            break;
        }
    }
    let page = browser.submit(&page, "/recover/code", &[("code", "123456")]).await;
    refused(&page, 429, "/recover/code", ("", "error-tries-limited"), &[]);
    assert_eq!(browser.step().0, "code", "it may be tried again");
}

async fn resends(mut to: Visitor) {
    let page = to.ask().await;
    let browser = &mut to.browser;
    let page = browser.submit(&page, "/recover/resend", &[("channel", "email")]).await;
    refused(&page, 429, "/recover/resend", ("", "error-resend-too-soon"), &[]);
    let again = browser.open("/recover/code").await;
    says(&again, "code-resend-wait", &[]);
}

async fn passwords(mut to: Visitor) {
    let page = to.ask().await;
    let right = to.code(&page).await;
    let browser = &mut to.browser;
    let mut earlier = browser.clone();
    let other_key = [("code", right.as_str()), ("idempotency_key", "another-key-of-a-tab")];
    let page_of_code = page.clone();
    let page = browser.submit(&page, "/recover/code", &[("code", &right)]).await;
    let last = earlier.submit(&page_of_code, "/recover/code", &other_key).await;
    starts_again(&earlier, &last, 410, "used-title");

    let path = "/recover/password";
    let page = browser.submit(&page, path, &[]).await;
    refused(&page, 422, path, ("password", "error-password-missing"), &[]);
    let page = browser.submit(&page, path, &[("password", NEW_PASSWORD), ("password_again", "x")]).await;
    refused(&page, 422, path, ("password_again", "error-password-differs"), &[]);
    let (long, personal) = ("long ".repeat(60), format!("{}!!", to.person.email));
    let mut page = page;
    for (password, key, values) in [
        ("seven lamps", "error-password-too-short", &[("minimum", 15.into())][..]),
        (&long, "error-password-too-long", &[("maximum", 256.into())]),
        ("password12345678", "error-password-common", &[]),
        (&personal, "error-password-personal", &[]),
        ("seven green\u{7}lamps by the sea", "error-password-forbidden", &[]),
        (OLD_PASSWORD, "error-password-current", &[]),
    ] {
        page = choose(browser, &page, password).await;
        refused(&page, 422, path, ("password", key), values);
    }
    let mut other = browser.clone();
    choose(browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    let last = choose(&mut other, &page, "nine blue lamps by the sea").await;
    starts_again(&other, &last, 401, "token-title");
}

async fn links_and_sign_ins(mut to: Visitor) {
    let browser = &mut to.browser;
    let path = "/recover/link";
    let page = browser.open(path).await;
    for odd in ["", "0123", "0123456789ABCDEFGHJKMNPQRSU", "....."] {
        let page = browser.submit(&page, path, &[("link_code", odd)]).await;
        refused(&page, 422, path, ("link_code", "error-link"), &[]);
    }
    let page = browser.submit(&page, path, &[("link_code", "0123456789ABCDEFGHJKMNPQRS")]).await;
    refused(&page, 401, path, ("link_code", "error-link-invalid"), &[]);

    let path = "/sign-in";
    let page = sign_in(browser, "no <body>", "").await;
    refused(&page, 422, path, ("identifier", "error-identifier"), &[]);
    refused(&page, 422, path, ("password", "error-sign-in-password"), &[]);
    assert_eq!(page.form(path).value("identifier"), "no <body>");
    for n in 0..5 {
        let page = sign_in(browser, &to.person.email, &format!("wrong {n}")).await;
        refused(&page, 401, path, ("password", "error-sign-in-credentials"), &[]);
        assert_eq!(page.form(path).value("identifier"), to.person.email);
    }
    let page = sign_in(browser, &to.person.email, OLD_PASSWORD).await;
    refused(&page, 403, path, ("", "error-sign-in-recovery"), &[]);
    let mut page = page;
    for n in 0.. {
        assert!(n < 20, "there is no limit");
        page = sign_in(browser, &format!("nobody-{n}-{}", to.person.email), "wrong").await;
        if page.status == 429 {
            break;
        }
    }
    refused(&page, 429, path, ("", "error-tries-limited"), &[]);

    let page = browser.open("/nothing/here").await;
    assert_eq!((page.status.as_u16(), page.heading()), (404, words(&page, "not-found-title", &[])));
    let page = browser.send(browser.request("PUT", "/recover")).await;
    assert_eq!((page.status.as_u16(), page.heading()), (405, words(&page, "not-found-title", &[])));
}

/// What is refused when time has passed.
async fn late(mut to: Visitor, page: Page) {
    let code = page.form("/recover/code").with(&[("code", "123456")]);
    for (path, fields) in [("/recover/code", code), ("/recover/resend", resend(&page))] {
        let mut browser = to.browser.clone();
        let last = browser.post(path, &fields).await;
        starts_again(&browser, &last, 410, "expired-title");
    }
    let shown = to.browser.open("/recover/code").await;
    starts_again(&to.browser, &shown, 410, "expired-title");
    let mut flow = to.browser.flow();
    flow["step"] = json!({"password": {"token": "0123456789ABCDEFGHJKMNPQRS", "expires_at": 1}});
    to.browser.set_flow(&flow);
    let shown = to.browser.open("/recover/password").await;
    starts_again(&to.browser, &shown, 401, "token-title");
}

/// The form that sends it again, of a page that was open before the last resend.
fn resend(page: &Page) -> Fields {
    page.form("/recover/code").without("reference").without("code").with(&[("channel", "sms")])
}

/// Resends that are spent.
async fn spent(mut to: Visitor, page: Page) -> (Visitor, Page) {
    let page = to.browser.submit(&page, "/recover/resend", &[("channel", "email")]).await;
    page.is(200, "/recover/code");
    says(&page, "code-resend-none", &[]);
    let last = to.browser.post("/recover/resend", &resend(&page)).await;
    refused(&last, 429, "/recover/resend", ("", "code-resend-none"), &[]);
    (to, page)
}

/// The stack on which every limit can be reached.
fn stack() -> Stack {
    Stack::start(&[
        ("REGAIN_POSTAL_CODE_CHECK", "required"),
        ("REGAIN_RESENDS_PER_CHALLENGE", "1"),
        ("REGAIN_TRUSTED_PROXIES", "127.0.0.0/8,::1/128"),
        ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "12"),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "20"),
        ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", "12"),
        ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", "5"),
    ])
}

#[tokio::test]
async fn every_refusal_has_its_words_in_every_language_and_keeps_what_was_typed() {
    let stack = stack();
    let first = stack.browser();
    let languages = || 0..LANGUAGES.len();
    let visitor = |language, n| Visitor::of(&stack, &first, language, n);
    join_all(languages().map(async |language| {
        requests(visitor(language, 1)).await;
        codes(visitor(language, 2)).await;
        unknown_challenges_and_too_many_guesses(visitor(language, 3)).await;
        resends(visitor(language, 4)).await;
        passwords(visitor(language, 5)).await;
        links_and_sign_ins(visitor(language, 6)).await;
    }))
    .await;
    let waiting = join_all(languages().map(async |language| {
        let mut to = visitor(language, 7);
        let page = to.ask().await;
        (to, page)
    }))
    .await;
    stack.client().move_clock(61).await;
    let waiting = join_all(waiting.into_iter().map(|(to, page)| spent(to, page))).await;
    stack.client().move_clock(61 + 601).await;
    join_all(waiting.into_iter().map(|(to, page)| late(to, page))).await;

    beside(&mut first.another(), &stack).await;
    let seen = first.seen();
    assert_eq!(missing(&seen, |status| status < 500), BTreeSet::new(), "a page never answers so");
    assert_eq!(more(&seen), BTreeSet::new(), "no page is said to answer so");
}
