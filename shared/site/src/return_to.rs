//! Where an application wants a person back.

use regain_domain::Origin;

/// An address of an application, of an origin that configuration lists: at most [`MAX_LENGTH`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo {
    url: String,
    host: String,
}

/// The longest address, in bytes: it travels in a cookie.
pub(crate) const MAX_LENGTH: usize = 511;

impl ReturnTo {
    /// Reads an address; `None` unless it is a listed origin, alone or followed by path, query and fragment in
    /// characters that a URL has (RFC 3986): nothing that a browser reads otherwise (a user's name, a backslash, a
    /// control character) is among them.
    #[must_use]
    pub(crate) fn parse(text: &str, origins: &[Origin]) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        // One origin may be the beginning of another: of `https://a.example:8443`, `https://a.example` is.
        let (origin, rest) = origins.iter().find_map(|origin| {
            let rest = text.strip_prefix(origin.as_str())?;
            (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some((origin, rest))
        })?;
        let is_plain =
            rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b));
        is_plain.then(|| Self { url: text.to_owned(), host: origin.host().to_owned() })
    }

    /// The address.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// Its host, for a person to read.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_are_led_back_to() {
        let origins = ["https://app.example.co", "https://app.example.com", "https://shop.example:8443"]
            .map(|o| Origin::parse(o).unwrap());
        for good in [
            "https://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/cart?item=1&x=%20#top",
            "https://app.example.com?x=https://evil.example/",
            "https://shop.example:8443/a",
        ] {
            assert_eq!(ReturnTo::parse(good, &origins).unwrap().as_str(), good);
        }
        let long = format!("https://app.example.com/{}", "a".repeat(MAX_LENGTH));
        for wrong in [
            "",
            "/",
            "//app.example.com",
            "/\\evil.example",
            "http://app.example.com/",
            "HTTPS://APP.EXAMPLE.COM/",
            "https:app.example.com/",
            "https:/\\app.example.com",
            "https://app.example.com.evil.example/",
            "https://app.example.com@evil.example/",
            "https://app.example.com:443@evil.example/",
            "https://app.example.com:8443/",
            "https://app.example.com\\@evil.example/",
            "https://app.example.com/\\evil.example",
            "https://app.example.com/\r\nSet-Cookie: a=b",
            "https://app.example.com/\t",
            "https://app.example.com/ a",
            "https://app.example.com/\u{e5}",
            "https://shop.example/",
            "https://shop.example:84430/",
            "https://evil.example/https://app.example.com/",
            " https://app.example.com/",
            "javascript:alert(1)//https://app.example.com",
            "data:text/html,x",
            &long,
        ] {
            assert_eq!(ReturnTo::parse(wrong, &origins), None, "{wrong:?}");
        }
        assert_eq!(ReturnTo::parse("https://app.example.com", &[]), None);
    }
}
