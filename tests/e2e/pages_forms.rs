//! Forms that no page of ours was filled in for: each is refused, and leaves the browser as it was.

use regain_http_api::pages::{PAGES, PREFILL_FORM};
use regain_http_api::routes::Route;

use crate::browser::{Browser, Fields, Page, Pairs, with_form};
use crate::harness::{Stack, wrong};
use crate::pages_journeys::{ask, code};
use crate::words::says;

/// The forms of our own pages.
fn forms() -> impl Iterator<Item = &'static Route> {
    let forms: Vec<_> =
        PAGES.iter().filter(|route| route.method == "POST" && route.path != PREFILL_FORM.path).collect();
    assert_eq!(forms.len(), 8);
    forms.into_iter()
}

/// Fields with the browser's own value.
fn own(browser: &Browser) -> Fields {
    Fields::of(&[("csrf", browser.flow()["csrf"].as_str().unwrap())])
}

/// Sends a form with these headers, which may come several times.
async fn send(browser: &mut Browser, path: &str, headers: Pairs<'_>, fields: &Fields) -> Page {
    let mut request = browser.request("POST", path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(with_form(request, fields)).await
}

/// Fails unless a form was refused as another site's, and the browser's place is as it was.
#[track_caller]
fn is_foreign(page: &Page, what: &str) {
    assert_eq!(page.status, 403, "{what}: {page:?}");
    says(page, "foreign-title", &[]);
    assert!(!page.headers.contains_key("set-cookie"), "{what}: {page:?}");
    // The form for the language would need the flow.
    assert_eq!(page.html.all("form").count(), 0, "{what}");
}

/// A form of ours, from before the value changed: in another tab somebody signed in or out. It begins again at itself.
fn is_stale(page: &Page, what: &str) {
    assert_eq!(page.status, 403, "{what}: {page:?}");
    says(page, "cookie-title", &[]);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_whatever_their_headers_and_touch_no_cookie() {
    let stack = Stack::shared();
    let mut browser = stack.browser();
    browser.open("/recover").await;
    let ours = stack.api.clone();
    let (fetch, origin) = ("sec-fetch-site", "origin");
    let longer = format!("{ours}.evil.example");
    let in_tls = ours.replace("http:", "https:");
    let refused: [&[(&str, &str)]; 16] = [
        &[(fetch, "cross-site")],
        &[(fetch, "same-site")],
        &[(fetch, "none")],
        &[(fetch, "")],
        &[(fetch, "SAME-ORIGIN")],
        &[(fetch, "same-origin, same-origin")],
        &[(fetch, "same-origin"), (fetch, "same-origin")],
        &[(fetch, "same-origin"), (fetch, "cross-site")],
        &[(fetch, "cross-site"), (origin, &ours)],
        &[(fetch, "cross-site"), (origin, "null")],
        &[(origin, "https://evil.example")],
        &[(origin, &longer)],
        &[(origin, &in_tls)],
        &[(origin, "")],
        &[(origin, &ours), (origin, &ours)],
        &[(origin, "null"), (origin, "https://evil.example")],
    ];
    let accepted: [&[(&str, &str)]; 7] = [
        &[],
        &[(fetch, "same-origin")],
        &[(fetch, "same-origin"), (origin, &ours)],
        // As browsers send our own forms under `no-referrer`.
        &[(fetch, "same-origin"), (origin, "null")],
        &[(origin, "null")],
        &[(origin, &ours)],
        &[("referer", "https://evil.example/"), ("x-forwarded-host", "evil.example")],
    ];
    for form in forms() {
        let fields = own(&browser);
        for headers in refused {
            let page = send(&mut browser, form.path, headers, &fields).await;
            is_foreign(&page, &format!("{form:?} {headers:?}"));
        }
        for headers in accepted {
            let mut browser = browser.clone();
            let page = send(&mut browser, form.path, headers, &fields).await;
            assert!([303, 400, 422].contains(&page.status.as_u16()), "{form:?} {headers:?}: {page:?}");
        }
    }
}

#[tokio::test]
async fn a_form_repeats_the_value_of_this_browsers_cookie_or_is_refused() {
    let stack = Stack::shared();
    let mut browser = stack.browser();
    browser.open("/recover").await;
    let mut other = browser.another();
    other.open("/recover").await;
    let csrf = own(&browser).value("csrf").to_owned();
    let (longer, shorter) = (format!("{csrf}A"), csrf[1..].to_owned());
    let zero = "A".repeat(22);
    for form in forms() {
        for value in [other.flow()["csrf"].as_str().unwrap(), &longer, &shorter, &zero, "", " ", "null"] {
            let page = browser.post(form.path, &Fields::of(&[("csrf", value)])).await;
            is_stale(&page, &format!("{form:?} {value}"));
        }
        is_stale(&browser.post(form.path, &Fields::default()).await, form.path);
        // Who doesn't say that it is ours is another site.
        let wrong = Fields::of(&[("csrf", &zero)]);
        is_foreign(&send(&mut browser, form.path, &[], &wrong).await, form.path);
        // The value of another browser with that browser's cookie is that browser's form. Without a cookie it is
        // nobody's, and nothing begins by it.
        let mut without = browser.another();
        let page = without.post(form.path, &own(&browser)).await;
        assert_eq!(page.status, 403, "{form:?}");
        says(&page, "cookie-title", &[]);
        assert!(!page.headers.contains_key("set-cookie"), "{form:?}: {page:?}");
    }
}

#[tokio::test]
async fn a_form_with_unknown_or_repeated_fields_is_refused_and_does_nothing() {
    let stack = Stack::shared();
    let (api, person, mut browser) = (stack.client(), stack.person(), stack.browser());
    let page = ask(&mut browser, &person.email).await;
    let code = code(&api, &person.email, &page).await;
    let filled = |page: &Page, path: &str| page.form(path).with(&[("code", code.as_str())]);
    let twice = |name: &str, value: &str| {
        let mut fields = filled(&page, "/recover/code");
        fields.0.push((name.to_owned(), value.to_owned()));
        fields
    };
    let malformed = [
        twice("other", ""),
        twice("CODE", &code),
        twice("code[]", &code),
        twice("code", &code),
        twice("code", ""),
        twice("csrf", page.form("/recover/code").value("csrf")),
        twice("reference", ""),
        twice("idempotency_key", "0123456789abcdef"),
        filled(&page, "/recover/code").with(&[("idempotency_key", "short")]),
        filled(&page, "/recover/code").with(&[("idempotency_key", "")]),
        filled(&page, "/recover/code").with(&[("idempotency_key", "0123456789abcdef\r\nx: y")]),
        filled(&page, "/recover/code").with(&[("code", "12\u{fffd}456")]),
    ];
    for fields in &malformed {
        let page = browser.post("/recover/code", fields).await;
        assert_eq!(page.status, 400, "{fields:?}: {page:?}");
        says(&page, "form-title", &[]);
    }
    for form in forms() {
        let fields = own(&browser).with(&[("other", "x")]);
        assert_eq!(browser.post(form.path, &fields).await.status, 400, "{form:?}");
        let json = browser.request("POST", form.path).header("content-type", "application/json");
        assert_eq!(browser.send(json.body("{}")).await.status, 415, "{form:?}");
    }
    // None of it was a guess, and the key may be missing.
    let fields = filled(&page, "/recover/code").without("idempotency_key");
    let page = browser.post("/recover/code", &fields.clone().with(&[("code", &wrong(&code))])).await;
    says(
        &page,
        "error-code-incorrect",
        &[("attempts", 4.into()), ("reference", page.html.words("dd").into())],
    );
    browser.post("/recover/code", &fields).await.leads_to("/recover/password");
}

#[tokio::test]
async fn bodies_that_are_no_forms_are_refused_for_what_they_are() {
    let mut browser = Stack::shared().browser();
    browser.open("/recover").await;
    let csrf = own(&browser).encode();
    let form = "application/x-www-form-urlencoded";
    for (content_type, body, status, title) in [
        ("text/plain", csrf.clone(), 415, "form-title"),
        ("multipart/form-data; boundary=x", csrf.clone(), 415, "form-title"),
        ("application/x-www-form-urlencoded; charset=utf-16", csrf.clone(), 415, "form-title"),
        ("application/x-www-form-urlencoded, text/plain", csrf.clone(), 415, "form-title"),
        (form, format!("{csrf}&identifier={}", "a".repeat(8 * 1024)), 413, "form-title"),
        (form, format!("{csrf}&identifier=%ff%fe"), 400, "form-title"),
        (form, format!("{csrf}&%ff=1"), 400, "form-title"),
        (form, String::new(), 403, "foreign-title"),
        (form, "&&&==".to_owned(), 403, "foreign-title"),
        (form, "{\"csrf\":1}".to_owned(), 403, "foreign-title"),
    ] {
        for route in forms() {
            let request = browser.request("POST", route.path).header("content-type", content_type);
            let page = browser.send(request.body(body.clone())).await;
            assert_eq!(page.status.as_u16(), status, "{route:?} {content_type}: {page:?}");
            says(&page, title, &[]);
        }
    }
    let bytes = [csrf.as_bytes(), b"&identifier=\xff\xfe"].concat();
    let request = browser.request("POST", "/recover").header("content-type", form);
    assert_eq!(browser.send(request.body(bytes)).await.status, 400);
    let fits = format!("{csrf}&identifier=");
    let fits = format!("{fits}{}", "a".repeat(8 * 1024 - fits.len()));
    let request = browser.request("POST", "/recover").header("content-type", form);
    assert_eq!(browser.send(request.body(fits)).await.status, 422);
}

/// Browsers send no `SameSite=Lax` cookie with another site's form. What is answered then must not make them forget the
/// person's place: not by the newest browsers, not by old ones, at no path.
#[tokio::test]
async fn whatever_another_site_posts_begins_no_flow() {
    let mut browser = Stack::shared().browser();
    let (html, cross) = ("text/html", [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]);
    let old: &[(&str, &str)] = &[("origin", "null")];
    let posts = PAGES.iter().map(|route| route.path).chain(["/nothing", "//nothing/", "/v1/health"]);
    for path in posts {
        for headers in [&cross[..], old, &[]] {
            for (content_type, body) in [
                ("application/x-www-form-urlencoded", "identifier=a%40example.com"),
                ("application/x-www-form-urlencoded", "a=1&a=2"),
                ("text/plain", "x"),
            ] {
                let mut request = browser.request("POST", path).header("accept", html);
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let page = browser.send(request.header("content-type", content_type).body(body)).await;
                assert!([400, 403, 404, 405, 415].contains(&page.status.as_u16()), "{path}: {page:?}");
                assert!(!page.headers.contains_key("set-cookie"), "{path} {headers:?}: {page:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_identifier_is_prefilled_by_listed_applications_alone() {
    let (shop, app) = ("https://shop.example.com", "https://app.example.com:8443");
    let stack = Stack::start(&[("REGAIN_RETURN_URLS", &format!("{shop},{app}"))]);
    let mut browser = stack.browser();
    let there = format!("{shop}/cart?item=1");
    let fields = Fields::of(&[("identifier", "someone@example.com"), ("return_to", &there)]);
    let ours = stack.api.clone();
    for origins in [
        &[][..],
        &["null"],
        &[""],
        &[ours.as_str()],
        &["https://evil.example"],
        &["http://shop.example.com"],
        &["https://shop.example.com."],
        &["https://shop.example.com:443"],
        &["https://shop.example.com/"],
        &["https://app.example.com"],
        &["HTTPS://SHOP.EXAMPLE.COM"],
        &[shop, shop],
        &[shop, "https://evil.example"],
    ] {
        let headers: Vec<_> = origins.iter().map(|origin| ("origin", *origin)).collect();
        is_foreign(&send(&mut browser, "/recover/prefill", &headers, &fields).await, &format!("{origins:?}"));
    }
    let headers = [("origin", shop), ("sec-fetch-site", "cross-site")];
    let page = send(&mut browser, "/recover/prefill", &headers, &fields).await;
    page.leads_to("/recover");
    let page = browser.follow(page).await;
    assert_eq!(page.form("/recover").value("identifier"), "someone@example.com");
    assert_eq!(browser.flow()["return_to"], there);
    assert!(stack.client().messages("someone@example.com", 0).await.is_empty(), "nothing is sent");

    // It begins anew; what it names is dropped unless it is listed, and it is read as strictly as any form.
    let elsewhere = fields.clone().with(&[("return_to", "https://evil.example/")]);
    send(&mut browser, "/recover/prefill", &[("origin", app)], &elsewhere).await.leads_to("/recover");
    assert!(browser.flow()["return_to"].is_null());
    for wrong in [fields.clone().with(&[("csrf", "x")]), fields.clone().with(&[("password", "x")])] {
        let page = send(&mut browser, "/recover/prefill", &[("origin", app)], &wrong).await;
        assert_eq!(page.status, 400, "{wrong:?}");
    }
    let request = browser.request("POST", "/recover/prefill").header("origin", app);
    assert_eq!(browser.send(request.header("content-type", "text/plain").body("x")).await.status, 415);
    // Whatever it holds, the cookie stays one that browsers keep, and that is read again.
    let long = "a".repeat(511 - shop.len() - 1);
    for odd in
        ["\u{1}".repeat(320), "\"".repeat(320), "\u{1f511}".repeat(80), "a".repeat(321), "\0".repeat(2_000)]
    {
        let fields = Fields::of(&[("identifier", &odd), ("return_to", &format!("{shop}/{long}"))]);
        send(&mut browser, "/recover/prefill", &[("origin", shop)], &fields).await.leads_to("/recover");
        assert!(browser.flow()["return_to"].is_string());
        let csrf = browser.flow()["csrf"].clone();
        browser.open("/recover").await.is(200, "/recover");
        assert_eq!(browser.flow()["csrf"], csrf, "{} bytes", browser.cookie("flow").len());
    }
}
