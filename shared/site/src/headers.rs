//! The headers of every page.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use regain_domain::Origin;

/// The headers that keep a page to itself. Strict Content Security Policy: nothing inline, nothing from elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct SecurityHeaders {
    policy: HeaderValue,
    is_https: bool,
}

/// Everything that a page never uses. Codes from text messages are for this site.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                           hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), \
                           otp-credentials=(self)";

impl SecurityHeaders {
    /// The headers for a site whose forms may lead on to some origins: browsers hold a form's redirects to
    /// `form-action` too.
    pub(crate) fn new(origin: &Origin, return_origins: &[Origin]) -> Self {
        let forms: Vec<_> = return_origins.iter().map(|origin| format!(" {}", origin.as_str())).collect();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
             form-action 'self'{}; frame-ancestors 'none'",
            forms.concat()
        );
        // An origin has no characters that headers lack, so the fallback, which allows nothing, is never used.
        let policy = HeaderValue::try_from(policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
        Self { policy, is_https: origin.is_https() }
    }

    /// Adds them.
    pub(crate) fn add(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        let fixed = [
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (HeaderName::from_static("x-robots-tag"), "noindex"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        self.add_transport_security(headers);
    }

    /// Adds what every answer has, the API's too: browsers keep to TLS (RFC 6797). Not on the local stack, which has none.
    pub(crate) fn add_transport_security(&self, headers: &mut HeaderMap) {
        if self.is_https {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
    }
}
