//! The same form twice has one effect; a form that was changed in between is another.

use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::browser::{Browser, Fields, Page, with_form};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};
use crate::pages_journeys::{ask, choose, code, prove, reference, sign_in};
use crate::words::says;

/// Sends a form several times at once, as a double click does: each with the cookies of before.
async fn at_once(browser: &Browser, path: &str, fields: &Fields, times: usize) -> Vec<(Browser, Page)> {
    let sends = (0..times).map(async |_| {
        let mut tab = browser.clone();
        let page = tab.post(path, fields).await;
        (tab, page)
    });
    join_all(sends).await
}

#[tokio::test]
async fn a_form_that_is_sent_twice_asks_for_one_code_and_an_edited_one_for_another() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = browser.open("/recover").await;
    let fields = page.form("/recover").with(&[("identifier", &person.email)]);
    let answers = at_once(&browser, "/recover", &fields, 8).await;
    let first = answers[0].0.step();
    for (tab, page) in &answers {
        page.leads_to("/recover/code");
        assert_eq!(tab.step().1["challenge"], first.1["challenge"]);
        assert_eq!(tab.step().1["reference"], first.1["reference"]);
    }
    let reference = first.1["reference"].as_str().unwrap().to_owned();
    api.message(&person.email, &reference).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 1);

    // Back, another way, and sent again: whatever was changed, it is another call.
    for edited in [("channel", "sms"), ("identifier", &person.phone)] {
        let mut tab = browser.clone();
        tab.post("/recover", &fields.clone().with(&[edited])).await.leads_to("/recover/code");
        assert_ne!(tab.step().1["challenge"], first.1["challenge"], "{edited:?}");
    }
    // In another language, the message is another.
    let name = browser.name("locale");
    browser.cookies.insert(name, "sv".to_owned());
    browser.post("/recover", &fields).await.leads_to("/recover/code");
    assert_ne!(browser.step().1["challenge"], first.1["challenge"]);
}

#[tokio::test]
async fn a_guess_that_is_sent_twice_is_one_and_a_stale_tabs_is_none() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let stale = ask(&mut browser, &person.email).await;
    let old = code(&api, &person.email, &stale).await;
    let mut tab = browser.clone();
    let page = browser.submit(&stale, "/recover/resend", &[("channel", "email")]).await;
    let right = code(&api, &person.email, &page).await;

    let guess = page.form("/recover/code").with(&[("code", &wrong(&right))]);
    for (_, answer) in at_once(&browser, "/recover/code", &guess, 6).await {
        says(
            &answer,
            "error-code-incorrect",
            &[("attempts", 4.into()), ("reference", reference(&page).into())],
        );
    }
    // The tab that was open before: its own cookie is the browser's by now, and its code is of an earlier message.
    tab.cookies.clone_from(&browser.cookies);
    for _ in 0..6 {
        let answer = tab.submit(&stale, "/recover/code", &[("code", &old)]).await;
        says(&answer, "error-code-stale", &[("reference", reference(&page).into())]);
    }
    let other = page.form("/recover/code").with(&[("code", &wrong(&wrong(&right)))]);
    let answer = browser.post("/recover/code", &other).await;
    says(&answer, "error-code-incorrect", &[("attempts", 3.into()), ("reference", reference(&page).into())]);

    let right = page.form("/recover/code").with(&[("code", &right)]);
    let mut tokens = Vec::new();
    for (tab, answer) in at_once(&browser, "/recover/code", &right, 6).await {
        answer.leads_to("/recover/password");
        tokens.push(tab.step().1["token"].clone());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    // Sent once more, when the answer has come.
    browser.post("/recover/code", &right).await.leads_to("/recover/password");
    browser.post("/recover/code", &right).await.leads_to("/recover/password");
}

#[tokio::test]
async fn a_resend_that_is_repeated_sends_once() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = ask(&mut browser, &person.email).await;
    code(&api, &person.email, &page).await;
    let fields = page.form("/recover/resend").with(&[("channel", "email")]);
    let answers = at_once(&browser, "/recover/resend", &fields, 6).await;
    let (tab, _) = &answers[0];
    for (other, answer) in &answers {
        answer.leads_to("/recover/code");
        assert_eq!(other.step(), tab.step());
    }
    let again = tab.step().1["reference"].as_str().unwrap().to_owned();
    api.message(&person.email, &again).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 2);
    // The other button of the same page is another call.
    let mut other = browser.clone();
    let fields = fields.with(&[("channel", "sms")]);
    other.post("/recover/resend", &fields).await.leads_to("/recover/code");
    api.message(&person.phone, other.step().1["reference"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_password_that_is_sent_twice_is_set_once_and_makes_one_device_known() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = prove(&mut browser, &api, &person.email).await;
    let fields =
        page.form("/recover/password").with(&[("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)]);
    let mut devices = Vec::new();
    for (tab, answer) in at_once(&browser, "/recover/password", &fields, 4).await {
        answer.leads_to("/recover/done");
        devices.push(tab.cookie("device").to_owned());
    }
    devices.dedup();
    assert_eq!(devices.len(), 1);
    assert_eq!(api.sign_in(&person.email, NEW_PASSWORD).await.status, StatusCode::CREATED);
    // Another password under the same key is another call, whose token is spent.
    let other = fields.clone().with(&[
        ("password", "nine blue lamps by the sea"),
        ("password_again", "nine blue lamps by the sea"),
    ]);
    assert_eq!(browser.clone().post("/recover/password", &other).await.status, 401);
    // Once the answer has come, it is done.
    browser.post("/recover/password", &fields).await.leads_to("/recover/done");
    browser.post("/recover/password", &other).await.leads_to("/recover/done");
    api.message_without_code(&person.email).await;
    let notices = api.messages(&person.email, 0).await;
    assert_eq!(notices.iter().filter(|message| message["code"].is_null()).count(), 1);
    choose(&mut browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
}

#[tokio::test]
async fn a_sign_out_that_is_sent_twice_is_one() {
    let stack = Stack::shared();
    let (person, mut browser) = (stack.person(), stack.browser());
    let page =
        crate::pages_journeys::sign_in(&mut browser, &person.email, crate::harness::OLD_PASSWORD).await;
    for (_, answer) in at_once(&browser, "/sign-out", &page.form("/sign-out"), 4).await {
        answer.leads_to("/sign-in");
    }
    // Without the session's cookie too.
    let name = browser.name("session");
    browser.cookies.remove(&name);
    let request = browser.request("POST", "/sign-out").header("sec-fetch-site", "same-origin");
    browser.send(with_form(request, &page.form("/sign-out"))).await.leads_to("/sign-in");
}

/// Two recoveries in one browser: the cookie has the later one, and the tab of the earlier one is told.
#[tokio::test]
async fn a_password_page_of_an_earlier_recovery_sets_nobodys_password() {
    let stack = Stack::shared();
    let (api, one, two, mut browser) = (stack.client(), stack.person(), stack.person(), stack.browser());
    let earlier = prove(&mut browser, &api, &one.email).await;
    let later = prove(&mut browser, &api, &two.email).await;
    let stale = choose(&mut browser, &earlier, NEW_PASSWORD).await;
    assert_eq!(stale.status, 422, "{stale:?}");
    says(&stale, "error-password-stale", &[]);
    for person in [&one, &two] {
        assert_eq!(api.sign_in(&person.email, OLD_PASSWORD).await.status, StatusCode::CREATED);
    }
    choose(&mut browser, &later, NEW_PASSWORD).await.is(200, "/recover/done");
    assert_eq!(api.sign_in(&two.email, NEW_PASSWORD).await.status, StatusCode::CREATED);
    assert_eq!(api.sign_in(&one.email, OLD_PASSWORD).await.status, StatusCode::CREATED);
}

/// Back, and the first form again, after another code was sent: the page stays that of the later one.
#[tokio::test]
async fn a_form_that_is_repeated_late_moves_nobody_back() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = browser.open("/recover").await;
    let first = page.form("/recover").with(&[("identifier", &person.email)]);
    browser.post("/recover", &first).await.leads_to("/recover/code");
    api.move_clock(2).await;
    let page = browser.open("/recover/code").await;
    browser.submit(&page, "/recover/resend", &[("channel", "email")]).await;
    let later = browser.step();
    browser.post("/recover", &first).await.leads_to("/recover/code");
    assert_eq!(browser.step(), later);
}

#[tokio::test]
async fn who_was_away_for_an_hour_signs_out_by_the_page_that_is_told() {
    let stack = Stack::shared();
    let (person, mut browser) = (stack.person(), stack.browser());
    let page = sign_in(&mut browser, &person.email, OLD_PASSWORD).await;
    let fields = page.form("/sign-out");
    let name = browser.name("flow");
    browser.cookies.remove(&name);
    let told = browser.post("/sign-out", &fields).await;
    assert_eq!(told.status, 403, "{told:?}");
    let way_on = told.html.with("class", "button").next().unwrap().attribute("href").to_owned();
    let page = browser.open(&way_on).await;
    page.is(200, "/account");
    browser.submit(&page, "/sign-out", &[]).await.is(200, "/sign-in");
}
