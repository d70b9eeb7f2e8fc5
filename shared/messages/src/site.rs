//! The site that messages name: from configuration, never from a request.

use regain_domain::LinkToken;

/// A site.
pub(crate) struct Site {
    origin: String,
    host: String,
}

impl Site {
    /// From an origin such as `https://example.com` or `http://127.0.0.1:8080`; `None` if it isn't one.
    pub(crate) fn new(origin: &str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        // The colons of an IPv6 address stand within brackets.
        let port = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
        let host = &authority[..port.unwrap_or(authority.len())];
        let is_origin = !scheme.is_empty()
            && !host.is_empty()
            && authority.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
        is_origin.then(|| Self { origin: origin.to_owned(), host: host.to_owned() })
    }

    /// The origin, without a slash at its end.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin's host, without a port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The page that takes a token for a new password. The token is the fragment: a browser keeps it from
    /// servers and their logs, and a scanner that follows the link changes nothing.
    pub(crate) fn recovery_link(&self, token: &LinkToken) -> String {
        format!("{}/recover#token={}", self.origin, *token.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn the_host_is_the_origins_without_the_port() {
        for (origin, host) in [
            ("https://example.com", "example.com"),
            ("https://example.com:8443", "example.com"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]:8080", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(Site::new(origin).unwrap().host(), host);
        }
        for wrong in ["", "example.com", "https://", "https://:80", "https://example.com/", "https://a b"] {
            assert!(Site::new(wrong).is_none(), "{wrong}");
        }
    }
}
