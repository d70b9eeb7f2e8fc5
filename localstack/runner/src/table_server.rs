//! The HTTP endpoint of the embedded DynamoDB.
//!
//! The emulator's own server allows every origin and takes every `Host`, can't be told otherwise, and hands out no
//! router. So it is behind one of ours, which keeps web pages out, and which alone has connections to it. The
//! emulator wants a listener; each gets one connection and is then polled no more, so that it accepts no other.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use dynoxide::{Database, server};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use regain_notifications::guard;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Serves the database on a thread of its own until `stop` is sent or dropped: every request blocks its
/// worker for as long as it takes.
pub fn serve(
    database: Database,
    listener: TcpListener,
    stop: oneshot::Receiver<()>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("dynamodb".to_owned()).spawn(move || {
        let served: std::io::Result<()> = runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let stopped = async move { drop(stop.await) };
            axum::serve(listener, router(database)).with_graceful_shutdown(stopped).await
        });
        if let Err(error) = served {
            tracing::error!(%error, "the local DynamoDB has ended");
        }
    })
}

fn router(database: Database) -> Router {
    let emulator = Emulator { database, idle: Arc::default() };
    Router::new().fallback(forward).layer(from_fn(guard::refuse_foreign)).with_state(emulator)
}

async fn forward(State(emulator): State<Emulator>, mut request: Request) -> Response {
    // To an origin, which can only be this listener's own, the emulator would answer that all are allowed.
    request.headers_mut().remove(header::ORIGIN);
    // Of this hop only: the connection to the emulator stays.
    request.headers_mut().remove(header::CONNECTION);
    emulator.call(request).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the local DynamoDB gave no answer");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

/// Why the emulator gave no answer.
#[derive(Debug, Error)]
enum EmulatorError {
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("its server has ended")]
    Ended,
}

/// The emulator's server, and the connections to it that nobody uses at the moment.
#[derive(Clone)]
struct Emulator {
    database: Database,
    idle: Arc<Mutex<Vec<SendRequest<Body>>>>,
}

impl Emulator {
    async fn call(&self, request: Request) -> Result<Response, EmulatorError> {
        let mut connection = self.connection().await?;
        let (head, body) = connection.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.idle().push(connection);
        Ok(Response::from_parts(head, Body::from(body)))
    }

    async fn connection(&self) -> Result<SendRequest<Body>, EmulatorError> {
        loop {
            let idle = self.idle().pop();
            let Some(mut connection) = idle else { return self.connect().await };
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Body>, EmulatorError> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let stream = TcpStream::connect(listener.local_addr()?).await?;
        stream.set_nodelay(true)?;
        let mut accepting = Box::pin(server::serve_on(listener, self.database.clone()));
        let (mut connection, driving) = handshake(TokioIo::new(stream)).await?;
        let mut driving = Box::pin(driving);
        // Once the emulator's health check is answered, the connection has been accepted.
        tokio::select! {
            answer = connection.send_request(Request::new(Body::empty())) => drop(answer?.into_body().collect().await?),
            () = &mut accepting => return Err(EmulatorError::Ended),
            _ = &mut driving => return Err(EmulatorError::Ended),
        }
        tokio::spawn(async move {
            // Not polled any more, so that nobody else is accepted, nor dropped, which would end the connection.
            let _accepting = accepting;
            if let Err(error) = driving.await {
                tracing::debug!(%error, "a connection to the emulator has ended");
            }
        });
        Ok(connection)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SendRequest<Body>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use dynoxide::storage_backend::clock::SystemClock;
    use tower::ServiceExt as _;

    use super::*;
    use crate::table;

    async fn call(router: &Router, method: Method, headers: &[(&str, &str)], body: &str) -> Response {
        let request = Request::builder().method(method).uri("/").header("host", "127.0.0.1:8000");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    const SCAN: [(&str, &str); 4] = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.Scan"),
        ("x-amz-date", "20261124T000000Z"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f"),
    ];

    fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&SCAN, more].concat()
    }

    #[tokio::test]
    async fn clients_read_the_table_and_pages_of_others_do_not() {
        let database = table::open(None, SystemClock::arc(), "regain").unwrap();
        let router = router(database);
        let scan = r#"{"TableName":"regain"}"#;
        for _ in 0..3 {
            let answer = call(&router, Method::POST, &SCAN, scan).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["Count"], 0);
        }
        let foreign = ("origin", "https://example.com");
        let preflight = [foreign, ("access-control-request-method", "POST")];
        for (method, headers) in [
            (Method::POST, with(&[foreign])),
            (Method::POST, with(&[("origin", "null")])),
            (Method::POST, vec![foreign, ("content-type", "text/plain")]),
            (Method::OPTIONS, preflight.to_vec()),
            (Method::GET, vec![("sec-fetch-site", "cross-site")]),
        ] {
            let answer = call(&router, method, &headers, scan).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{headers:?}");
            assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
        }
        let own = call(&router, Method::POST, &with(&[("origin", "http://127.0.0.1:8000")]), scan).await;
        assert_eq!(own.status(), StatusCode::OK);
        assert!(own.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    }
}
