//! The inbox page: one file without outside resources, and the content security policy that holds it to that.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use http::header;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("inbox.html");

/// Only the page's own script, by its hash, and requests to this server.
///
/// The HTML of a mail is shown in a `srcdoc` frame, which inherits this policy; its `sandbox` forbids scripts,
/// forms and navigation besides. Mails come with styles of their own, so styles are not held to a hash: the page
/// itself never inserts markup, so there they could only come from this file. Images must be inside the mail,
/// which keeps a mail from calling home.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let script = PAGE
        .split_once("<script>")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map_or("", |(script, _)| script);
    let hash = BASE64.encode(&Sha256::digest(script));
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// `GET /`
pub(crate) async fn show() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_one_script_and_nothing_from_outside() {
        assert_eq!(PAGE.matches("<script").count(), 1);
        assert_eq!(PAGE.matches("<script>").count(), 1);
        for outside in ["http://", "https://", "@import", "url(", " src=", "<link"] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }

    #[test]
    fn the_page_inserts_text_only_and_shows_mails_without_permissions() {
        for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!PAGE.contains(sink), "{sink}");
        }
        assert!(PAGE.contains("sandbox=\"\""));
        assert!(!PAGE.contains("allow-"));
    }

    #[test]
    fn the_policy_names_the_script_by_hash() {
        let empty = BASE64.encode(&Sha256::digest(""));
        assert!(POLICY.contains("script-src 'sha256-"));
        assert!(!POLICY.contains(&empty));
    }
}
