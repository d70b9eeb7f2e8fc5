//! Paths that no page has, methods that none takes, and the assets.

use std::collections::BTreeSet;

use regain_http_api::pages::PAGES;

use crate::browser::Browser;
use crate::harness::Stack;
use crate::words::words;

/// Asks for something that there isn't, as a browser and as a program.
async fn nothing_there(browser: &mut Browser, method: &str, path: &str, status: u16) {
    let page = browser.send(browser.request(method, path)).await;
    assert_eq!(page.status.as_u16(), status, "{method} {path}: {page:?}");
    assert_eq!(page.heading(), words(&page, "not-found-title", &[]), "{method} {path}");
    let way_on = page.html.with("class", "button").next().unwrap().attribute("href").to_owned();
    let base = reqwest::Url::parse(&format!("{}{path}", browser.base)).unwrap();
    assert_eq!(base.join(&way_on).unwrap().path(), "/recover", "{method} {path}");

    let mut program = browser.another();
    for accept in ["application/json", "*/*", "application/xml;q=0.9, text/plain", ""] {
        program.headers.insert("accept", accept.to_owned());
        let answer = program.send(program.request(method, path)).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
        let code = if status == 404 { "not_found" } else { "method_not_allowed" };
        assert!(answer.body.contains(code), "{answer:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
        assert_eq!(answer.header("allow"), page.header("allow"));
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_with_a_way_on_and_a_problem_for_programs() {
    let mut browser = Stack::shared().browser();
    let (deep, long) = (format!("/{}", "a/".repeat(500)), format!("/{}", "a".repeat(4_000)));
    for path in [
        "/nothing",
        "/nothing/here/",
        "/recover/",
        "/recover/code/",
        "/recover//code",
        "//recover",
        "//",
        "//evil.example/",
        "/RECOVER",
        "/recover%2Fcode",
        "/recover;x",
        "/sign-in.html",
        "/index.html",
        "/favicon.ico",
        "/robots.txt",
        "/account/nothing",
        "/assets",
        "/v1",
        "/.env",
        "/%00",
        "/%ff%fe",
        "/{name}",
        &deep,
        &long,
    ] {
        nothing_there(&mut browser, "GET", path, 404).await;
    }
    nothing_there(&mut browser, "POST", "/nothing", 404).await;
}

#[tokio::test]
async fn a_page_takes_its_own_methods_and_says_which() {
    let mut browser = Stack::shared().browser();
    let paths: BTreeSet<_> =
        PAGES.iter().map(|route| route.path).filter(|path| !path.contains('{')).collect();
    for path in paths {
        let own: BTreeSet<_> =
            PAGES.iter().filter(|route| route.path == path).map(|route| route.method).collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            if own.contains(method) {
                continue;
            }
            nothing_there(&mut browser, method, path, 405).await;
            let page = browser.send(browser.request(method, path)).await;
            let allowed: BTreeSet<_> = page.header("allow").split(", ").collect();
            assert_eq!(allowed, own, "{method} {path}");
        }
        let head = browser.send(browser.request("HEAD", path)).await;
        assert_eq!((head.status.as_u16(), head.body.as_str()), (405, ""), "{path}");
    }
}

/// What a page is otherwise, it is for everybody, whatever they say that they take.
#[tokio::test]
async fn pages_are_pages_whatever_is_accepted_and_the_api_has_none() {
    let mut browser = Stack::shared().browser();
    for accept in ["application/json", "*/*", "", "text/html;q=0"] {
        browser.headers.insert("accept", accept.to_owned());
        let page = browser.open("/recover").await;
        page.is(200, "/recover");
        let stale = browser.post("/recover", &crate::browser::Fields::default()).await;
        assert_eq!(stale.heading(), words(&stale, "cookie-title", &[]));
    }
    browser.headers.insert("accept", "text/html".to_owned());
    for (method, path) in
        [("GET", "/v1/sessions/current"), ("POST", "/v1/challenges"), ("PUT", "/v1/password")]
    {
        let answer = browser.send(browser.request(method, path)).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    }
}

#[tokio::test]
async fn an_asset_is_kept_for_a_year_by_its_exact_name_and_nothing_else_is_one() {
    let mut browser = Stack::shared().browser();
    let page = browser.open("/recover").await;
    let of = |name: &str, attribute: &str| {
        page.html.all(name).map(|e| e.attribute(attribute).to_owned()).collect::<Vec<_>>()
    };
    let links = [of("link", "href"), of("script", "src")].concat();
    assert_eq!(links.len(), 3, "{links:?}");
    for path in &links {
        let asset = browser.open(path).await;
        asset.is(200, path);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(!asset.headers.contains_key("set-cookie") && !asset.body.is_empty());
        let kinds = ["text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"];
        assert!(kinds.contains(&asset.header("content-type")), "{asset:?}");

        // Of another deployment: what there is now, and not to be kept.
        let (start, rest) = path.rsplit_once('-').unwrap();
        let old = format!("{start}-0123456789abcdef.{}", rest.split_once('.').unwrap().1);
        let other = browser.open(&old).await;
        other.is(200, &old);
        assert_eq!((other.header("cache-control"), &other.body), ("no-store", &asset.body));
        for wrong in [
            format!("{start}-.{}", rest.split_once('.').unwrap().1),
            format!("{start}-../../etc/passwd.css"),
            format!("{start}-..%2F..%2Fetc%2Fpasswd.css"),
            format!("{path}/"),
            format!("{path}%00"),
            format!("{path}x"),
            path.to_uppercase(),
        ] {
            let answer = browser.send(browser.request("GET", &wrong)).await;
            assert_eq!(answer.status, 404, "{wrong}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    for wrong in [
        "/assets/",
        "/assets/logo-0123456789abcdef.svg",
        "/assets/%2e%2e%2fCargo.toml",
        "/assets/..%5C..%5Cx",
        "/assets/style.css",
    ] {
        let answer = browser.send(browser.request("GET", wrong)).await;
        assert_eq!(answer.status, 404, "{wrong}");
        assert!(!answer.body.contains("[package]"));
    }
}
