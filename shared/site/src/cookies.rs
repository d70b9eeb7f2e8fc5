//! The pages' cookies: names, and how they are read and set.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// How long the flow lasts after its last page, and at most 1,800 s.
pub(crate) const FLOW_LIFETIME: Duration = Duration::from_mins(30);
/// How long a language stays chosen.
pub(crate) const LANGUAGE_LIFETIME: Duration = Duration::from_hours(365 * 24);

/// A cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// The place in the flow.
    Flow,
    /// The session's token.
    Session,
    /// The device's token.
    Device,
    /// The chosen language.
    Language,
}

/// The form of cookies, by the scheme of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieKind {
    /// Over TLS: the prefix keeps other hosts of the domain, and pages without TLS, from setting them (RFC 6265bis,
    /// section 4.1.3).
    Host,
    /// Without TLS, which is the local stack.
    Plain,
}

impl CookieKind {
    fn name(self, name: Name) -> &'static str {
        match (self, name) {
            (Self::Host, Name::Flow) => "__Host-regain-flow",
            (Self::Host, Name::Session) => "__Host-regain-session",
            (Self::Host, Name::Device) => "__Host-regain-device",
            (Self::Host, Name::Language) => "__Host-regain-locale",
            (Self::Plain, Name::Flow) => "regain-flow",
            (Self::Plain, Name::Session) => "regain-session",
            (Self::Plain, Name::Device) => "regain-device",
            (Self::Plain, Name::Language) => "regain-locale",
        }
    }

    /// The value of a cookie, if the browser sends exactly one of this name: a second one is somebody else's.
    pub(crate) fn read(self, name: Name, headers: &HeaderMap) -> Option<String> {
        // By bytes, as browsers do: a library that trims white space of Unicode takes a cookie that another host has
        // set for one with our prefix, which that host can't set. One in whatever bytes hides none of ours.
        let parts =
            headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|b| *b == b';'));
        let mut values = parts.filter_map(|part| {
            let equals = part.iter().position(|b| *b == b'=')?;
            let (name_sent, value) = (trimmed(&part[..equals]), trimmed(&part[equals + 1..]));
            (name_sent == self.name(name).as_bytes()).then_some(value)
        });
        match (values.next(), values.next()) {
            (Some(value), None) => String::from_utf8(value.to_vec()).ok(),
            _ => None,
        }
    }

    /// The header that sets a cookie; a lifetime of zero removes it. `None` if the value has characters that no
    /// cookie has.
    pub(crate) fn set(self, name: Name, value: &str, lifetime: Duration) -> Option<HeaderValue> {
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let cookie = Cookie::build((self.name(name), value))
            .path("/")
            .max_age(cookie::time::Duration::seconds(seconds))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self == Self::Host);
        HeaderValue::try_from(cookie.to_string()).ok()
    }
}

/// Without space and tabs around it (RFC 6265bis, section 5.7).
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_the_hosts_alone_over_tls() {
        let set = |kind: CookieKind| kind.set(Name::Flow, "abc", FLOW_LIFETIME).unwrap();
        assert_eq!(
            set(CookieKind::Host),
            "__Host-regain-flow=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=1800"
        );
        assert_eq!(set(CookieKind::Plain), "regain-flow=abc; HttpOnly; SameSite=Lax; Path=/; Max-Age=1800");
    }

    #[test]
    fn a_cookie_that_comes_twice_or_under_the_other_name_is_none() {
        let read = |kind: CookieKind, values: &[&str]| {
            let value = |value: &&str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
            let headers = values.iter().map(|text| (header::COOKIE, value(text)));
            kind.read(Name::Session, &headers.collect())
        };
        let host = CookieKind::Host;
        assert_eq!(read(host, &["a=b; __Host-regain-session=x; c"]).as_deref(), Some("x"));
        assert_eq!(read(host, &["a=b", "__Host-regain-session=x"]).as_deref(), Some("x"));
        assert_eq!(read(host, &["__Host-regain-session=x; __Host-regain-session=y"]), None);
        assert_eq!(read(host, &["__Host-regain-session=x", "__Host-regain-session=x"]), None);
        assert_eq!(read(host, &["regain-session=x"]), None);
        assert_eq!(read(CookieKind::Plain, &["__Host-regain-session=x"]), None);
        assert_eq!(read(host, &[]), None);
        // Names that another host of the domain can set, and that only look like ours.
        for look_alike in ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}", "\u{feff}", "\u{b}", "\u{c}"] {
            for sent in [
                format!("{look_alike}__Host-regain-session=x"),
                format!("__Host-regain-session{look_alike}=x"),
            ] {
                let headers = HeaderMap::from_iter(
                    HeaderValue::from_bytes(sent.as_bytes()).map(|value| (header::COOKIE, value)),
                );
                assert_eq!(host.read(Name::Session, &headers), None, "{sent:?}");
            }
        }
        assert_eq!(read(host, &["\t__Host-regain-session = x "]).as_deref(), Some("x"));
        // Other people's are passed over.
        assert_eq!(read(host, &["a=\u{e5}; __Host-regain-session=x; =; ;b"]).as_deref(), Some("x"));
    }
}
