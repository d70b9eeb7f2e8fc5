//! One operation's place in the contract.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

/// The place of an operation in the HTTP contract, and the function that answers it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path as API Gateway writes it, with parameters in braces.
    pub path: &'static str,
    /// The name of the function's crate without the prefix, such as `request-code`.
    pub function: &'static str,
    /// The operation's id in the OpenAPI document, by which logs, metrics and traces name it too.
    pub operation: &'static str,
    filter: MethodFilter,
}

impl Route {
    pub(crate) const fn get(path: &'static str, function: &'static str, operation: &'static str) -> Self {
        Self { method: "GET", path, function, operation, filter: MethodFilter::GET }
    }

    pub(crate) const fn post(path: &'static str, function: &'static str, operation: &'static str) -> Self {
        Self { method: "POST", path, function, operation, filter: MethodFilter::POST }
    }

    pub(crate) const fn delete(path: &'static str, function: &'static str, operation: &'static str) -> Self {
        Self { method: "DELETE", path, function, operation, filter: MethodFilter::DELETE }
    }

    /// A router with this route alone.
    pub fn to<H, T, S>(self, handler: H, state: S) -> Router
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        Router::new().route(self.path, on(self.filter, handler)).with_state(state)
    }
}

/// Whether a path template, such as `/v1/challenges/{challenge_id}/verify`, matches a path.
/// A parameter matches exactly one non-empty segment.
#[must_use]
pub fn path_matches(template: &str, path: &str) -> bool {
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(w), Some(g)) if w == g || (w.starts_with('{') && !g.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_matches_one_segment_only() {
        let template = "/v1/challenges/{challenge_id}/verify";
        assert!(path_matches(template, "/v1/challenges/abc/verify"));
        assert!(!path_matches(template, "/v1/challenges//verify"));
        assert!(!path_matches(template, "/v1/challenges/a/b/verify"));
        assert!(!path_matches(template, "/v1/challenges/abc/verify/"));
        assert!(!path_matches(template, "/v1/challenges/abc"));
    }
}
