//! Behaviour that shows only on a real connection: answers that never come or break off, and the shutdown.

use std::net::SocketAddr;
use std::time::Duration;

use regain_notifications::Gateway;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::{SES, mail, messages, put_fault, wire};

/// Far longer than anything here takes; a test that gets there has failed.
const FAILSAFE: Duration = Duration::from_secs(20);

struct Running {
    gateway: Gateway,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let gateway = Gateway::new();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let server = tokio::spawn(gateway.clone().serve(listener, shutdown));
        Self { gateway, address, stop, server }
    }

    /// Sends a request and returns the connection, on which the answer is to be read.
    async fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(FAILSAFE, self.server).await.expect("the server ends").unwrap().unwrap();
    }
}

/// Everything that comes until the server closes the connection.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset counts as closed.
    let _ = timeout(FAILSAFE, stream.read_to_end(&mut answer)).await.expect("the connection closes");
    String::from_utf8(answer).unwrap()
}

/// Waits until the gateway has taken the one send that a fault with a count of 1 was for.
async fn until_struck(gateway: &Gateway) {
    let router = gateway.router();
    let struck = async {
        while crate::get(&router, "/faults").await.json() != json!({ "faults": [] }) {
            tokio::task::yield_now().await;
        }
    };
    timeout(FAILSAFE, struck).await.expect("the fault strikes");
}

#[tokio::test]
async fn a_dropped_send_is_kept_and_gets_no_answer() {
    let running = Running::start().await;
    let router = running.gateway.router();
    put_fault(&router, json!({ "fault": "drop_after_accept", "count": 1 })).await;
    let request = wire("POST", SES, &mail("anna@example.com").to_string());
    let answer = read_all(&mut running.send(&request).await).await;
    assert_eq!(answer, "");
    assert_eq!(messages(&router, "?to=anna@example.com").await.len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_hung_send_is_released_by_the_shutdown_and_not_kept() {
    let running = Running::start().await;
    let router = running.gateway.router();
    put_fault(&router, json!({ "fault": "hang", "count": 1 })).await;
    let mut stream = running.send(&wire("POST", SES, &mail("anna@example.com").to_string())).await;
    until_struck(&running.gateway).await;
    assert_eq!(stream.try_read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    running.stop().await;
    assert_eq!(read_all(&mut stream).await, "");
    assert!(messages(&router, "").await.is_empty());
}

#[tokio::test]
async fn a_waiting_reader_is_released_by_the_shutdown() {
    let running = Running::start().await;
    let mut stream = running.send(&wire("GET", "/messages?wait=60", "")).await;
    // An answer on a later connection shows that the server has taken the earlier one.
    let mut later = running.send(&wire("GET", "/health", "")).await;
    timeout(FAILSAFE, later.read_exact(&mut [0; 12])).await.unwrap().unwrap();
    running.stop().await;
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("{\"messages\":[]}"), "{answer}");
}

#[tokio::test]
async fn a_client_that_never_finishes_does_not_hold_the_shutdown() {
    let running = Running::start().await;
    let _half = running.send("POST / HTTP/1.1\r\nHost: local").await;
    let mut later = running.send(&wire("GET", "/health", "")).await;
    timeout(FAILSAFE, later.read_exact(&mut [0; 12])).await.unwrap().unwrap();
    running.stop().await;
}
