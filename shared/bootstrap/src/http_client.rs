//! The HTTP client under the AWS clients: HTTP/1.1, and trust in Amazon's root certificates alone.
//!
//! The SDK's own client speaks HTTP/2 too, which none of the services called here does, reads certificates as
//! PEM and looks for proxies. That is half a megabyte of every function and a part of every cold start.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as Tcp, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use regain_telemetry as telemetry;

/// Amazon Root CA 1 to 4 and Starfield Services Root CA - G2: what AWS endpoints' certificates chain to
/// (Amazon Trust Services' repository), one after the other. Loading the system's whole store would cost
/// milliseconds of every cold start. A test compares them with Mozilla's list.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.der");

/// A client for the SDK. Nothing is contacted yet.
///
/// # Errors
/// If the certificates can't be used, which a test rules out.
pub(crate) fn http_client(connect_timeout: Duration) -> Result<SharedHttpClient, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(AMAZON_ROOTS) {
        roots.add(CertificateDer::from(certificate))?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = Tcp::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    // Plain only where an endpoint variable says `http://`: the endpoints of regions are all `https://`.
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
    Ok(SharedHttpClient::new(Http1(SharedHttpConnector::new(Connector(client)))))
}

/// The certificates of a list: each begins with its own length (X.690, 8.1.3.5).
fn certificates(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [0x30, 0x82, high, low, ..] = *list else { return None };
        let length = 4 + usize::from(u16::from_be_bytes([high, low]));
        let (certificate, rest) = list.split_at_checked(length)?;
        list = rest;
        Some(certificate)
    })
}

/// One connector for all, whatever the settings: their connect timeout is the one above, and no read timeout
/// is set, because tries are timed as a whole.
#[derive(Debug)]
struct Http1(SharedHttpConnector);

impl HttpClient for Http1 {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

#[derive(Debug)]
struct Connector(Client<HttpsConnector<Tcp>, SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let span = telemetry::call(|| named(&request));
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let captured = capture_connection(&mut request);
        if let Some(connection) = request.extensions().get::<CaptureSmithyConnection>() {
            connection.set_connection_retriever(move || metadata(&captured));
        }
        let response = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let response = response.await;
            match &response {
                Ok(response) => span.record("status", response.status().as_u16()),
                Err(_) => span.record("fault", true),
            };
            // Whatever went wrong on the way may go well the next time: the SDK tries again within its bounds.
            let response = response.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The service that a request is signed for, and the operation, which stands where the service's protocol has it.
fn named(request: &HttpRequest) -> (&'static str, &str) {
    let headers = request.headers();
    // `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …`
    let (service, default) = match headers.get("authorization").and_then(|value| value.split('/').nth(3)) {
        Some("dynamodb") => ("DynamoDB", ""),
        // Its operations are paths, and one is called.
        Some("ses") => ("SES", "SendEmail"),
        Some("sns") => ("SNS", ""),
        _ => ("AWS", ""),
    };
    let target = headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let action = || {
        let body = std::str::from_utf8(request.body().bytes()?).ok()?;
        body.strip_prefix("Action=")?.split('&').next()
    };
    (service, target.or_else(action).unwrap_or(default))
}

/// With this the SDK closes a connection whose other end is in trouble.
fn metadata(captured: &CaptureConnection) -> Option<ConnectionMetadata> {
    captured.connection_metadata().as_ref()?;
    let captured = captured.clone();
    let poison = move || {
        if let Some(connection) = captured.connection_metadata().as_ref() {
            connection.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_are_amazons_in_mozillas_list() {
        let contains = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|w| w == needle);
        let roots: Vec<_> = certificates(AMAZON_ROOTS).collect();
        assert_eq!(roots.len(), 5);
        assert_eq!(roots.concat(), AMAZON_ROOTS, "nothing is left over");
        for root in roots {
            let known = webpki_roots::TLS_SERVER_ROOTS
                .iter()
                .find(|anchor| {
                    contains(root, &anchor.subject) && contains(root, &anchor.subject_public_key_info)
                })
                .expect("every root is in Mozilla's list");
            assert!(contains(&known.subject, b"Amazon") || contains(&known.subject, b"Starfield Services"));
        }
    }

    #[test]
    fn a_list_that_breaks_off_has_only_its_whole_certificates() {
        assert_eq!(certificates(&AMAZON_ROOTS[..AMAZON_ROOTS.len() - 1]).count(), 4);
        assert_eq!(certificates(&[0x30, 0x82]).count(), 0);
        assert_eq!(certificates(b"-----BEGIN").count(), 0);
    }

    #[test]
    fn the_client_loads_the_roots() {
        assert!(http_client(Duration::from_secs(1)).is_ok());
    }
}
