//! Origins of sites.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The origin of a site (RFC 6454): scheme, host, and a port if it isn't the scheme's, in the one form in which browsers
/// send it. Two origins are the same if their texts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin: `https://` or `http://`, a host name or an IP address (of version 6 in brackets), perhaps a port.
    /// `None` for anything else: one with a user's name, a path or a slash at the end, or with an address or a port that
    /// isn't in its shortest form. Capitals become small letters, and the scheme's own port is dropped. A name in other
    /// letters than ASCII's has to be in its `xn--` form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://")?;
        let own_port = match scheme {
            "https" => "443",
            "http" => "80",
            _ => return None,
        };
        let (host, port) = split_port(authority);
        let is_origin = is_host(host) && port.is_none_or(is_port);
        is_origin.then(|| match port {
            Some(port) if port != own_port => Self(format!("{scheme}://{host}:{port}")),
            _ => Self(format!("{scheme}://{host}")),
        })
    }

    /// The origin, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without the port. An IPv6 address stands in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| split_port(authority).0)
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// Host and port. The colons of an IPv6 address stand within brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port != 0 && port.to_string() == text)
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| {
            address.parse::<Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address)
        }),
        None => is_name(host) || host.parse::<Ipv4Addr>().is_ok(),
    }
}

/// Whether a host is a name (RFC 1123, section 2.1). What begins its last label with a digit isn't: browsers read
/// `127.1` and `0x7f.0.0.1` as addresses.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253 && host.split('.').all(is_label) && !last.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_origin_is_read_in_its_one_form() {
        for (text, one_form, host) in [
            ("https://example.com", "https://example.com", "example.com"),
            ("https://Example.COM:8443", "https://example.com:8443", "example.com"),
            ("https://example.com:443", "https://example.com", "example.com"),
            ("http://[::1]:80", "http://[::1]", "[::1]"),
            ("HTTP://localhost:443", "http://localhost:443", "localhost"),
            ("https://localhost:80", "https://localhost:80", "localhost"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("https://a-1.2b.example", "https://a-1.2b.example", "a-1.2b.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]", "[2001:db8::1]"),
        ] {
            let origin = Origin::parse(text).unwrap();
            assert_eq!((origin.as_str(), origin.host()), (one_form, host));
            assert_eq!(origin.is_https(), one_form.starts_with("https:"));
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        let (label, name) = ("a".repeat(64), "a.".repeat(127));
        for authority in [
            "",
            "/",
            ":8443",
            "example.com/",
            "example.com/path",
            "example.com?query",
            "example.com#fragment",
            "example.com\\",
            "user@example.com",
            "user:secret@example.com",
            "example.com:",
            "example.com:0",
            "example.com:0443",
            "example.com:08443",
            "example.com:+8443",
            "example.com:65536",
            "example.com:8443:8443",
            "example.com.",
            ".example.com",
            "exa mple.com",
            "exa\tmple.com",
            "example.com\n",
            " example.com",
            "*.example.com",
            "example_.com",
            "-example.com",
            "example-.com",
            "bücher.example",
            "example.com,https://other.example",
            "127.1",
            "127.0.0.256",
            "127.0.0.01",
            "0x7f.0.0.1",
            "2130706433",
            "::1",
            "[::1",
            "::1]",
            "[]",
            "[::1]8080",
            "[0:0::1]",
            "[fe80::1%eth0]",
            "[example.com]",
            &label,
            &name,
        ] {
            assert_eq!(Origin::parse(&format!("https://{authority}")), None, "{authority:?}");
        }
        for text in [
            "",
            "null",
            "example.com",
            "//example.com",
            "https:example.com",
            "ftp://example.com",
            "javascript://a",
        ] {
            assert_eq!(Origin::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_again_as_the_same(text in "(?i)https?://([a-z0-9.-]{1,12}|\\[[0-9a-f:]{2,12}\\])(:[0-9]{1,5})?") {
            if let Some(origin) = Origin::parse(&text) {
                prop_assert_eq!(Origin::parse(origin.as_str()), Some(origin));
            }
        }
    }
}
