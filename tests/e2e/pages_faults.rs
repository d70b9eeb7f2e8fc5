//! Pages when the table is away, throttles, or may not be used: what was typed is kept and nothing is charged.

use std::sync::Arc;

use regain_harness::{Harness, InjectedFault};
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::harness::NEW_PASSWORD;
use crate::pages_journeys::sign_in;
use crate::pages_refusals::refused;
use crate::pages_statuses::{missing, more};
use crate::round_trips::start_all;
use crate::words::{says, words};

const ALICE: &str = "alice@example.com";
const PASSWORD: &str = "an old and well known secret";

/// A form of each function, filled in.
async fn answers(browser: &Browser, open: &Page) -> Vec<Page> {
    let mut answers = Vec::new();
    let mut tab = browser.clone();
    let page = tab.open("/recover").await;
    answers
        .push(tab.submit(&page, "/recover", &[("identifier", "bob@example.com"), ("channel", "sms")]).await);
    answers.push(tab.clone().submit(open, "/recover/code", &[("code", "123456")]).await);
    answers.push(tab.clone().submit(open, "/recover/resend", &[("channel", "sms")]).await);
    let page = tab.open("/recover/link").await;
    let link = [("link_code", "0123456789ABCDEFGHJKMNPQRS")];
    answers.push(tab.submit(&page, "/recover/link", &link).await);
    let mut flow = tab.flow();
    let expires_at = flow["step"]["code"]["expires_at"].clone();
    flow["step"] = json!({"password": {"token": link[0].1, "expires_at": expires_at}});
    tab.set_flow(&flow);
    let page = tab.open("/recover/password").await;
    let both = [("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)];
    answers.push(tab.submit(&page, "/recover/password", &both).await);
    answers.push(sign_in(&mut tab, "bob@example.com", NEW_PASSWORD).await);
    answers
}

#[tokio::test]
async fn without_the_table_pages_keep_what_was_typed_say_when_to_come_back_and_charge_nothing() {
    let settings = [("REGAIN_ARGON2_MEMORY_KIB", "64"), ("REGAIN_ATTEMPTS_PER_CHALLENGE", "5")];
    let harness = Arc::new(Harness::start(&settings).await.unwrap());
    harness.add_account(ALICE, None, PASSWORD).await.unwrap();
    let _instances = start_all(&harness).await;
    let mut browser = Browser::of_functions(&harness);
    let account = sign_in(&mut browser, ALICE, PASSWORD).await;
    account.is(200, "/account");
    let page = browser.open("/recover").await;
    let open = browser.submit(&page, "/recover", &[("identifier", ALICE)]).await;
    open.is(200, "/recover/code");

    for fault in [InjectedFault::Away, InjectedFault::Throttled] {
        harness.proxy.inject(Some(fault));
        for page in answers(&browser, &open).await {
            let path = page.path.clone();
            refused(&page, 503, &path, ("", "error-unavailable"), &[]);
            assert!(!page.body.contains(NEW_PASSWORD), "{path}");
            if path == "/recover" || path == "/sign-in" {
                assert_eq!(page.form(&path).value("identifier"), "bob@example.com");
            }
            if path == "/recover" {
                assert_eq!(page.form(&path).value("channel"), "sms");
            }
        }
        for page in
            [browser.clone().open("/account").await, browser.clone().submit(&account, "/sign-out", &[]).await]
        {
            assert_eq!((page.status.as_u16(), page.heading()), (503, words(&page, "unavailable-title", &[])));
            says(&page, "unavailable-text", &[]);
        }
        harness.proxy.inject(None);
    }
    harness.proxy.inject(Some(InjectedFault::Denied));
    let mut denied = answers(&browser, &open).await;
    denied.push(browser.clone().open("/account").await);
    denied.push(browser.clone().submit(&account, "/sign-out", &[]).await);
    harness.proxy.inject(None);
    for page in denied {
        assert_eq!((page.status.as_u16(), page.heading()), (500, words(&page, "fault-title", &[])));
        let shown = page.body.to_lowercase();
        for word in ["dynamo", "denied", "authorized", "arn:", "table", "127.0.0.1"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
    let seen = browser.seen();
    assert_eq!(missing(&seen, |status| status >= 500), [].into(), "a page never answers so");
    assert_eq!(more(&seen), [].into(), "no page is said to answer so");

    // It has passed: the place is kept, the person is signed in, and no guess was charged.
    browser.open("/account").await.is(200, "/account");
    let page = browser.submit(&open, "/recover/code", &[("code", "000000")]).await;
    if page.status == 422 {
        let reference = page.html.words("dd");
        let values = [("attempts", 4.into()), ("reference", reference.as_str().into())];
        refused(&page, 422, "/recover/code", ("code", "error-code-incorrect"), &values);
    }
}
