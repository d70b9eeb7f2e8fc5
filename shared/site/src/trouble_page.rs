//! Pages in the place of one that can't be, for problems of the API too.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use regain_http_api::Code;
use regain_http_api::pages::{PAGES, RECOVER};
use regain_http_api::routes::{ROUTES, path_matches};

use crate::frame::Frame;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::wait::wait;

/// Shows trouble as a page to whoever takes HTML, and where a page or a form is; not on the paths of the API. Around
/// every other layer.
pub async fn show(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = shown(Arc::clone(&site), request, next).await;
    site.headers.add_transport_security(response.headers_mut());
    response
}

async fn shown(site: Arc<Site>, request: Request, next: Next) -> Response {
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
        // A page that was open for too long begins again at itself: who wants to sign out isn't led to recovery.
        leads_to: if trouble == Trouble::NoCookie {
            &visit.place.page
        } else {
            RECOVER.path.trim_start_matches('/')
        },
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
    /// A path without its first slash.
    leads_to: &'a str,
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
    use crate::settings::PageSettings;
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
