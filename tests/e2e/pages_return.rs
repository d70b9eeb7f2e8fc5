//! The way back to the application: it survives everything within a flow, and leads nowhere else.

use crate::browser::{Browser, Fields, with_form};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};
use crate::pages_journeys::{choose, code};
use crate::words::words;

const APP: &str = "https://app.example.com:8443";
/// As an application writes it: every character that escaping could change.
const THERE: &str = "https://app.example.com:8443/cart?item='1'&copy=2&lt=(3)#top";

/// A stack whose pages lead back.
fn stack() -> Stack {
    Stack::start(&[("REGAIN_RETURN_URLS", "https://shop.example.com, https://app.example.com:8443")])
}

/// A path that says where an application wants a person back.
fn with_return(path: &str, places: &[&str]) -> String {
    let places: Vec<_> = places.iter().map(|place| ("return_to", *place)).collect();
    format!(
        "{path}?{}",
        Fields(places.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).encode()
    )
}

async fn ask_for(browser: &mut Browser, path: &str) -> crate::browser::Page {
    browser.send(browser.request("GET", path)).await
}

#[tokio::test]
async fn it_survives_errors_refreshes_and_languages_and_a_sign_in_ends_there() {
    let stack = stack();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    ask_for(&mut browser, &with_return("/recover", &[THERE])).await.is(200, "/recover");
    let is_kept = |browser: &Browser| assert_eq!(browser.flow()["return_to"], THERE);
    is_kept(&browser);
    let page = browser.open("/recover").await;
    let page = browser.submit(&page, "/recover", &[("identifier", "nobody")]).await;
    let page = browser.submit(&page, "/language", &[("locale", "ar")]).await;
    page.is(200, "/recover");
    is_kept(&browser);
    let page = browser.submit(&page, "/recover", &[("identifier", &person.email)]).await;
    let code = code(&api, &person.email, &page).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &wrong(&code))]).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &code)]).await;
    is_kept(&browser);
    let page = browser.submit(&page, "/language", &[("locale", "en")]).await;
    let page = choose(&mut browser, &page, NEW_PASSWORD).await;
    page.is(200, "/recover/done");
    let back = page.html.with("href", THERE).next().unwrap_or_else(|| panic!("no way back: {}", page.body));
    assert_eq!(back.words(), words(&page, "page-continue", &[("site", "app.example.com".into())]));

    // What comes later is dropped unless it is listed, and what was asked for stays.
    ask_for(&mut browser, &with_return("/sign-in", &["https://evil.example/"])).await.is(200, "/sign-in");
    is_kept(&browser);
    let page = browser.open("/sign-in").await;
    let page =
        browser.submit(&page, "/sign-in", &[("identifier", &person.email), ("password", "wrong")]).await;
    let typed = [("identifier", person.email.as_str()), ("password", NEW_PASSWORD)];
    let page = browser.submit(&page, "/sign-in", &typed).await;
    page.leads_to(THERE);
    assert!(browser.flow()["return_to"].is_null(), "it is of that flow alone");
}

/// Addresses that aren't of a listed origin, or that some browser reads as another than a strict reader does.
const ELSEWHERE: [&str; 27] = [
    "",
    "/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "https://evil.example/https://app.example.com:8443/",
    "https://app.example.com:8443.evil.example",
    "https://app.example.com:8443@evil.example",
    "https://app.example.com:84430/",
    "https://app.example.com/",
    "https://app.example.com:8443\\@evil.example",
    "https://app.example.com:8443%2f@evil.example",
    "https://app.example.com:8443/\r\nLocation: https://evil.example",
    "https://app.example.com:8443/\u{0}",
    "https://app.example.com:8443/ x",
    "https://app.example.com:8443/\"><script>alert(1)</script>",
    "https://app.example.com:8443/\u{202e}",
    "http://app.example.com:8443/",
    "HTTPS://app.example.com:8443/",
    "javascript:alert(1)",
    "javascript://app.example.com:8443/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    " https://app.example.com:8443/",
];

#[tokio::test]
async fn nothing_leads_to_another_site() {
    let stack = stack();
    let (person, first) = (stack.person(), stack.browser());
    let long = format!("{APP}/{}", "a".repeat(511 - APP.len()));
    for place in ELSEWHERE.into_iter().chain([long.as_str()]) {
        let mut browser = first.another();
        for path in ["/recover", "/sign-in", "/recover/link"] {
            ask_for(&mut browser, &with_return(path, &[place])).await.is(200, path);
            assert!(browser.flow()["return_to"].is_null(), "{place:?}");
        }
        let fields = Fields::of(&[("identifier", "a@example.com"), ("return_to", place)]);
        let request = browser.request("POST", "/recover/prefill").header("origin", APP);
        browser.send(with_form(request, &fields)).await.leads_to("/recover");
        assert!(browser.flow()["return_to"].is_null(), "{place:?}");
        // Put into the cookie by hand, it is none either.
        let mut flow = browser.flow();
        flow["return_to"] = place.into();
        flow["step"] = "done".into();
        browser.set_flow(&flow);
        let page = browser.open("/recover/done").await;
        page.is(200, "/recover/done");
        assert!(page.html.all("a").all(|a| !a.attribute("href").contains("evil")), "{}", page.body);
    }
    let mut browser = first.another();
    let mut flow = {
        browser.open("/sign-in").await;
        browser.flow()
    };
    flow["return_to"] = "https://evil.example/".into();
    browser.set_flow(&flow);
    let page = browser.open("/sign-in").await;
    let typed = [("identifier", person.email.as_str()), ("password", OLD_PASSWORD)];
    browser.post("/sign-in", &page.form("/sign-in").with(&typed)).await.leads_to("/account");
    // Two of them are none.
    let mut browser = first.another();
    for two in [[THERE, THERE], [THERE, "https://evil.example"], ["", THERE]] {
        ask_for(&mut browser, &with_return("/recover", &two)).await.is(200, "/recover");
        assert!(browser.flow()["return_to"].is_null());
    }
}

#[tokio::test]
async fn an_origin_that_is_listed_no_more_is_dropped_and_the_place_kept() {
    let stack = stack();
    let mut before = stack.browser();
    ask_for(&mut before, &with_return("/recover", &[THERE])).await;
    let csrf = before.flow()["csrf"].clone();
    assert_eq!(before.flow()["return_to"], THERE);
    let mut after = Stack::shared().browser();
    after.cookies = before.cookies;
    after.open("/recover").await.is(200, "/recover");
    assert_eq!(after.flow()["csrf"], csrf);
    assert!(after.flow()["return_to"].is_null());
}

#[tokio::test]
async fn the_form_for_the_language_leads_to_pages_of_ours_alone() {
    let mut browser = Stack::shared().browser();
    let page = browser.open("/recover/link").await;
    let form = page.form("/language");
    assert_eq!(form.value("page"), "recover/link");
    let chosen = form.clone().with(&[("locale", "sv")]);
    let page = browser.post("/language", &chosen).await;
    page.leads_to("/recover/link");
    let page = browser.follow(page).await;
    assert_eq!(page.html.all("html").next().unwrap().attribute("lang"), "sv");
    for elsewhere in [
        "/evil.example",
        "/",
        "\\evil.example",
        "https://evil.example",
        "//evil.example/",
        "recover/../..//evil.example",
        "recover?return_to=x",
        "recover#x",
        "recover/resend/",
        "recover\r\nx-injected: 1",
        "nothing",
        "v1/health",
        " recover",
    ] {
        let page = browser.post("/language", &chosen.clone().with(&[("page", elsewhere)])).await;
        assert_eq!((page.status.as_u16(), page.location()), (400, None), "{elsewhere}");
        assert!(!page.headers.contains_key("x-injected"));
    }
    for unknown in ["", "xx", "sv-SE-x", "../en", "sv\r\nx-injected: 1", "SV ", "sv;Path=/x"] {
        let page = browser.post("/language", &chosen.clone().with(&[("locale", unknown)])).await;
        assert_eq!(page.status, 400, "{unknown:?}");
        assert!(!page.headers.contains_key("x-injected"));
    }
    assert_eq!(browser.cookie("locale"), "sv");
}
