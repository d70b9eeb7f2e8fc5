//! The client against a double of the service.

use std::sync::Mutex;

use axum::Router;
use axum::extract::Request as Received;
use tokio::net::TcpListener;

use super::*;

/// SHA-1 of `password`: 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8.
const HIT: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:9659365";
/// SHA-1 of the two bytes of `é` in NFC, as coreutils' sha1sum has it.
const E_ACUTE: &str = "BF15BE717AC1B080B4F1C456692825891FF5073D";
const OTHER: &str = "003D68EB55068C33ACE09247EE4C639306B:3";

/// Serves one handler for every path and refunds its address.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn answering(status: StatusCode, body: impl Into<String>) -> PwnedPasswords {
    let body = body.into();
    let router = Router::new().fallback(move || std::future::ready((status, body.clone())));
    PwnedPasswords::new(&serve(router).await).unwrap()
}

async fn contains(pwned: &PwnedPasswords, password: &str) -> bool {
    pwned.contains(&Password::new(password)).await
}

#[tokio::test]
async fn breached_passwords_are_found_and_others_not() {
    let pwned = answering(StatusCode::OK, format!("{OTHER}\r\n{HIT}\r\n")).await;
    assert!(contains(&pwned, "password").await);
    assert!(!contains(&pwned, "Password").await);
    let pwned = answering(StatusCode::OK, OTHER).await;
    assert!(!contains(&pwned, "password").await);
    let pwned = answering(StatusCode::OK, HIT.to_ascii_lowercase()).await;
    assert!(contains(&pwned, "password").await);
}

#[tokio::test]
async fn padding_and_malformed_lines_are_ignored() {
    let (rest, _) = HIT.split_once(':').unwrap();
    for body in [
        format!("{OTHER}\r\n{rest}:0\r\n"),
        rest.to_owned(),
        format!("{rest}:many"),
        format!("{rest}:-1"),
        format!("{HIT}:1"),
        format!("X{HIT}"),
        String::new(),
    ] {
        assert!(!contains(&answering(StatusCode::OK, body.clone()).await, "password").await, "{body}");
    }
}

#[tokio::test]
async fn the_hash_is_of_the_nfc_form() {
    let pwned = answering(StatusCode::OK, format!("{}:1", &E_ACUTE[PREFIX..])).await;
    assert!(contains(&pwned, "e\u{301}").await);
}

#[tokio::test]
async fn only_five_characters_leave_and_padding_is_asked_for() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let router = Router::new().fallback(move |request: Received| {
        let (parts, _) = request.into_parts();
        log.lock().unwrap().push(parts);
        std::future::ready(HIT)
    });
    // A path and slashes of the base are kept in order.
    let pwned = PwnedPasswords::new(&format!("{}/double/", serve(router).await)).unwrap();
    assert!(contains(&pwned, "password").await);
    let seen = seen.lock().unwrap();
    let [parts] = seen.as_slice() else { panic!("{} requests", seen.len()) };
    assert_eq!((parts.method.as_str(), parts.uri.to_string().as_str()), ("GET", "/double/range/5BAA6"));
    assert_eq!(parts.headers["add-padding"], "true");
    assert_eq!(parts.headers[header::USER_AGENT], USER_AGENT);
    let mut names: Vec<_> = parts.headers.keys().map(header::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["add-padding", "host", "user-agent"]);
}

#[tokio::test]
async fn failures_of_the_service_are_a_no() {
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS, StatusCode::FOUND] {
        assert!(!contains(&answering(status, HIT).await, "password").await);
    }
    let long = format!("{HIT}\n{}", "x".repeat(MOST_BYTES));
    assert!(!contains(&answering(StatusCode::OK, long).await, "password").await);
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    assert!(!contains(&PwnedPasswords::new(&nobody).unwrap(), "password").await);
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up() {
    let silent = Router::new().fallback(std::future::pending::<&'static str>);
    let stalled = Router::new().fallback(|| {
        let first = std::future::ready(Ok::<_, std::io::Error>(Bytes::from(HIT)));
        let body = futures_util::stream::once(first);
        let rest = futures_util::stream::pending();
        std::future::ready(axum::body::Body::from_stream(futures_util::StreamExt::chain(body, rest)))
    });
    for router in [silent, stalled] {
        let short = Duration::from_millis(50);
        let pwned = PwnedPasswords::with_time_box(&serve(router).await, short).unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(5), contains(&pwned, "password")).await;
        assert_eq!(answer, Ok(false));
    }
}

#[test]
fn a_client_costs_nothing_until_it_is_asked() {
    let pwned = PwnedPasswords::new("https://api.pwnedpasswords.com").unwrap();
    assert!(pwned.client.get().is_none());
    assert!(pwned.client().is_ok() && pwned.client.get().is_some());
}

#[tokio::test]
async fn https_is_verified() {
    // A server that speaks plain HTTP can't pass for one with a certificate.
    let base = serve(Router::new().fallback(|| std::future::ready(HIT))).await;
    let pwned = PwnedPasswords::new(&base.replace("http://", "https://")).unwrap();
    assert!(!contains(&pwned, "password").await);
}

#[test]
fn addresses_are_checked_at_start() {
    for wrong in ["", "api.pwnedpasswords.com", "/range", "ftp://a.example", "https://", "http://a/?b"] {
        assert!(PwnedPasswords::new(wrong).is_err(), "{wrong}");
    }
}
