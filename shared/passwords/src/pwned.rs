//! Passwords of known breaches, by the range API of Pwned Passwords
//! (<https://haveibeenpwned.com/API/v3#PwnedPasswords>).
//!
//! The service learns the first 20 of the 160 bits of the password's SHA-1, which a thousand or more
//! breached passwords share (k-anonymity), and answers with the rest of each of their hashes. Padding
//! hides from the network which range it was. SHA-1 is the API's choice; nothing relies on its strength.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use data_encoding::HEXUPPER;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use regain_domain::Password;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

/// The time for everything, from the look-up of the host's name to the last byte.
const TIME_BOX: Duration = Duration::from_secs(1);
/// The most bytes of an answer. A range has one to two thousand lines of about 40 bytes, padding included.
const MOST_BYTES: usize = 256 * 1024;
/// The characters of the hash that the service may see.
const PREFIX: usize = 5;
/// The API asks its callers to name themselves.
const USER_AGENT: &str = concat!("regain/", env!("CARGO_PKG_VERSION"));

type HttpClient = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// A client of the range API.
#[derive(Debug)]
pub struct PwnedPasswords {
    base: String,
    time_box: Duration,
    /// Made by the first question: certificates and connections cost nothing before.
    client: OnceLock<HttpClient>,
}

/// The address isn't one that the range API could have.
#[derive(Debug, thiserror::Error)]
#[error("not the http or https URL of a range API, such as https://api.pwnedpasswords.com")]
pub struct InvalidBaseUrl;

/// Why there is no answer. Names nothing of the question.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("no answer in time")]
    Late,
    #[error("the client could not be made")]
    Client,
    #[error("no connection, or it broke off")]
    Transport,
    #[error("the answer is too long or broke off")]
    Body,
    #[error("status {0}")]
    Status(StatusCode),
}

impl PwnedPasswords {
    /// A client of the API whose ranges are at `<base_url>/range/`. Nothing is contacted yet.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] for anything but an http or https URL without a query.
    pub fn new(base_url: &str) -> Result<Self, InvalidBaseUrl> {
        Self::with_time_box(base_url, TIME_BOX)
    }

    fn with_time_box(base_url: &str, time_box: Duration) -> Result<Self, InvalidBaseUrl> {
        let uri: Uri = base_url.parse().map_err(|_| InvalidBaseUrl)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_http || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
            return Err(InvalidBaseUrl);
        }
        let base = base_url.trim_end_matches('/').to_owned();
        Ok(Self { base, time_box, client: OnceLock::new() })
    }

    /// Whether a password is known from a breach; `false` if there is no answer within a second, because
    /// the service's failure must not keep anybody out.
    #[tracing::instrument(name = "pwned_passwords", skip_all)]
    pub async fn contains(&self, password: &Password) -> bool {
        let hash = Zeroizing::new(HEXUPPER.encode(&Sha1::digest(password.reveal())));
        let (prefix, suffix) = hash.split_at(PREFIX);
        let answer = tokio::time::timeout(self.time_box, self.range(prefix)).await;
        match answer.unwrap_or(Err(Unanswered::Late)) {
            Ok(range) => lists(&range, suffix),
            Err(reason) => {
                tracing::warn!(%reason, "a password was not compared with the breached ones");
                false
            }
        }
    }

    /// The lines of a range.
    async fn range(&self, prefix: &str) -> Result<Bytes, Unanswered> {
        let request = Request::get(format!("{}/range/{prefix}", self.base))
            .header("add-padding", "true")
            .header(header::USER_AGENT, USER_AGENT)
            .body(Empty::new())
            .map_err(|_| Unanswered::Client)?;
        let answer = self.client()?.request(request).await.map_err(|_| Unanswered::Transport)?;
        if answer.status() != StatusCode::OK {
            return Err(Unanswered::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|_| Unanswered::Body)
    }

    fn client(&self) -> Result<&HttpClient, Unanswered> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = http_client().map_err(|_| Unanswered::Client)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// A client that trusts Mozilla's root certificates, with ring like the rest of the program.
fn http_client() -> Result<HttpClient, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Plain http is for doubles of the service on the same machine.
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
    // Passwords are set so seldom that a connection kept open would be dead by the next one, or frozen
    // with the function.
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}

/// Whether the lines `<rest of the hash>:<count>` have this rest with a count. Padding has count 0.
fn lists(range: &[u8], suffix: &str) -> bool {
    range.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()).any(|line| {
        line.trim_end().split_once(':').is_some_and(|(rest, count)| {
            rest.eq_ignore_ascii_case(suffix) && count.parse().is_ok_and(|count: u64| count > 0)
        })
    })
}

#[cfg(test)]
mod tests;
