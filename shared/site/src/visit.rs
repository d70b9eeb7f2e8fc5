//! A visit: what a request tells of a person's place, and the answer to it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use regain_domain::{Fault, Locale, SessionToken, Timestamp};
use regain_http_api::pages::{ACCOUNT, CHANGE_PASSWORD, PAGES, RECOVER, SIGN_IN};
use regain_http_api::{Outcome, Problem, UrlPath};
use regain_locales::{Catalogue, FluentValue, WordsError};

use crate::accept_language;
use crate::cookies::{FLOW_LIFETIME, Name};
use crate::flow::Flow;
use crate::return_to::ReturnTo;
use crate::site::Site;
use crate::state::SharedSite;
use crate::trouble::Trouble;
use crate::wait::wait;

/// The query parameter by which an application says where it wants a person back.
const RETURN_TO: &str = "return_to";

/// A request of a browser. Every answer to it is made of this.
pub(crate) struct Visit {
    pub(crate) site: Arc<Site>,
    /// The one reading of the clock.
    pub(crate) now: Timestamp,
    pub(crate) flow: Flow,
    /// Whether the browser has sent the flow's cookie.
    pub(crate) has_cookie: bool,
    pub(crate) place: Place,
    locales: Vec<Locale>,
    /// The browser's cookies, and no other header.
    cookies: HeaderMap,
    set_cookies: Vec<HeaderValue>,
    /// Whether the answer keeps the flow.
    keeps_flow: bool,
}

/// Where a page is.
pub(crate) struct Place {
    /// What a path of the contract without its first slash follows to make a reference: `/` where the gateway serves
    /// them at the root, else as many steps up as the page is deep. So pages work below any path.
    pub(crate) base: String,
    /// The page's own path without its first slash, for the language's form.
    pub(crate) page: String,
}

impl Place {
    /// `seen` is the path in the browser's address, where the gateway tells it.
    fn of(path: &str, seen: Option<&str>) -> Self {
        let depth = path.matches('/').count();
        let base = match seen {
            Some(seen) if seen == path => "/".to_owned(),
            _ if depth < 2 => "./".to_owned(),
            _ => "../".repeat(depth - 1),
        };
        let is_page = PAGES.iter().any(|route| route.method == "GET" && route.path == path);
        let page = if is_page { path } else { "/recover" };
        Self { base, page: page.trim_start_matches('/').to_owned() }
    }
}

impl<S> FromRequestParts<S> for Visit
where
    S: Send + Sync,
    SharedSite: FromRef<S>,
{
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let SharedSite(site) = SharedSite::from_ref(state);
        Ok(Self::new(site, parts)?)
    }
}

impl Visit {
    pub(crate) fn new(site: Arc<Site>, parts: &Parts) -> Result<Self, Fault> {
        let now = site.now();
        let kind = site.cookie_kind();
        let sent = parts.headers.get_all(header::COOKIE).iter();
        let cookies: HeaderMap = sent.map(|value| (header::COOKIE, value.clone())).collect();
        let flow = kind.read(Name::Flow, &cookies).and_then(|text| Flow::read(&text, &site, now));
        let has_cookie = flow.is_some();
        let mut flow = flow.map_or_else(|| Flow::new(&site), Ok)?;
        // Where an application leads people to, and nowhere else.
        let is_entrance =
            [RECOVER.path, SIGN_IN.path, CHANGE_PASSWORD.path, ACCOUNT.path].contains(&parts.uri.path());
        let query = parts.uri.query().filter(|_| is_entrance && parts.method == Method::GET);
        let asked = query.and_then(|query| asked_return(query, &site));
        flow.return_to = asked.or(flow.return_to);
        let chosen = kind.read(Name::Language, &cookies).and_then(|tag| site.language(&tag));
        let wanted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let wanted = || wanted.map(accept_language::parse).unwrap_or_default();
        let locales = chosen.map_or_else(wanted, |locale| vec![locale]);
        let seen = parts.extensions.get::<UrlPath>().map(|UrlPath(path)| path.as_str());
        let place = Place::of(parts.uri.path(), seen);
        Ok(Self {
            site,
            now,
            flow,
            has_cookie,
            place,
            locales,
            cookies,
            set_cookies: Vec::new(),
            keeps_flow: true,
        })
    }

    /// The words in the person's language.
    pub(crate) fn words(&self) -> Catalogue<'_> {
        self.site.words(&self.locales)
    }

    /// The text of a key. Where people read from right to left, what is put into it keeps its own direction.
    pub(crate) fn say(
        &self,
        key: &'static str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<String, WordsError> {
        self.words().prose(key, arguments)
    }

    /// How long a problem asks to wait, in words.
    pub(crate) fn wait(&self, problem: &Problem) -> Result<String, WordsError> {
        wait(&self.words(), problem.retry_after_seconds().unwrap_or(1))
    }

    /// The language of the pages, for messages to the same person.
    pub(crate) fn locale(&self) -> Option<Locale> {
        Locale::parse(self.words().language())
    }

    /// A cookie of the browser.
    pub(crate) fn cookie(&self, name: Name) -> Option<String> {
        self.site.cookie_kind().read(name, &self.cookies)
    }

    /// The session that the browser has a token of; nothing says yet that it is valid.
    pub(crate) fn session(&self) -> Option<SessionToken> {
        self.cookie(Name::Session).and_then(|text| SessionToken::parse(&text))
    }

    /// Sets a cookie with the answer; one that lasts no time is removed.
    pub(crate) fn set_cookie(&mut self, name: Name, value: &str, lifetime: Duration) {
        self.set_cookies.extend(self.site.cookie_kind().set(name, value, lifetime));
    }

    /// Removes a cookie, if the browser has it.
    pub(crate) fn remove_cookie(&mut self, name: Name) {
        if self.cookie(name).is_some() {
            self.set_cookie(name, "", Duration::ZERO);
        }
    }

    /// Leaves the flow's cookie as it is.
    pub(crate) fn leave_flow(&mut self) {
        self.keeps_flow = false;
    }

    /// A page, with the flow's cookie.
    pub(crate) fn page(mut self, status: StatusCode, html: String) -> Response {
        let html_type = HeaderValue::from_static("text/html; charset=utf-8");
        let mut response = (status, [(header::CONTENT_TYPE, html_type)], html).into_response();
        self.finish(response.headers_mut());
        if status.is_client_error() {
            // A form with something to be mended. A problem has a word of its own, and is noted after.
            response.extensions_mut().insert(Outcome("form_incomplete"));
        }
        response
    }

    /// Leads on to a path of the contract, with 303 or 302: the browser asks for it by `GET`.
    pub(crate) fn lead(self, status: StatusCode, path: &str) -> Response {
        let location = format!("{}{}", self.place.base, path.trim_start_matches('/'));
        self.lead_away(status, &location)
    }

    /// Leads to any address.
    pub(crate) fn lead_away(mut self, status: StatusCode, location: &str) -> Response {
        let Ok(location) = HeaderValue::try_from(location) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (status, [(header::LOCATION, location)]).into_response();
        self.finish(response.headers_mut());
        response
    }

    fn finish(&mut self, headers: &mut HeaderMap) {
        if self.keeps_flow {
            let flow = self.flow.write();
            self.set_cookie(Name::Flow, &flow, FLOW_LIFETIME);
        }
        for cookie in self.set_cookies.drain(..) {
            headers.append(header::SET_COOKIE, cookie);
        }
        self.site.headers.add(headers);
    }
}

/// The place that a query names, if it is one that pages may lead back to.
fn asked_return(query: &str, site: &Site) -> Option<ReturnTo> {
    let mut asked = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == RETURN_TO);
    match (asked.next(), asked.next()) {
        (Some((_, place)), None) => site.return_to(&place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_work_below_any_path() {
        let base = |path, seen| Place::of(path, seen).base;
        assert_eq!(base("/recover/code", Some("/recover/code")), "/");
        assert_eq!(base("/recover/code", Some("/prod/recover/code")), "../");
        assert_eq!(base("/recover/code", None), "../");
        assert_eq!(base("/recover", Some("/prod/recover")), "./");
        assert_eq!(base("/", None), "./");
        assert_eq!(base("/a/b/c/", None), "../../../");
        assert_eq!(Place::of("/recover/code", None).page, "recover/code");
        assert_eq!(Place::of("/", None).page, "");
        assert_eq!(Place::of("/nothing", None).page, "recover");
    }
}
