//! The one table of routes: which function answers which method and path.
//!
//! The local stack routes by it, `meta` derives `Allow` from it, and a test holds the SAM template
//! to it. A new endpoint starts here.

use http::Method;

/// One operation of the HTTP contract and the function that answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path as API Gateway writes it, with parameters in braces.
    pub path: &'static str,
    /// The name of the function's crate without the prefix, such as `request-code`.
    pub function: &'static str,
    /// The operation's id in the OpenAPI document, by which logs, metrics and traces name it too.
    pub operation: &'static str,
}

/// The function that answers whatever no route matches.
pub const FALLBACK_FUNCTION: &str = "meta";

/// What logs, metrics and traces call a request that no route matches.
pub const UNMATCHED: &str = "unmatched";

const fn route(
    method: &'static str,
    path: &'static str,
    function: &'static str,
    operation: &'static str,
) -> Route {
    Route { method, path, function, operation }
}

/// Every operation, in the order of the contract.
pub const ROUTES: &[Route] = &[
    route("POST", "/v1/challenges", "request-code", "requestCode"),
    route("POST", "/v1/challenges/{challenge_id}/resend", "resend-code", "resendCode"),
    route("POST", "/v1/challenges/{challenge_id}/verify", "verify-code", "verifyCode"),
    route("POST", "/v1/password", "set-password", "setPassword"),
    route("GET", "/v1/password-policy", "meta", "passwordPolicy"),
    route("POST", "/v1/sessions", "sessions", "signIn"),
    route("DELETE", "/v1/sessions", "sessions", "signOutEverywhere"),
    route("GET", "/v1/sessions/current", "sessions", "currentSession"),
    route("DELETE", "/v1/sessions/current", "sessions", "signOut"),
    route("GET", "/v1/health", "meta", "health"),
    route("GET", "/openapi.json", "meta", "openapi"),
    route("GET", "/.well-known/change-password", "meta", "changePassword"),
];

/// The operation that a request asks for, or [`UNMATCHED`].
#[must_use]
pub fn operation(method: &Method, path: &str) -> &'static str {
    let route = ROUTES.iter().find(|r| r.method == method.as_str() && path_matches(r.path, path));
    route.map_or(UNMATCHED, |route| route.operation)
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
    fn a_request_is_named_by_its_operation() {
        let verify = "/v1/challenges/abc/verify";
        assert_eq!(operation(&Method::POST, verify), "verifyCode");
        assert_eq!(operation(&Method::GET, verify), UNMATCHED);
        assert_eq!(operation(&Method::GET, "/"), UNMATCHED);
    }

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
