//! Trouble: pages in the place of one that can't be, for problems of the API too.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use regain_domain::Fault;
use regain_http_api::pages::PAGES;
use regain_http_api::routes::{ROUTES, path_matches};
use regain_http_api::{Code, Outcome, Problem};
use regain_locales::WordsError;

use crate::frame::Frame;
use crate::site::Site;
use crate::visit::Visit;
use crate::wait::wait;

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A form of another site.
    Foreign,
    /// A form without the flow's cookie.
    NoCookie,
    /// A form that can't be read.
    Malformed(StatusCode),
    /// A problem of the API. The seconds are those to wait.
    Problem(Code, Option<u64>),
}

impl Trouble {
    /// A form with fields that are missing, unknown, or there twice.
    pub(crate) const MALFORMED: Self = Self::Malformed(StatusCode::BAD_REQUEST);

    const fn status(self) -> StatusCode {
        match self {
            Self::Foreign | Self::NoCookie => StatusCode::FORBIDDEN,
            Self::Malformed(status) => status,
            Self::Problem(code, _) => code.status(),
        }
    }

    /// The word for it in logs and metrics.
    const fn outcome(self) -> &'static str {
        match self {
            Self::Foreign => "form_foreign",
            Self::NoCookie => "form_without_cookie",
            Self::Malformed(_) => "form_malformed",
            Self::Problem(code, _) => code.as_str(),
        }
    }

    /// A page that shows the trouble itself, with what belongs to it.
    pub(crate) fn note(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Self::Problem(_, Some(seconds)) = self {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 15.5.2, requires it, and browsers ask nobody anything for this scheme.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Outcome(self.outcome()));
        response
    }

    /// The keys of the page's title and text.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Foreign => ("foreign-title", "foreign-text"),
            Self::NoCookie => ("cookie-title", "cookie-text"),
            Self::Malformed(_) => ("form-title", "form-text"),
            Self::Problem(code, _) => match code {
                Code::ChallengeUsed => ("used-title", "used-text"),
                Code::ChallengeExpired | Code::ChallengeNotFound => ("expired-title", "expired-text"),
                Code::AttemptsExhausted => ("exhausted-title", "exhausted-text"),
                Code::VerificationTokenInvalid => ("token-title", "token-text"),
                Code::NotFound | Code::MethodNotAllowed => ("not-found-title", "not-found-text"),
                Code::ServiceUnavailable => ("unavailable-title", "unavailable-text"),
                Code::RateLimited
                | Code::CallerRateLimited
                | Code::ResendTooSoon
                | Code::ResendLimitReached => ("limited-title", "limited-text"),
                Code::InternalError => ("fault-title", "fault-text"),
                // Forms have fields for these, with their own words.
                _ => ("form-title", "form-text"),
            },
        }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem.code(), problem.retry_after_seconds())
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Problem::from(fault).into()
    }
}

/// A test holds that no catalogue lacks a word, and every page is rendered by one.
impl From<WordsError> for Trouble {
    fn from(error: WordsError) -> Self {
        Fault::internal(error.to_string()).into()
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Fault::internal(error.to_string()).into()
    }
}

/// [`show`] makes the page.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.note(self.status().into_response());
        response.extensions_mut().insert(self);
        response
    }
}

/// Shows trouble as a page to whoever takes HTML, and where a page or a form is; not on the paths of the API. Around
/// every other layer.
pub async fn show(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visitor = wants_page(&parts).then(|| visitor(&parts));
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(visitor) = visitor else { return response };
    let trouble = response.extensions().get::<Trouble>().copied().or_else(|| {
        let problem = response.extensions().get::<Code>().copied()?;
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        Some(Trouble::Problem(problem, seconds))
    });
    let Some(trouble) = trouble else { return response };
    let is_get = visitor.method == Method::GET;
    let page =
        Visit::new(site, &visitor).map_err(Trouble::from).and_then(|visit| page(trouble, visit, is_get));
    let Ok(page) = page else { return response };
    // The page in the problem's place; what the layers below have said of it stays.
    let (mut parts, _) = response.into_parts();
    let (page, body) = page.into_parts();
    parts.headers.extend(page.headers);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

/// What a visit is read from.
fn visitor(parts: &Parts) -> Parts {
    let mut request = http::Request::new(());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    let kept = [header::COOKIE, header::ACCEPT_LANGUAGE];
    let headers =
        kept.iter().flat_map(|name| parts.headers.get_all(name).iter().map(|v| (name.clone(), v.clone())));
    *request.headers_mut() = headers.collect();
    let (mut visitor, ()) = request.into_parts();
    visitor.extensions = parts.extensions.clone();
    visitor
}

fn wants_page(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let is_of_the_api = ROUTES.iter().any(|route| path_matches(route.path, path));
    // What is a page otherwise, is one in trouble too, whatever the browser says that it takes.
    let is_page = || PAGES.iter().any(|route| route.method == parts.method.as_str() && route.path == path);
    !is_of_the_api && (accepts_html(&parts.headers) || is_page())
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let media_type = range.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("text/html")
    })
}

fn page(trouble: Trouble, mut visit: Visit, is_get: bool) -> Result<Response, Trouble> {
    let (title, text) = trouble.keys();
    let seconds = if let Trouble::Problem(_, seconds) = trouble { seconds } else { None };
    let words = visit.words();
    let text = match (text, seconds) {
        ("unavailable-text" | "limited-text", seconds) => {
            words.prose(text, &[("wait", wait(&words, seconds.unwrap_or(1))?.into())])?
        }
        _ => words.get(text, &[])?,
    };
    // A page of another site must not make a browser forget where it was: with its form comes no cookie of ours, so
    // that an answer to it begins no flow.
    let keeps_flow = trouble != Trouble::Foreign && (visit.has_cookie || is_get);
    if !keeps_flow {
        visit.leave_flow();
    }
    if let Trouble::Problem(code, _) = trouble
        && (matches!(code.status(), StatusCode::GONE | StatusCode::UNAUTHORIZED)
            || code == Code::ChallengeNotFound)
    {
        visit.flow.start_again();
    }
    let is_nowhere = matches!(trouble, Trouble::Problem(Code::NotFound | Code::MethodNotAllowed, _));
    let html = TroublePage {
        frame: Frame::new(&visit, title, Vec::new())?,
        text,
        way_on: if is_nowhere { "recover-title" } else { "page-start-again" },
        can_sign_in: is_nowhere || matches!(trouble, Trouble::Problem(Code::VerificationTokenInvalid, _)),
        has_languages: keeps_flow,
    };
    let html = html.render()?;
    Ok(visit.page(trouble.status(), html))
}

/// A page in the place of one that can't be.
#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    frame: Frame<'a>,
    text: String,
    way_on: &'static str,
    can_sign_in: bool,
    /// Not on a page that leaves the flow's cookie alone: the form to choose one needs it.
    has_languages: bool,
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use regain_domain::PasswordPolicy;
    use regain_domain::usecase::request_code::PostalCodeCheck;
    use tower::ServiceExt as _;

    use super::*;
    use crate::routes::pages;
    use crate::site::PageSettings;
    use crate::testing::{broken_site, site};

    async fn open(site: Arc<Site>, path: &str) -> (StatusCode, HeaderMap, usize) {
        let password = PasswordPolicy { min_length: 15, max_length: 256 };
        let settings = PageSettings { postal_code_check: PostalCodeCheck::Off, password, inbox: None };
        let app = pages(&site, settings).layer(from_fn_with_state(site, show));
        let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
        let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, to_bytes(body, usize::MAX).await.unwrap().len())
    }

    #[tokio::test]
    async fn what_can_not_be_rendered_is_our_fault_and_shows_and_sets_nothing() {
        for path in ["/recover", "/recover/code", "/recover/link", "/sign-in", "/"] {
            assert!(open(site(), path).await.0.as_u16() < 400, "{path}");
            let (status, headers, length) = open(broken_site(), path).await;
            assert_eq!((status, length), (StatusCode::INTERNAL_SERVER_ERROR, 0), "{path}");
            assert!(!headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::LOCATION));
        }
    }
}
