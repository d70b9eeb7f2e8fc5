//! The configuration about callers: trusted proxies and allowed origins.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;
use regain_domain::{Origin, SourceAddress};

use crate::settings::{SettingError, Settings};

/// The part of the configuration that is about callers.
#[derive(Clone, Debug, Default)]
pub struct ClientPolicy {
    /// The networks of proxies in front of the gateway. `X-Forwarded-For` counts only as far as they wrote it.
    trusted_proxies: Vec<IpNet>,
    /// The origins of pages that may call.
    pub cors_origins: Vec<HeaderValue>,
}

const PROXIES: &str = "REGAIN_TRUSTED_PROXIES";
const ORIGINS: &str = "REGAIN_CORS_ORIGINS";

impl ClientPolicy {
    /// Reads `REGAIN_TRUSTED_PROXIES` and `REGAIN_CORS_ORIGINS`, lists with commas; by default both are empty.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub(crate) fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        let network = |text: String| {
            text.parse().map_err(|_| {
                SettingError::Malformed(PROXIES, "must be networks such as 192.0.2.0/24, with commas between")
            })
        };
        let origin = |text: String| {
            let origin = Origin::parse(&text);
            origin.and_then(|origin| HeaderValue::try_from(origin.as_str()).ok()).ok_or(
                SettingError::Malformed(
                    ORIGINS,
                    "must be origins such as https://app.example.com, with commas between",
                ),
            )
        };
        Ok(Self {
            trusted_proxies: settings.list(PROXIES).into_iter().map(network).collect::<Result<_, _>>()?,
            cors_origins: settings.list(ORIGINS).into_iter().map(origin).collect::<Result<_, _>>()?,
        })
    }

    /// The address that limits count: the one that connected, or, if that is a trusted proxy's, the last
    /// one in `X-Forwarded-For` that isn't. What stands before it anybody may have written.
    pub(crate) fn source(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> SourceAddress {
        let Some(peer) = peer else { return SourceAddress::unknown() };
        let is_trusted = |address: &IpAddr| self.trusted_proxies.iter().any(|net| net.contains(address));
        let mut source = peer.to_canonical();
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        let mut forwarded = values.iter().flat_map(|value| value.split(',')).rev();
        while is_trusted(&source) {
            match forwarded.next().and_then(|text| text.trim().parse::<IpAddr>().ok()) {
                Some(address) => source = address.to_canonical(),
                None => break,
            }
        }
        SourceAddress::new(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(proxies: &str, origins: &str) -> Result<ClientPolicy, SettingError> {
        let variables = |name: &str| match name {
            "REGAIN_STAGE" => Some("test".to_owned()),
            PROXIES => Some(proxies.to_owned()),
            ORIGINS => Some(origins.to_owned()),
            _ => None,
        };
        ClientPolicy::read(&Settings::new(&variables)?)
    }

    fn source(proxies: &str, peer: &str, forwarded: &[&str]) -> SourceAddress {
        let headers = forwarded
            .iter()
            .map(|value| (http::header::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap()));
        web(proxies, "").unwrap().source(peer.parse().ok(), &headers.collect())
    }

    fn address(text: &str) -> SourceAddress {
        SourceAddress::new(text.parse().unwrap())
    }

    #[test]
    fn a_header_counts_only_as_far_as_trusted_proxies_wrote_it() {
        assert_eq!(source("", "192.0.2.1", &["203.0.113.9"]), address("192.0.2.1"));
        assert_eq!(source("198.51.100.0/24", "192.0.2.1", &["203.0.113.9"]), address("192.0.2.1"));
        let proxies = "192.0.2.0/24, 2001:db8:ffff::/48";
        assert_eq!(source(proxies, "192.0.2.1", &["203.0.113.9"]), address("203.0.113.9"));
        assert_eq!(
            source(proxies, "192.0.2.1", &["10.9.8.7, 203.0.113.9, 192.0.2.77"]),
            address("203.0.113.9")
        );
        assert_eq!(source(proxies, "192.0.2.1", &["10.9.8.7", "203.0.113.9"]), address("203.0.113.9"));
        assert_eq!(source(proxies, "2001:db8:ffff::1", &["2001:db8:1::5"]), address("2001:db8:1::"));
        // Nothing readable: the proxy itself is counted, never the client's word.
        assert_eq!(source(proxies, "192.0.2.1", &["nonsense"]), address("192.0.2.1"));
        assert_eq!(source(proxies, "192.0.2.1", &[]), address("192.0.2.1"));
        assert_eq!(source(proxies, "", &["203.0.113.9"]), SourceAddress::unknown());
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert!(web("10.0.0.0/8,", "https://a.example,http://localhost:3000").is_ok());
        for (proxies, origins, named) in [
            ("10.0.0.0", "", PROXIES),
            ("everyone", "", PROXIES),
            ("", "*", ORIGINS),
            ("", "https://a.example/", ORIGINS),
            ("", "https://*.example", ORIGINS),
            ("", "a.example", ORIGINS),
            ("", "https://user@a.example", ORIGINS),
            ("", "https://a.example,https://b.example:0", ORIGINS),
        ] {
            let error = web(proxies, origins).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}
