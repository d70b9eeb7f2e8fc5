//! The HTTP contract: routes, requests, answers and problems, over `axum` and without Lambda.
//!
//! Each operation has a file with its request type, its handler and its mapping from the use case's error
//! to a problem. [`extract`] holds what all of them read, [`problem`] what they refuse with, and
//! [`app::app`] what every answer carries. To extend: add the route to [`routes::ROUTES`], a file with a
//! `router` function, its `#[utoipa::path]` in [`openapi`], and the operation's tests.
//! `REGAIN_WRITE=1 cargo test --workspace --test checks` then writes `docs/openapi.json` anew.

pub mod app;
mod cors;
pub mod extract;
pub mod meta;
pub mod openapi;
pub mod problem;
pub mod request_code;
pub mod resend_code;
pub mod routes;
mod sent;
pub mod sessions;
pub mod set_password;
mod state;
mod timestamp;
pub mod verify_code;

pub use app::{Caller, app, app_for_origins};
pub use problem::{Code, Problem};
