//! The one table of routes, and a file for each operation: its route, request, answer, handler, OpenAPI description
//! and problems.
//!
//! The local stack routes by the table, `meta` derives `Allow` from it, and a test holds the SAM template to it. A new
//! endpoint is a file here, and its name in the table.

pub mod change_password;
pub mod current_session;
pub mod health;
pub mod openapi;
pub mod password_policy;
pub mod request_code;
pub mod resend_code;
pub mod set_password;
pub mod sign_in;
pub mod sign_out;
pub mod sign_out_everywhere;
pub mod verify_code;

use http::Method;
use utoipa::OpenApi;

use crate::pages::PAGES;
pub use crate::route::{Route, path_matches};

macro_rules! operations {
    ($($operation:ident),+ $(,)?) => {
        /// Every operation, in the order of the contract.
        pub const ROUTES: &[Route] = &[$($operation::ROUTE),+];

        /// The descriptions of the operations. Functions never make them.
        #[derive(OpenApi)]
        #[openapi(paths($($operation::handle),+))]
        pub(crate) struct Descriptions;
    };
}

operations! {
    request_code,
    resend_code,
    verify_code,
    set_password,
    password_policy,
    sign_in,
    sign_out_everywhere,
    current_session,
    sign_out,
    health,
    openapi,
    change_password,
}

/// The function that answers whatever no route matches.
pub const FALLBACK_FUNCTION: &str = "meta";

/// The name of a request that no route matches, in logs, metrics and traces.
pub const UNMATCHED: &str = "unmatched";

/// Every route of the gateway: the API's and the pages'.
pub fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(PAGES)
}

/// The operation that a request asks for, or [`UNMATCHED`].
#[must_use]
pub fn operation(method: &Method, path: &str) -> &'static str {
    let route = all().find(|r| r.method == method.as_str() && path_matches(r.path, path));
    route.map_or(UNMATCHED, |route| route.operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_named_by_its_operation() {
        let verify = "/v1/challenges/abc/verify";
        assert_eq!(operation(&Method::POST, verify), "verifyCode");
        assert_eq!(operation(&Method::GET, verify), UNMATCHED);
        assert_eq!(operation(&Method::GET, "/recover/code"), "codePage");
        assert_eq!(operation(&Method::GET, "/nothing"), UNMATCHED);
    }
}
