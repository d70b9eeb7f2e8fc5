//! Trouble: why there is no page. [`trouble_page`](crate::trouble_page) shows it.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use regain_domain::Fault;
use regain_http_api::{Code, Outcome, Problem};
use regain_locales::WordsError;

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A form of another site.
    Foreign,
    /// A form without the flow's cookie, or of a page of ours from before the cookie's value changed.
    NoCookie,
    /// A form that can't be read.
    Malformed(StatusCode),
    /// A problem of the API. The seconds are those to wait.
    Problem(Code, Option<u64>),
}

impl Trouble {
    /// A form with fields that are missing, unknown, or there twice.
    pub(crate) const MALFORMED: Self = Self::Malformed(StatusCode::BAD_REQUEST);

    pub(crate) const fn status(self) -> StatusCode {
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
    pub(crate) const fn keys(self) -> (&'static str, &'static str) {
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

/// [`trouble_page::show`](crate::trouble_page::show) makes the page.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.note(self.status().into_response());
        response.extensions_mut().insert(self);
        response
    }
}
