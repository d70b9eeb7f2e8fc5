//! Cookies: whose they are, how long they last, and what comes of those that somebody else has set.

use regain_domain::device::DEVICE_LIFETIME;
use serde_json::json;

use crate::browser::{Browser, Fields, Page};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};
use crate::pages_journeys::{ask, choose, code, prove, sign_in};
use crate::words::says;

/// How long an answer's cookie lasts, in seconds; `None` if it sets none.
fn lasts(page: &Page, name: &str) -> Option<u64> {
    let cookies = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))?;
    cookie.split("; ").find_map(|part| part.strip_prefix("Max-Age="))?.parse().ok()
}

#[tokio::test]
async fn cookies_last_as_long_as_what_they_hold() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = browser.open("/sign-in").await;
    assert_eq!(lasts(&page, "regain-flow"), Some(1_800));
    let typed = [("identifier", person.email.as_str()), ("password", OLD_PASSWORD)];
    let page = browser.post("/sign-in", &page.form("/sign-in").with(&typed)).await;
    page.leads_to("/account");
    let session = api.session(browser.cookie("session")).await;
    let (created, until) = (session.text("created_at"), session.text("expires_at"));
    let lifetime = lasts(&page, "regain-session").unwrap();
    assert!(lifetime > 0 && lifetime.is_multiple_of(86_400), "{lifetime}: {created} to {until}");
    assert_eq!(lasts(&page, "regain-device"), Some(DEVICE_LIFETIME.as_secs()));
    let page = browser.open("/account").await;
    let page = browser.post("/language", &page.form("/language").with(&[("locale", "ar")])).await;
    assert_eq!(lasts(&page, "regain-locale"), Some(365 * 86_400));
    let page = browser.open("/account").await;
    let page = browser.post("/sign-out", &page.form("/sign-out")).await;
    assert_eq!(lasts(&page, "regain-session"), Some(0));
    assert_eq!(lasts(&page, "regain-device"), None, "a device stays known");
}

/// The attributes are held by the browser of the tests at each answer.
#[tokio::test]
async fn over_tls_cookies_are_the_hosts_alone_and_others_of_the_same_word_are_passed_over() {
    let stack = Stack::start(&[("REGAIN_ORIGIN", "https://account.example.com")]);
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser().before_tls());
    let page = prove(&mut browser, &api, &person.email).await;
    choose(&mut browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    let page = sign_in(&mut browser, &person.email, NEW_PASSWORD).await;
    page.is(200, "/account");
    browser.submit(&page, "/language", &[("locale", "sv")]).await.is(200, "/account");
    let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
    let wanted =
        ["__Host-regain-device", "__Host-regain-flow", "__Host-regain-locale", "__Host-regain-session"];
    assert_eq!(names, wanted);

    // A sibling of the domain can set cookies without the prefix, and they mean nothing here.
    let mut tossed = browser.another();
    for (name, value) in &browser.cookies {
        tossed.cookies.insert(name.trim_start_matches("__Host-").to_owned(), value.clone());
    }
    let page = tossed.open("/account").await;
    page.is(200, "/sign-in");
    assert_eq!(page.html.all("html").next().unwrap().attribute("lang"), "en");
    let mut both = browser.clone();
    both.cookies.insert("regain-session".to_owned(), "of-a-sibling".to_owned());
    both.cookies.insert("regain-flow".to_owned(), "of-a-sibling".to_owned());
    both.open("/account").await.is(200, "/account");
}

#[tokio::test]
async fn a_cookie_that_comes_twice_is_none() {
    let stack = Stack::shared();
    let (person, mut browser) = (stack.person(), stack.browser());
    let page = sign_in(&mut browser, &person.email, OLD_PASSWORD).await;
    page.is(200, "/account");
    let toss = |browser: &Browser, method: &str, path: &str, cookie: &str| {
        let mine = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<_> = mine.chain([cookie.to_owned()]).collect();
        let mut tossed = browser.clone();
        tossed.cookies.clear();
        let request = tossed.request(method, path).header("sec-fetch-site", "same-origin");
        (tossed, request.header("cookie", cookies.join("; ")))
    };
    let own = format!("regain-session={}", browser.cookie("session"));
    for cookie in ["regain-session=x", "regain-session=", own.as_str()] {
        let (mut tossed, request) = toss(&browser, "GET", "/account", cookie);
        tossed.send(request).await.leads_to("/sign-in");
    }
    for cookie in ["regain-flow=x", &format!("regain-flow={}", browser.cookie("flow"))] {
        let (mut tossed, request) = toss(&browser, "POST", "/sign-out", cookie);
        let refused = tossed.send(crate::browser::with_form(request, &page.form("/sign-out"))).await;
        assert_eq!(refused.status, 403);
        says(&refused, "cookie-title", &[]);
    }
    // Those of other applications hide none of ours, in whatever bytes they are.
    for cookie in
        ["other=1", "other=\u{e5}\u{1f511}", "=", "other", "a=\"", "regain-sessio=x", "REGAIN-SESSION=x"]
    {
        let (mut tossed, request) = toss(&browser, "GET", "/account", cookie);
        tossed.send(request).await.is(200, "/account");
    }
}

/// Somebody who gets cookies into a browser has nothing of what happens there afterwards.
#[tokio::test]
async fn what_was_planted_before_a_sign_in_or_a_recovery_is_not_kept() {
    let stack = Stack::shared();
    let (api, person, mut thief) = (stack.client(), stack.person(), stack.browser());
    sign_in(&mut thief, &stack.person().email, OLD_PASSWORD).await.is(200, "/account");
    let page = ask(&mut thief, &person.email).await;
    let planted = thief.cookies.clone();

    let mut browser = thief.another();
    browser.cookies = planted.clone();
    sign_in(&mut browser, &person.email, OLD_PASSWORD).await.is(200, "/account");
    for cookie in ["flow", "session", "device"] {
        assert_ne!(browser.cookie(cookie), planted[&format!("regain-{cookie}")], "{cookie}");
    }
    assert_ne!(browser.flow()["csrf"], thief.flow()["csrf"]);
    assert_eq!(browser.step().0, "start");
    let refused =
        browser.post("/sign-out", &Fields::of(&[("csrf", thief.flow()["csrf"].as_str().unwrap())])).await;
    assert_eq!(refused.status, 403);

    // A recovery ends the planted session in this browser, and what the thief has of the flow is worth nothing.
    let mut browser = thief.another();
    browser.cookies = planted;
    let code = code(&api, &person.email, &page).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &code)]).await;
    choose(&mut browser, &page, NEW_PASSWORD).await.is(200, "/recover/done");
    assert!(!browser.cookies.contains_key("regain-session"));
    let page = thief.open("/recover/code").await;
    let last = thief.submit(&page, "/recover/code", &[("code", &code)]).await;
    assert_eq!(last.status, 410, "{last:?}");
}

#[tokio::test]
async fn a_flow_that_names_somebody_elses_challenge_gains_nothing() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person, thief) = (stack.client(), stack.person(), stack.person());
    let mut browser = stack.browser();
    let page = ask(&mut browser, &person.email).await;
    let victims = code(&api, &person.email, &page).await;
    let mut other = browser.another();
    let page = ask(&mut other, &thief.email).await;
    let own = code(&api, &thief.email, &page).await;
    let own = if own == victims { wrong(&own) } else { own };
    // Seen over a shoulder, say.
    let mut flow = other.flow();
    flow["step"] = browser.flow()["step"].clone();
    other.set_flow(&flow);
    let page = other.open("/recover/code").await;
    assert_eq!(other.submit(&page, "/recover/code", &[("code", &own)]).await.status, 422);
    let page = other.submit(&page, "/recover/resend", &[("channel", "sms")]).await;
    let message = api.message(&person.phone, &page.html.words("dd")).await;
    assert!(message["code"].is_string(), "it goes to the owner");
    assert!(api.messages(&thief.phone, 0).await.is_empty());
    for step in [
        json!("done"),
        json!("signed_out"),
        json!({"password": {"token": "0".repeat(26), "expires_at": 9_999_999_999_i64}}),
    ] {
        flow["step"] = step;
        other.set_flow(&flow);
        let page = other.open("/recover/password").await;
        if page.path == "/recover/password" {
            let page = choose(&mut other, &page, NEW_PASSWORD).await;
            assert_eq!(page.status, 401);
        }
        api.sign_in(&person.email, NEW_PASSWORD).await.is_problem(401, "credentials_invalid");
    }
}

#[tokio::test]
async fn what_is_no_flow_is_a_new_one() {
    let mut browser = Stack::shared().browser();
    browser.open("/recover").await;
    let good = browser.cookie("flow").to_owned();
    let odd = [
        "",
        "x",
        "%00",
        "../../etc/passwd",
        "eyJjc3JmIjoiIn0",
        "bnVsbA",
        "W10",
        "e30",
        "AAAA",
        &good[1..],
        &good[..good.len() - 4],
        &format!("{good}="),
        &format!("{good}AAAA"),
        &good.to_lowercase(),
        &"A".repeat(4_000),
    ]
    .map(str::to_owned);
    for flow in odd {
        for path in
            ["/recover", "/recover/code", "/recover/password", "/recover/done", "/sign-in", "/account"]
        {
            let mut browser = browser.another();
            browser.cookies.insert("regain-flow".to_owned(), flow.clone());
            let page = browser.open(path).await;
            assert_eq!(page.status, 200, "{flow}: {page:?}");
            assert_ne!(browser.cookie("flow"), flow);
            assert_eq!(browser.step().0, "start", "{flow}");
        }
    }
}
