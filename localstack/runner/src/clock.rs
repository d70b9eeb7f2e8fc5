//! The clock of the local stack, and `/_local/clock`, which moves it: for every function, for the TTL and
//! for the ages of stream records. It is absent elsewhere, where functions refuse to start with one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use dynoxide::storage_backend::clock::{Clock, SystemClock};
use serde::{Deserialize, Serialize};

use crate::api_response::Problem;
use crate::ids;

/// The path that moves it.
pub(crate) const PATH: &str = "/_local/clock";

const FILE_NAME: &str = "clock";
/// Ten years either way: enough for every expiry there is.
const MOST: i64 = 10 * 365 * 86_400;

/// The system's time, moved. The functions read the offset from a file, this process from memory.
#[derive(Debug)]
pub(crate) struct LocalClock {
    offset: AtomicI64,
    file: PathBuf,
}

impl LocalClock {
    /// A clock that isn't moved, with its file in a directory.
    pub(crate) fn start(directory: &Path) -> io::Result<Arc<Self>> {
        let clock = Self { offset: AtomicI64::new(0), file: directory.join(FILE_NAME) };
        clock.move_to(0)?;
        Ok(Arc::new(clock))
    }

    /// The file that the functions read.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    fn move_to(&self, seconds: i64) -> io::Result<()> {
        // Renamed into place, so that no function reads half a number.
        let new = self.file.with_extension(ids::uuid());
        std::fs::write(&new, seconds.to_string())?;
        std::fs::rename(&new, &self.file)?;
        self.offset.store(seconds, Ordering::Relaxed);
        Ok(())
    }

    fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }
}

impl Clock for LocalClock {
    fn now_unix_secs(&self) -> u64 {
        SystemClock.now_unix_secs().saturating_add_signed(self.offset())
    }

    #[expect(clippy::cast_precision_loss, reason = "an offset is far below 2^53 seconds")]
    fn now_unix_secs_f64(&self) -> f64 {
        SystemClock.now_unix_secs_f64() + self.offset() as f64
    }
}

/// How far the clock is moved.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Offset {
    /// Seconds; negative for the past.
    offset_seconds: i64,
}

/// `/_local/clock`.
pub(crate) fn router(clock: Arc<LocalClock>) -> Router {
    Router::new()
        .route(PATH, get(read).put(set).delete(reset))
        .method_not_allowed_fallback(async || Problem::METHOD_NOT_ALLOWED.into_response(&ids::uuid()))
        .layer(map_response(with_headers))
        .with_state(clock)
}

/// Adds the headers that every answer has.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::try_from(ids::uuid()) {
        headers.insert("x-request-id", id);
    }
    response
}

async fn read(State(clock): State<Arc<LocalClock>>) -> Json<Offset> {
    Json(Offset { offset_seconds: clock.offset() })
}

async fn set(State(clock): State<Arc<LocalClock>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Offset>(&body) {
        Ok(Offset { offset_seconds }) if offset_seconds.abs() <= MOST => move_clock(&clock, offset_seconds),
        _ => Problem::INVALID_REQUEST.into_response(&ids::uuid()),
    }
}

async fn reset(State(clock): State<Arc<LocalClock>>) -> Response {
    move_clock(&clock, 0)
}

fn move_clock(clock: &LocalClock, seconds: i64) -> Response {
    match clock.move_to(seconds) {
        Ok(()) => Json(Offset { offset_seconds: seconds }).into_response(),
        Err(error) => {
            tracing::error!(%error, "the clock cannot be moved");
            Problem::INTERNAL_ERROR.into_response(&ids::uuid())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn another_method_is_a_problem_that_says_which_there_are() {
        let directory = std::env::temp_dir().join(format!("regain-test-{}", ids::uuid()));
        std::fs::create_dir(&directory).unwrap();
        let router = router(LocalClock::start(&directory).unwrap());
        let request = Request::post("/_local/clock").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.headers()[header::ALLOW], "GET,HEAD,PUT,DELETE");
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_moved_clock_is_moved_for_this_process_and_in_its_file() {
        let directory = std::env::temp_dir().join(format!("regain-test-{}", ids::uuid()));
        std::fs::create_dir(&directory).unwrap();
        let clock = LocalClock::start(&directory).unwrap();
        assert_eq!(std::fs::read_to_string(clock.file()).unwrap(), "0");
        clock.move_to(86_400).unwrap();
        assert_eq!(std::fs::read_to_string(clock.file()).unwrap(), "86400");
        assert!(clock.now_unix_secs() >= SystemClock.now_unix_secs() + 86_399);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
