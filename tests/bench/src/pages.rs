//! Events of pages and their forms, as a browser sends them.

use std::collections::BTreeMap;

use axum::http::{Request, request};
use regain_harness::{DELIVERY, Error, Harness};
use serde_json::Value;

use crate::prepared::{NEW_PASSWORD, PASSWORD, Step, event};

/// A browser: its cookies, and the value that its forms repeat.
struct Browser<'a> {
    harness: &'a Harness,
    cookies: BTreeMap<String, String>,
    csrf: String,
}

impl<'a> Browser<'a> {
    /// A browser on the first page.
    async fn open(harness: &'a Harness) -> Result<Self, Error> {
        let mut browser = Self { harness, cookies: BTreeMap::new(), csrf: String::new() };
        let html = browser.send(&browser.get("/recover")?).await?;
        browser.csrf = attribute(&html, "name=\"csrf\" value=\"")?;
        Ok(browser)
    }

    fn headers(&self, request: request::Builder) -> request::Builder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("accept", "text/html").header("accept-language", "sv,en;q=0.5");
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    fn get(&self, path: &str) -> Result<Request<String>, Error> {
        Ok(self.headers(Request::get(path)).body(String::new())?)
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Result<Request<String>, Error> {
        let encoded = |text: &str| text.replace(' ', "+").replace('@', "%40");
        let own = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
        let body = format!("csrf={}{}", self.csrf, own.collect::<String>());
        let request = self.headers(Request::post(path));
        Ok(request.header("content-type", "application/x-www-form-urlencoded").body(body)?)
    }

    /// The answer's body. Its cookies are kept.
    async fn send(&mut self, request: &Request<String>) -> Result<String, Error> {
        let (function, event) = regain_harness::event(request);
        let answer = self.harness.invoke(function, &event).await?;
        let set = answer["multiValueHeaders"]["set-cookie"].as_array();
        for cookie in set.into_iter().flatten().filter_map(Value::as_str) {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.ok_or("a cookie without a value")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        if answer["statusCode"].as_u64().is_none_or(|status| status >= 400) {
            return Err(format!("{}: {answer}", request.uri()).into());
        }
        Ok(answer["body"].as_str().unwrap_or_default().to_owned())
    }

    /// Asks for a code.
    async fn ask(&mut self, who: &str) -> Result<(), Error> {
        self.send(&self.form("/recover", &[("identifier", who), ("channel", "email")])?).await.map(drop)
    }

    /// Asks for a code and reads it: the form with it.
    async fn with_code(&mut self, who: &str) -> Result<Request<String>, Error> {
        self.ask(who).await?;
        self.harness.invoke(DELIVERY, &self.harness.next_delivery().await?).await?;
        let page = self.send(&self.get("/recover/code")?).await?;
        let reference = attribute(&page, "name=\"reference\" value=\"")?;
        let code = self.harness.code(who, &reference).await?;
        self.form("/recover/code", &[("code", &code), ("reference", &reference)])
    }
}

/// The value of an attribute, by what stands before it.
fn attribute(html: &str, before: &str) -> Result<String, Error> {
    let rest = html.split_once(before).map(|(_, rest)| rest);
    let value =
        rest.and_then(|rest| rest.split('"').next()).ok_or_else(|| format!("no {before} in {html}"))?;
    Ok(value.to_owned())
}

/// Every page and every form. What can't be repeated has so many events.
pub(crate) async fn make(harness: &Harness, once: usize) -> Result<Vec<Step>, Error> {
    let alice = "alice@example.com";
    let somebody = Browser::open(harness).await?;
    let first = somebody.get("/recover")?;
    let style = somebody.get(&style(harness).await?)?;
    let mut without_cookie = somebody.form("/language", &[("locale", "sv"), ("page", "recover")])?;
    without_cookie.headers_mut().remove("cookie");
    let request_form = somebody.form("/recover", &[("identifier", alice), ("channel", "email")])?;
    let sign_in = somebody.form("/sign-in", &[("identifier", alice), ("password", PASSWORD)])?;
    let link = somebody.form("/recover/link", &[("link_code", "AAAAABBBBBCCCCCDDDDDEEEEEF")])?;
    let nowhere = somebody.get("/no/such/page")?;

    let mut asking = Browser::open(harness).await?;
    asking.with_code(alice).await?;
    let code_page = asking.get("/recover/code")?;
    let page = asking.send(&code_page).await?;
    let reference = attribute(&page, "name=\"reference\" value=\"")?;
    let wrong = asking.form("/recover/code", &[("code", "000000"), ("reference", &reference)])?;
    let resend = asking.form("/recover/resend", &[("channel", "email")])?;

    let mut signed_in = Browser::open(harness).await?;
    signed_in.send(&sign_in).await?;
    let account = signed_in.get("/account")?;
    let page = signed_in.send(&account).await?;
    signed_in.csrf = attribute(&page, "name=\"csrf\" value=\"")?;
    let sign_out = signed_in.form("/sign-out", &[])?;

    let (mut rights, mut passwords) = (Vec::new(), Vec::new());
    let mut password_page = first.clone();
    for number in 0..once {
        // A new password makes the account's other codes worthless: each has an account of its own.
        let people =
            [format!("form-guesser-{number}@example.com"), format!("form-changer-{number}@example.com")];
        for email in &people {
            harness.add_account(email, None, PASSWORD).await?;
        }
        rights.push(event(&Browser::open(harness).await?.with_code(&people[0]).await?));
        let mut changer = Browser::open(harness).await?;
        let guess = changer.with_code(&people[1]).await?;
        changer.send(&guess).await?;
        password_page = changer.get("/recover/password")?;
        let twice = [("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)];
        passwords.push(event(&changer.form("/recover/password", &twice)?));
    }

    let again = |request: &Request<String>| vec![event(request)];
    Ok(vec![
        Step::new("pages", "first page", 200, again(&first)),
        Step::new("pages", "page of the code", 200, again(&code_page)),
        Step::new("pages", "page of the password", 200, again(&password_page)),
        Step::new("pages", "form without a cookie", 403, again(&without_cookie)),
        Step::new("pages", "style", 200, again(&style)),
        Step::new("request-code", "form", 303, again(&request_form)),
        Step::new("resend-code", "form", 303, again(&resend)),
        Step::new("verify-code", "form, wrong code", 422, again(&wrong)),
        Step::new("verify-code", "form, right code", 303, rights).slow(),
        Step::new("set-password", "form", 303, passwords).slow(),
        Step::new("set-password", "form, wrong link", 401, again(&link)),
        Step::new("sessions", "form to sign in", 303, again(&sign_in)).slow(),
        Step::new("sessions", "page of the account", 200, again(&account)),
        Step::new("sessions", "form to sign out", 303, again(&sign_out)),
        Step::new("meta", "no such page", 404, again(&nowhere)),
    ])
}

/// The path of the style.
async fn style(harness: &Harness) -> Result<String, Error> {
    let mut browser = Browser { harness, cookies: BTreeMap::new(), csrf: String::new() };
    let html = browser.send(&browser.get("/recover")?).await?;
    // The event has no stage in its path, or the reference is relative.
    let reference = attribute(&html, "rel=\"stylesheet\" href=\"")?;
    Ok(format!("/{}", reference.trim_start_matches(['.', '/'])))
}
