//! The ratchet for pages: what each can answer, all of which happens in the tests, and nothing else.
//!
//! `pages_refusals` has everything but faults, which `pages_faults` has.

use std::collections::BTreeSet;

use regain_http_api::pages::{PAGES, PREFILL_FORM};

use crate::browser::{Browser, Case, Fields};
use crate::harness::{OLD_PASSWORD, POSTAL_CODE, Stack};
use crate::pages_journeys::sign_in;

/// The statuses of each page and form, by its operation.
const STATUSES: [(&str, &[u16]); 23] = [
    ("homePage", &[200]),
    ("recoverPage", &[200]),
    ("recoverForm", &[303, 400, 403, 413, 415, 422, 429, 500, 503]),
    ("prefillForm", &[403]),
    ("prefillPage", &[303]),
    ("codePage", &[200, 303, 410]),
    ("codeForm", &[303, 400, 403, 404, 410, 413, 415, 422, 429, 500, 503]),
    ("resendForm", &[303, 400, 403, 404, 410, 413, 415, 429, 500, 503]),
    ("resendPage", &[303]),
    ("passwordPage", &[200, 303, 401]),
    ("passwordForm", &[303, 400, 401, 403, 413, 415, 422, 500, 503]),
    ("linkPage", &[200]),
    ("linkForm", &[303, 400, 401, 403, 413, 415, 422, 500, 503]),
    ("donePage", &[200, 303]),
    ("signInPage", &[200]),
    ("signInForm", &[303, 400, 401, 403, 413, 415, 422, 429, 500, 503]),
    ("signOutForm", &[303, 400, 403, 413, 415, 500, 503]),
    ("signOutPage", &[303]),
    ("accountPage", &[200, 303, 500, 503]),
    ("changePasswordPage", &[303]),
    ("languageForm", &[303, 400, 403, 413, 415]),
    ("languagePage", &[303]),
    ("asset", &[200, 404]),
];

fn cases() -> BTreeSet<Case> {
    STATUSES.iter().flat_map(|(operation, statuses)| statuses.iter().map(|s| (*operation, *s))).collect()
}

/// What some of the pages are said to answer and didn't.
pub(crate) fn missing(seen: &BTreeSet<Case>, of: impl Fn(u16) -> bool) -> BTreeSet<Case> {
    cases().into_iter().filter(|case| of(case.1) && !seen.contains(case)).collect()
}

/// What pages answered and aren't said to.
pub(crate) fn more(seen: &BTreeSet<Case>) -> BTreeSet<Case> {
    seen.difference(&cases()).copied().collect()
}

#[test]
fn every_page_has_its_statuses() {
    let named: Vec<_> = STATUSES.iter().map(|(operation, _)| *operation).collect();
    let pages: Vec<_> = PAGES.iter().map(|route| route.operation).collect();
    assert_eq!(named, pages);
}

/// Everything beside the refusals of the use cases.
pub(crate) async fn beside(browser: &mut Browser, stack: &Stack) {
    let person = stack.person();
    let page = browser.open("/").await;
    page.is(200, "/");
    let style = page.html.with("rel", "stylesheet").next().unwrap().attribute("href").to_owned();
    browser.open(&style).await.is(200, &style);
    browser.open("/assets/nothing").await.is(404, "/assets/nothing");
    for path in ["/recover/prefill", "/recover/resend", "/recover/done", "/language", "/change-password"] {
        browser.open(path).await.is(200, "/recover");
    }
    let page = browser.open("/recover/link").await;
    browser.submit(&page, "/language", &[("locale", "sv")]).await.is(200, "/recover/link");
    let typed = [("identifier", person.email.as_str()), ("postal_code", POSTAL_CODE)];
    let page = browser.open("/recover").await;
    browser.submit(&page, "/recover", &typed).await.is(200, "/recover/code");
    browser.open("/recover/resend").await.is(200, "/recover/code");
    browser.open("/recover/password").await.is(200, "/recover/code");
    // The fifth request of the hour is the last.
    for status in [200, 200, 200, 200, 429] {
        let page = browser.open("/recover").await;
        assert_eq!(browser.submit(&page, "/recover", &typed).await.status.as_u16(), status);
    }
    let link = stack.client().recovery_link(&[&person.email]).await;
    let page = browser.open("/recover/link").await;
    browser.submit(&page, "/recover/link", &[("link_code", &link)]).await.is(200, "/recover/password");
    let page = sign_in(browser, &person.email, OLD_PASSWORD).await;
    page.is(200, "/account");
    browser.open("/sign-out").await.is(200, "/account");
    browser.submit(&page, "/sign-out", &[]).await.is(200, "/sign-in");
    browser.open("/account").await.is(200, "/sign-in");

    // Forms that can't be read, by each function.
    browser.open("/recover").await;
    let csrf = browser.flow()["csrf"].as_str().unwrap().to_owned();
    for route in PAGES.iter().filter(|route| route.method == "POST") {
        let foreign = Fields::of(&[("csrf", "other")]);
        assert_eq!(browser.post(route.path, &foreign).await.status, 403);
        if route.path == PREFILL_FORM.path {
            // The others are in `pages_forms`: they want an origin that is configured.
            continue;
        }
        let fields = Fields::of(&[("csrf", &csrf), ("other", "x")]);
        assert_eq!(browser.post(route.path, &fields).await.status, 400);
        let large = fields.with(&[("other", &"x".repeat(9_000))]);
        assert_eq!(browser.post(route.path, &large).await.status, 413);
        let text = browser.request("POST", route.path).header("content-type", "text/plain").body("x");
        assert_eq!(browser.send(text).await.status, 415);
    }
}
