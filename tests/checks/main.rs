//! Checks that need no stack: the template, the documents and the crates against the code.
//!
//! The parts of documents that repeat the code are generated into them, by `REGAIN_WRITE=1 cargo test --workspace
//! --test checks`;
//! [`regain_harness::documents`] says how.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod architecture;
mod contract;
mod costs;
mod documents;
mod functions;
mod operations;
mod pages;
mod settings;
mod spans;
mod template;
mod template_api;
mod template_environment;
