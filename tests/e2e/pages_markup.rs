//! What people and operators write is text on pages, never markup, and no header.

use crate::browser::Page;
use crate::harness::Stack;

const BRAND: &str = "<b onclick=\"x\">Ac'me</b> & \"Söhne\" </title><script>alert(1)</script> {$brand}";

/// Texts that would be something else than text, if they were not escaped.
const TEXTS: [&str; 16] = [
    "\"><script>alert(1)</script>",
    "' onfocus='alert(1)' autofocus x='",
    "\" onfocus=alert(1) autofocus x=\"",
    "<!-- ",
    "--><img src=x onerror=alert(1)>",
    "</title></main></form><form action=https://evil.example>",
    "]]><svg/onload=alert(1)>",
    "&lt;b&gt; &amp; &quot; &#x3c;",
    "&copy &notin; &unknown;",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} { $brand } %7B%7B",
    "\u{202e}moc.elpmaxe@ecila\u{2066}",
    "\u{2028}\u{2029}\u{feff}\u{ad}",
    "\u{ff1c}script\u{ff1e}",
    "a\r\nSet-Cookie: regain-injected=1\r\nX-Injected: 1",
    "%0d%0aX-Injected:%201",
];

/// The elements of a page by their names.
fn shape(page: &Page) -> Vec<&str> {
    page.html.elements.iter().map(|element| element.name.as_str()).collect()
}

#[tokio::test]
async fn what_is_typed_is_text_wherever_it_is_shown() {
    let stack = Stack::start(&[("REGAIN_BRAND_NAME", BRAND), ("REGAIN_POSTAL_CODE_CHECK", "required")]);
    let mut browser = stack.browser();
    let page = browser.open("/recover").await;
    let brand = |page: &Page| {
        assert_eq!(page.html.all("script").count(), 1, "{}", page.body);
        assert_eq!(page.html.all("b").count(), 0, "{}", page.body);
        assert_eq!(page.html.words("header"), BRAND);
        assert!(page.html.words("title").ends_with(BRAND));
        for element in &page.html.elements {
            let names = element.attributes.keys();
            assert!(names.into_iter().all(|name| !name.starts_with("on") && name != "style"), "{element:?}");
        }
    };
    brand(&page);
    assert!(page.html.words("main").contains(BRAND));
    let refused = browser.submit(&page, "/recover", &[("identifier", "x"), ("postal_code", "y")]).await;
    let sign_in = browser.open("/sign-in").await;
    let of_sign_in = browser.submit(&sign_in, "/sign-in", &[("identifier", "x")]).await;
    for text in TEXTS {
        let typed = [("identifier", text), ("postal_code", text)];
        let again = browser.submit(&page, "/recover", &typed).await;
        assert_eq!(again.status, 422, "{text}");
        assert_eq!(shape(&again), shape(&refused), "{text}");
        brand(&again);
        // A browser's text field drops ends of lines; the page has what was typed.
        let line = |text: &str| text.replace("\r\n", "\n");
        for (name, text) in typed {
            assert_eq!(line(again.form("/recover").value(name)), line(text));
        }
        let again = browser.submit(&sign_in, "/sign-in", &[("identifier", text)]).await;
        assert_eq!(shape(&again), shape(&of_sign_in), "{text}");
        assert_eq!(line(again.form("/sign-in").value("identifier")), line(text));
        assert!(!again.headers.contains_key("x-injected"));

        // In the cookie, by hand.
        let mut tab = browser.clone();
        let mut flow = tab.flow();
        flow["identifier"] = text.into();
        tab.set_flow(&flow);
        let kept = tab.open("/recover").await;
        assert_eq!(shape(&kept), shape(&page), "{text}");
        for name in ["channel", "csrf", "idempotency_key"] {
            let odd = tab.post("/recover", &page.form("/recover").with(&[(name, text)])).await;
            assert!(odd.status.is_client_error(), "{odd:?}");
            brand(&odd);
            assert!(!odd.headers.contains_key("x-injected") && !tab.cookies.contains_key("regain-injected"));
        }
        let query = reqwest::Url::parse_with_params(
            &format!("{}/recover", stack.api),
            [("return_to", text), (text, text)],
        );
        let odd = tab.send(tab.request("GET", &query.unwrap().as_str()[stack.api.len()..])).await;
        assert_eq!((odd.status.as_u16(), shape(&odd)), (200, shape(&page)), "{text}");
    }
}

#[tokio::test]
async fn an_identifier_with_marks_of_its_own_is_shown_as_it_is() {
    let mut browser = Stack::shared().browser();
    for identifier in
        ["o'hara&amp@example.com", "{7*7}$x@example.com", "a&copy@example.com", "`b`@example.com"]
    {
        for languages in ["en", "ar"] {
            let mut browser = browser.another().in_language(languages);
            let page = browser.open("/recover").await;
            let page = browser.submit(&page, "/recover", &[("identifier", identifier)]).await;
            page.is(200, "/recover/code");
            assert!(page.html.words("main").contains(identifier), "{}", page.body);
        }
    }
    // The path is nobody's text.
    for path in ["/%3Cscript%3Ealert(1)%3C/script%3E", "/\"><b>", "/%22onload=x", "/nothing?x=%3Cb%3E\"'"] {
        let page = browser.send(browser.request("GET", path)).await;
        assert_eq!(page.status, 404);
        assert!(!page.body.contains("alert(1)") && page.html.all("b").count() == 0, "{}", page.body);
    }
}
