//! The one table of routes: which function answers which method and path.
//!
//! The local stack routes by it, `meta` derives `Allow` from it, and a test holds the SAM template
//! to it. A new endpoint starts here.

/// One operation of the HTTP contract and the function that answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path as API Gateway writes it, with parameters in braces.
    pub path: &'static str,
    /// The name of the function's crate without the prefix, such as `request-code`.
    pub function: &'static str,
}

/// The function that answers whatever no route matches.
pub const FALLBACK_FUNCTION: &str = "meta";

const fn route(method: &'static str, path: &'static str, function: &'static str) -> Route {
    Route { method, path, function }
}

/// Every operation, in the order of the contract.
pub const ROUTES: &[Route] = &[
    route("POST", "/v1/challenges", "request-code"),
    route("POST", "/v1/challenges/{challenge_id}/resend", "resend-code"),
    route("POST", "/v1/challenges/{challenge_id}/verify", "verify-code"),
    route("POST", "/v1/password", "set-password"),
    route("GET", "/v1/password-policy", "meta"),
    route("POST", "/v1/sessions", "sessions"),
    route("DELETE", "/v1/sessions", "sessions"),
    route("GET", "/v1/sessions/current", "sessions"),
    route("DELETE", "/v1/sessions/current", "sessions"),
    route("GET", "/v1/health", "meta"),
    route("GET", "/openapi.json", "meta"),
    route("GET", "/.well-known/change-password", "meta"),
];

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
