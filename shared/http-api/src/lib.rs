//! The HTTP contract: routes, requests, answers and problems, over `axum` and without Lambda.
//!
//! Each operation has a file below [`routes`] with its route, its request type, its handler, its OpenAPI description
//! and its mapping from the use case's error to a problem. [`extract`] holds what all of them read, [`problem`] what
//! they refuse with, and [`app::app`] what every answer carries. To extend: add a file there, and its name to the table
//! in
//! [`routes`].
//! `REGAIN_WRITE=1 cargo test --workspace --test checks` then writes `docs/openapi.json` anew.

pub mod app;
mod challenge_view;
mod cors;
pub mod extract;
pub mod openapi;
pub mod pages;
pub mod problem;
mod route;
pub mod routes;
mod schema;
mod session;
mod state;
mod timestamp;
mod violation;

pub use app::{app, app_for_origins};
pub use extract::{Caller, UrlPath};
pub use problem::{Code, Outcome, Problem};
pub use state::{Now, Timed};
