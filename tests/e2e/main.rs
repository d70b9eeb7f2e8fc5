//! Tests of the whole: against a running local stack, over HTTP, reading codes from the inbox as a person
//! does.
//!
//! [`harness`] starts the stacks. Most tests share one and take a person of their own from it; a test
//! that needs other settings starts its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod bad_input;
mod harness;
mod journey;
mod outages;
mod processes;
mod races;
mod unknown;
