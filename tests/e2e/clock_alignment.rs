//! Hours that don't end while a test counts within one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::timeouts::TIMEOUT;

/// Moves the clock of a stack on to the beginning of an hour: how far, in seconds. The next hour is further away then
/// than `.ci/run` lets all tests take.
///
/// The call is plain, since a stack may be started where the runtime must not be waited for.
#[expect(clippy::disallowed_methods, reason = "the stack's clock is the machine's, moved")]
pub(crate) fn begin_hour(api: &str) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let offset = 3_600 - i64::try_from(now % 3_600).unwrap();
    let address = api.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(TIMEOUT)).unwrap();
    let body = json!({"offset_seconds": offset}).to_string();
    let length = body.len();
    write!(
        connection,
        "PUT /_local/clock HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    offset
}
