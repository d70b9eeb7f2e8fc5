//! The journeys of people through the pages, by forms alone: nothing here runs a script.

use reqwest::StatusCode;

use crate::browser::{Browser, Page};
use crate::harness::{Api, Kind, NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};

/// Asks for a code; the page for it.
pub(crate) async fn ask(browser: &mut Browser, identifier: &str) -> Page {
    let page = browser.open("/recover").await;
    browser.submit(&page, "/recover", &[("identifier", identifier)]).await
}

/// The reference that a page shows.
#[track_caller]
pub(crate) fn reference(page: &Page) -> String {
    let reference = page.html.words("dd");
    assert_eq!(page.form("/recover/code").value("reference"), reference, "{}", page.body);
    reference
}

/// The code that was sent to somebody for a page.
pub(crate) async fn code(api: &Api, to: &str, page: &Page) -> String {
    let message = api.message(to, &reference(page)).await;
    message["code"].as_str().unwrap().to_owned()
}

/// The whole way to the page for the new password.
pub(crate) async fn prove(browser: &mut Browser, api: &Api, email: &str) -> Page {
    let page = ask(browser, email).await;
    let code = code(api, email, &page).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &code)]).await;
    page.is(200, "/recover/password");
    page
}

/// Fills in both fields of the new password.
pub(crate) async fn choose(browser: &mut Browser, page: &Page, password: &str) -> Page {
    let both = [("password", password), ("password_again", password)];
    browser.submit(page, "/recover/password", &both).await
}

/// Signs in by the form.
pub(crate) async fn sign_in(browser: &mut Browser, identifier: &str, password: &str) -> Page {
    let page = browser.open("/sign-in").await;
    browser.submit(&page, "/sign-in", &[("identifier", identifier), ("password", password)]).await
}

#[tokio::test]
async fn a_person_recovers_by_email_and_signs_in_and_out_with_forms_alone() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let session = api.sign_in(&person.email, OLD_PASSWORD).await.text("session_token");

    let page = browser.open("/recover").await;
    page.is(200, "/recover");
    let typed = format!("  {} ", person.email.to_uppercase());
    let page = browser.submit(&page, "/recover", &[("identifier", &typed)]).await;
    page.is(200, "/recover/code");
    assert!(page.html.words("main").contains(&person.email), "{}", page.body);
    let code = code(&api, &person.email, &page).await;

    // Refreshed, and opened in another tab, it is the same page.
    let again = browser.open("/recover/code").await;
    assert_eq!(reference(&again), reference(&page));

    let page = browser.submit(&again, "/recover/code", &[("code", &wrong(&code))]).await;
    page.is(422, "/recover/code");
    assert_eq!(page.errors()[0].0, "code");
    assert_eq!(
        page.html.with("id", "code").next().unwrap().attribute("value"),
        "",
        "a code is no text to keep"
    );
    let pasted = format!("Your code is {} {}", &code[..3], &code[3..]);
    let page = browser.submit(&page, "/recover/code", &[("code", &pasted)]).await;
    page.is(200, "/recover/password");
    let username = page.html.with("autocomplete", "username").next().unwrap();
    assert_eq!(username.attribute("value"), person.email);
    assert_eq!(api.session(&session).await.status, StatusCode::OK, "nothing has changed yet");

    let page = browser.submit(&page, "/recover/password", &[("password", NEW_PASSWORD)]).await;
    assert_eq!(page.is(422, "/recover/password").errors()[0].0, "password_again");
    assert!(!page.body.contains(NEW_PASSWORD));
    let page = choose(&mut browser, &page, NEW_PASSWORD).await;
    page.is(200, "/recover/done");
    api.session(&session).await.is_problem(401, "session_invalid");
    api.sign_in(&person.email, OLD_PASSWORD).await.is_problem(401, "credentials_invalid");

    let device = browser.cookie("device").to_owned();
    let page = sign_in(&mut browser, &person.email, NEW_PASSWORD).await;
    page.is(200, "/account");
    assert_eq!(browser.cookie("device"), device, "the device that it was set from is known");
    let session = browser.cookie("session").to_owned();
    assert_eq!(api.session(&session).await.status, StatusCode::OK);

    let page = browser.submit(&page, "/sign-out", &[]).await;
    page.is(200, "/sign-in");
    assert_eq!(page.html.with("class", "notice").count(), 1);
    assert!(!browser.cookies.contains_key("regain-session"));
    api.session(&session).await.is_problem(401, "session_invalid");
    browser.open("/account").await.is(200, "/sign-in");
}

#[tokio::test]
async fn a_person_recovers_by_text_message_and_switches_the_channel() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let (phone, email) = (&person.phone, &person.email);
    let page = browser.open("/recover").await;
    let written = format!("{} ({}) {}-{}", &phone[..3], &phone[3..5], &phone[5..8], &phone[8..]);
    let page = browser.submit(&page, "/recover", &[("identifier", &written)]).await;
    page.is(200, "/recover/code");
    let first = code(&api, phone, &page).await;

    // Another way, by the button for it, and back.
    let page = browser.submit(&page, "/recover/resend", &[("channel", "email")]).await;
    page.is(200, "/recover/code");
    let second = code(&api, email, &page).await;
    let page = browser.submit(&page, "/recover/resend", &[("channel", "sms")]).await;
    let third = code(&api, phone, &page).await;
    for old in [first, second].iter().filter(|old| **old != third) {
        browser.submit(&page, "/recover/code", &[("code", old)]).await.is(422, "/recover/code");
    }
    let page = browser.submit(&page, "/recover/code", &[("code", &third)]).await;
    choose(&mut browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    assert_eq!(api.sign_in(phone, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_person_recovers_by_the_link_whose_code_is_typed_in_groups() {
    let stack = Stack::start(&[("REGAIN_REQUESTS_PER_IDENTIFIER_PER_HOUR", "1")]);
    let (api, person, mut browser) = (stack.client(), stack.person_of(Kind::EmailOnly), stack.browser());
    ask(&mut browser, &person.email).await.is(200, "/recover/code");
    let page = ask(&mut browser, &person.email).await;
    page.is(429, "/recover");
    assert!(page.errors()[0].1.contains(&person.email), "{}", page.body);
    let token = api.recovery_link(&[&person.email]).await;

    // On another device, and after a slip.
    let mut other = browser.another();
    let page = other.open("/recover/link").await;
    let slip = format!("{}7", &token[..25]);
    let slip = if slip == token { format!("{}8", &token[..25]) } else { slip };
    let page = other.submit(&page, "/recover/link", &[("link_code", &slip)]).await;
    assert_eq!(page.is(401, "/recover/link").errors()[0].0, "link_code");
    let groups: Vec<_> =
        token.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
    let typed = format!(" {}\t", groups.join(" ").to_lowercase());
    let page = other.submit(&page, "/recover/link", &[("link_code", &typed)]).await;
    page.is(200, "/recover/password");
    choose(&mut other, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    assert_eq!(api.sign_in(&person.email, NEW_PASSWORD).await.status, StatusCode::CREATED);

    // It works once.
    let page = browser.open("/recover/link").await;
    let page = browser.submit(&page, "/recover/link", &[("link_code", &token)]).await;
    assert_eq!(page.is(401, "/recover/link").errors()[0].0, "link_code");
}

#[tokio::test]
async fn strangers_spend_the_wrong_passwords_and_the_owners_browser_signs_in() {
    let stack = Stack::start(&[("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", "5")]);
    let (person, mut owner) = (stack.person(), stack.browser());
    let mut stranger = owner.another();
    sign_in(&mut owner, &person.email, OLD_PASSWORD).await.is(200, "/account");
    let device = owner.cookie("device").to_owned();
    for _ in 0..5 {
        let page = sign_in(&mut stranger, &person.email, "not the password").await;
        assert_eq!(page.is(401, "/sign-in").errors()[0].0, "password");
        assert_eq!(page.html.with("id", "identifier").next().unwrap().attribute("value"), person.email);
        assert!(!page.body.contains("not the password"));
    }
    sign_in(&mut stranger, &person.email, OLD_PASSWORD).await.is(403, "/sign-in");
    let page = owner.open("/account").await;
    owner.submit(&page, "/sign-out", &[]).await.is(200, "/sign-in");
    sign_in(&mut owner, &person.email, OLD_PASSWORD).await.is(200, "/account");
    assert_eq!(owner.cookie("device"), device);
}

#[tokio::test]
async fn pages_that_are_asked_for_out_of_turn_lead_to_the_persons_place() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    for (path, place) in [
        ("/recover/code", "/recover"),
        ("/recover/password", "/recover"),
        ("/recover/done", "/recover"),
        ("/recover/resend", "/recover"),
        ("/recover/prefill", "/recover"),
        ("/change-password", "/recover"),
        ("/language", "/recover"),
        ("/account", "/sign-in"),
        ("/sign-out", "/sign-in"),
    ] {
        browser.open(path).await.is(200, place);
    }
    // A form for a step that isn't this browser's leads back, and does nothing.
    let csrf = browser.flow()["csrf"].as_str().unwrap().to_owned();
    for path in ["/recover/code", "/recover/resend", "/recover/password"] {
        let fields = crate::browser::Fields::of(&[("csrf", &csrf)]);
        browser.post(path, &fields).await.leads_to("/recover");
    }

    let page = prove(&mut browser, &api, &person.email).await;
    browser.open("/recover/code").await.is(200, "/recover/password");
    browser.open("/recover/done").await.is(200, "/recover");
    choose(&mut browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    browser.open("/recover/password").await.is(200, "/recover/done");
    browser.open("/recover/code").await.is(200, "/recover");
}

/// Another device starts anew: what one has proven, no other has.
#[tokio::test]
async fn nobody_is_anywhere_in_another_browser() {
    let stack = Stack::shared();
    let (person, mut browser) = (stack.person(), stack.browser());
    ask(&mut browser, &person.email).await.is(200, "/recover/code");
    let mut other = browser.another();
    other.open("/recover/code").await.is(200, "/recover");
    assert_ne!(browser.flow()["csrf"], other.flow()["csrf"]);
}
