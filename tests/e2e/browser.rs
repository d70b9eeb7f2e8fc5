//! A browser without JavaScript: it keeps cookies, reads pages, fills in their forms, and follows redirects. Each answer
//! that it gets is held to what every page promises: headers, cookies, and no secret outside of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use regain_harness::Harness;
use regain_harness::html::{Element, Html};
use regain_http_api::pages::{ASSET, PAGES};
use regain_http_api::routes::path_matches;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde_json::Value;

use crate::fidelity::answer_of;
use crate::harness::Stack;

/// Names and values.
pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

/// A page's operation and the status of its answer.
pub(crate) type Case = (&'static str, u16);

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) base: String,
    /// Whether the site is one with TLS, by its configuration: a gateway may stand in front of it.
    is_https: bool,
    http: Client,
    /// The functions themselves, without the local stack's gateway.
    functions: Option<Arc<Harness>>,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The headers of each request.
    pub(crate) headers: BTreeMap<&'static str, String>,
    seen: Arc<Mutex<BTreeSet<Case>>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The path that it was asked for at.
    pub(crate) path: String,
    pub(crate) body: String,
    /// The body, if it is a page.
    pub(crate) html: Html,
}

/// The cookies, by their names without prefix, and the longest that each lasts, in seconds.
const COOKIES: [(&str, u64); 4] = [
    ("regain-flow", 1_800),
    ("regain-session", 30 * 86_400),
    ("regain-device", 90 * 86_400),
    ("regain-locale", 365 * 86_400),
];

impl Stack {
    /// Somebody's browser, without a cookie.
    pub(crate) fn browser(&self) -> Browser {
        let api = self.client();
        Browser::new(&api.base, api.http)
    }
}

impl Browser {
    fn new(base: &str, http: Client) -> Self {
        Self {
            base: base.to_owned(),
            is_https: false,
            http,
            functions: None,
            cookies: BTreeMap::new(),
            headers: [("accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned())].into(),
            seen: Arc::default(),
        }
    }

    /// A browser before the functions of a test harness, whose site has TLS.
    pub(crate) fn of_functions(harness: &Arc<Harness>) -> Self {
        let origin = &harness.environment["REGAIN_ORIGIN"];
        let browser = Self::new(origin, Client::builder().no_proxy().build().unwrap());
        Self { functions: Some(Arc::clone(harness)), ..browser.before_tls() }
    }

    /// The same before a site that is configured with an `https` origin.
    pub(crate) fn before_tls(self) -> Self {
        Self { is_https: true, ..self }
    }

    /// Another browser, whose answers are noted with this one's.
    pub(crate) fn another(&self) -> Self {
        Self { cookies: BTreeMap::new(), ..self.clone() }
    }

    /// Another browser that is at this page too: it has the flow's cookie, and no other.
    pub(crate) fn another_with(&self, page: &Page) -> Self {
        let mut other = self.another();
        other.keep_cookies(page);
        other
    }

    /// The same in other languages.
    pub(crate) fn in_language(mut self, tags: &str) -> Self {
        self.headers.insert("accept-language", tags.to_owned());
        self
    }

    /// The answers so far, of pages.
    pub(crate) fn seen(&self) -> BTreeSet<Case> {
        self.seen.lock().unwrap().clone()
    }

    /// The cookie's name here.
    pub(crate) fn name(&self, cookie: &str) -> String {
        if self.is_https { format!("__Host-regain-{cookie}") } else { format!("regain-{cookie}") }
    }

    /// A cookie's value.
    #[track_caller]
    pub(crate) fn cookie(&self, cookie: &str) -> &str {
        let value = self.cookies.get(&self.name(cookie));
        value.unwrap_or_else(|| panic!("no {cookie} among {:?}", self.cookies.keys()))
    }

    /// What the flow's cookie holds.
    #[track_caller]
    pub(crate) fn flow(&self) -> Value {
        read_flow(self.cookie("flow"))
    }

    /// The step in the flow's cookie: its name and what it holds.
    #[track_caller]
    pub(crate) fn step(&self) -> (String, Value) {
        match &self.flow()["step"] {
            Value::Object(step) => step.iter().next().map(|(k, v)| (k.clone(), v.clone())).unwrap(),
            step => (step.as_str().unwrap_or("start").to_owned(), Value::Null),
        }
    }

    /// Replaces the flow's cookie.
    pub(crate) fn set_flow(&mut self, flow: &Value) {
        let name = self.name("flow");
        self.cookies.insert(name, BASE64URL_NOPAD.encode(flow.to_string().as_bytes()));
    }

    /// A request with the browser's headers and cookies.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        request
    }

    /// Sends a request, keeps the cookies of the answer, and follows nothing.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Page {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let (status, headers, body) = if let Some(harness) = &self.functions {
            invoke(harness, &request).await
        } else {
            let response = self.http.execute(request).await.expect("an answer");
            let (status, headers) = (response.status(), response.headers().clone());
            (status, headers, response.text().await.unwrap())
        };
        let is_html = headers.get("content-type").is_some_and(|v| v == "text/html; charset=utf-8");
        let html = if is_html && !body.is_empty() { Html::parse(&body) } else { Html::default() };
        let page = Page { status, headers, path, body, html };
        self.keep_cookies(&page);
        let route = PAGES.iter().find(|r| r.method == method.as_str() && path_matches(r.path, &page.path));
        if let Some(route) = route {
            self.seen.lock().unwrap().insert((route.operation, status.as_u16()));
        }
        if is_html || route.is_some() {
            self.check(&page);
        }
        page
    }

    /// Opens a page, wherever it leads.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let page = self.send(self.request("GET", path)).await;
        self.follow(page).await
    }

    /// Sends the form of a page that goes to a path: what the page has filled in, with what is typed on top. Follows
    /// where it leads.
    #[track_caller]
    pub(crate) fn submit(&mut self, page: &Page, path: &str, typed: Pairs<'_>) -> impl Future<Output = Page> {
        let fields = page.form(path).with(typed);
        let path = path.to_owned();
        async move {
            let page = self.post(&path, &fields).await;
            self.follow(page).await
        }
    }

    /// Sends a form as a page of our own does.
    pub(crate) async fn post(&mut self, path: &str, fields: &Fields) -> Page {
        let request = self.request("POST", path).header("sec-fetch-site", "same-origin");
        self.send(with_form(request, fields)).await
    }

    /// Follows redirects within the site.
    pub(crate) async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..5 {
            let Some(next) = page.location() else { return page };
            let next = Url::parse(&format!("{}{}", self.base, page.path)).unwrap().join(&next).unwrap();
            if !next.as_str().starts_with(&format!("{}/", self.base)) {
                return page;
            }
            page = self.send(self.request("GET", next.path())).await;
        }
        panic!("it leads in circles: {page:?}");
    }

    /// Keeps what an answer sets. Each cookie is one of ours, with everything that keeps it ours.
    fn keep_cookies(&mut self, page: &Page) {
        for value in page.headers.get_all(SET_COOKIE) {
            let text = value.to_str().unwrap();
            let mut parts = text.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attributes: BTreeSet<_> = parts.collect();
            let plain = name.strip_prefix("__Host-").unwrap_or(name);
            assert_eq!(self.is_https, name.starts_with("__Host-"), "{text}");
            let (_, longest) = COOKIES.iter().find(|(name, _)| *name == plain).expect(text);
            for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(attributes.contains(attribute), "{text}");
            }
            assert_eq!(attributes.contains("Secure"), self.is_https, "{text}");
            assert_eq!(attributes.len(), if self.is_https { 5 } else { 4 }, "{text}");
            let lasts = attributes.iter().find_map(|attribute| attribute.strip_prefix("Max-Age="));
            let lasts: u64 = lasts.expect(text).parse().unwrap();
            assert!(lasts <= *longest, "{text}");
            assert!(text.len() < 3 * 1024, "{} bytes: {text}", text.len());
            if lasts == 0 {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// What every answer of a page promises.
    #[track_caller]
    fn check(&self, page: &Page) {
        let is_asset = path_matches(ASSET.path, &page.path) && page.status.is_success();
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{page:?}");
        assert!(policy.ends_with("; frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(page.header(name), value, "{name}: {page:?}");
        }
        assert!(page.header("permissions-policy").contains("camera=()"), "{page:?}");
        assert!(!page.header("x-request-id").is_empty(), "{page:?}");
        assert_eq!(page.header("strict-transport-security").is_empty(), !self.is_https, "{page:?}");
        assert!(is_asset || page.header("cache-control") == "no-store", "{page:?}");
        let limited = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&page.status);
        assert_eq!(page.header("retry-after").parse::<u64>().is_ok_and(|s| s > 0), limited, "{page:?}");
        // No secret in what is shown, logged or kept in a history.
        let shown = format!("{} {} {}", page.path, page.header("location"), page.body);
        for (name, value) in &self.cookies {
            let is_secret = !name.ends_with("-locale");
            assert!(!is_secret || !shown.contains(value), "{name} is shown: {page:?}");
        }
        if let Some(flow) = self.cookies.get(&self.name("flow")).and_then(|text| try_read_flow(text)) {
            for secret in ["challenge", "token"] {
                for step in flow["step"].as_object().into_iter().flat_map(|step| step.values()) {
                    let secret = step[secret].as_str().unwrap_or("\u{0}");
                    assert!(!shown.contains(secret), "a secret is shown: {page:?}");
                }
            }
        }
    }
}

/// The answer of the function that a request's route names.
async fn invoke(harness: &Harness, request: &reqwest::Request) -> (StatusCode, HeaderMap, String) {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let url = request.url();
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut event = http::Request::builder().method(request.method()).uri(path);
    event.headers_mut().unwrap().extend(request.headers().clone());
    let (function, event) =
        regain_harness::event(&event.body(String::from_utf8(body.to_vec()).unwrap()).unwrap());
    let answer = answer_of(&harness.invoke(function, &event).await.unwrap());
    let body = answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned);
    (answer.status, answer.headers, if answer.body.is_null() { String::new() } else { body })
}

/// What a flow's cookie holds.
#[track_caller]
pub(crate) fn read_flow(cookie: &str) -> Value {
    try_read_flow(cookie).unwrap_or_else(|| panic!("no flow: {cookie}"))
}

fn try_read_flow(cookie: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?).ok()
}

/// The fields of a form, filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// These fields.
    pub(crate) fn of(fields: Pairs<'_>) -> Self {
        Self::default().with(fields)
    }

    /// With these in the place of those of the same name.
    pub(crate) fn with(mut self, typed: Pairs<'_>) -> Self {
        for (name, value) in typed {
            match self.0.iter_mut().find(|(other, _)| other == name) {
                Some(field) => (*value).clone_into(&mut field.1),
                None => self.0.push(((*name).to_owned(), (*value).to_owned())),
            }
        }
        self
    }

    /// Without a field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    /// A field's value.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(other, _)| other == name);
        field.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value.as_str())
    }

    /// The form's body.
    pub(crate) fn encode(&self) -> String {
        let mut url = Url::parse("http://form").unwrap();
        url.query_pairs_mut().extend_pairs(&self.0);
        url.query().unwrap_or_default().to_owned()
    }
}

/// A request with a form in its body.
pub(crate) fn with_form(request: RequestBuilder, fields: &Fields) -> RequestBuilder {
    request.header("content-type", "application/x-www-form-urlencoded").body(fields.encode())
}

impl Page {
    /// A header; empty without it.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads on to.
    pub(crate) fn location(&self) -> Option<String> {
        self.headers.get(LOCATION).map(|value| value.to_str().unwrap().to_owned())
    }

    /// Fails unless it leads on with 303, or 302, to this.
    #[track_caller]
    pub(crate) fn leads_to(&self, location: &str) {
        assert!(self.status.is_redirection() && self.body.is_empty(), "{self:?}");
        assert_eq!(self.location().as_deref(), Some(location), "{self:?}");
    }

    /// Fails unless it is the page of this path with this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, path: &str) -> &Self {
        assert_eq!((self.status.as_u16(), self.path.as_str()), (status, path), "{}", self.body);
        self
    }

    /// The heading.
    pub(crate) fn heading(&self) -> String {
        self.html.words("h1")
    }

    /// The form that goes to a path, as the page has filled it in.
    #[track_caller]
    pub(crate) fn form(&self, path: &str) -> Fields {
        let of_path = |form: &&Element| form.attribute("action") == path;
        let form = self.html.all("form").find(of_path);
        let form = form.unwrap_or_else(|| panic!("no form to {path} in {}", self.body));
        assert_eq!(form.attribute("method"), "post");
        let inputs = self.html.within(form).filter(|element| {
            let is_chosen =
                element.attribute("type") != "radio" || element.attributes.contains_key("checked");
            element.name == "input" && is_chosen && element.attributes.contains_key("name")
        });
        let field = |e: &Element| (e.attribute("name").to_owned(), e.attribute("value").to_owned());
        Fields(inputs.map(field).collect())
    }

    /// The errors in the summary: the field that each leads to, which exists and repeats it, and the words.
    #[track_caller]
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let Some(summary) = self.html.with("class", "summary").next() else { return Vec::new() };
        assert_eq!(summary.attribute("role"), "alert");
        let items = self.html.within(summary).filter(|element| element.name == "li");
        let errors: Vec<_> = items
            .map(|item| {
                let link = self.html.within(item).find(|element| element.name == "a");
                let field = link.map(|link| link.attribute("href").trim_start_matches('#').to_owned());
                (field.unwrap_or_default(), item.words())
            })
            .collect();
        for (field, text) in errors.iter().filter(|(field, _)| !field.is_empty()) {
            let element = self.html.with("id", field).next().unwrap_or_else(|| panic!("no {field}"));
            let errors = format!("{field}-error");
            let described = self.html.with("aria-describedby", "").count();
            assert_eq!(described, 0, "{}", self.body);
            if element.name == "input" && element.attribute("type") != "radio" {
                assert_eq!(element.attribute("aria-invalid"), "true");
                assert!(element.attribute("aria-describedby").split(' ').any(|id| id == errors));
            }
            let shown = self.html.with("id", &errors).next().unwrap();
            assert!(self.html.within(shown).any(|p| p.words() == *text), "{text}: {}", self.body);
        }
        errors
    }
}
