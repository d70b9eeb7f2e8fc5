//! The session that a request names, for the operations of a person who has signed in.

use axum::extract::FromRequestParts;
use http::request::Parts;
use regain_domain::SessionToken;
use regain_domain::usecase::sessions::SessionError;

use crate::extract::bearer;
use crate::problem::{Code, Problem};
use crate::schema::refusals;

/// The bearer token of a session, of the right form; nothing says yet that it is valid.
pub(crate) struct SessionBearer(pub(crate) SessionToken);

impl<S: Send + Sync> FromRequestParts<S> for SessionBearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        bearer(&parts.headers).and_then(SessionToken::parse).map(Self).ok_or_else(session_invalid)
    }
}

refusals!(SessionInvalid, InternalError, ServiceUnavailable);

/// The session doesn't count.
pub(crate) fn session_invalid() -> Problem {
    Problem::new(Code::SessionInvalid, "You are not signed in, or no longer. Sign in again.")
}

pub(crate) fn problem(error: SessionError) -> Problem {
    match error {
        SessionError::Invalid => session_invalid(),
        SessionError::Fault(fault) => fault.into(),
    }
}
