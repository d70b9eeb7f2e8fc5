//! Tests of the whole: against a running local stack, over HTTP, reading codes from the inbox as a person
//! does.
//!
//! [`harness`] starts the stacks. Most tests share one and take a person of their own from it; a test
//! that needs other settings starts its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounts;
mod bad_input;
mod browser;
mod calls;
mod channels;
mod clock_alignment;
mod configuration;
mod console;
mod contract;
mod contract_bad_input;
mod contract_bad_values;
mod contract_document;
mod contract_headers;
mod contract_odd_requests;
mod costs;
mod deliveries;
mod delivery_world;
mod dynamodb;
mod expiry;
mod feedback;
mod fidelity;
mod fidelity_local;
mod fidelity_pages;
mod fidelity_sparse;
mod foreign_pages;
mod harness;
mod hold;
mod idempotency;
mod journey;
mod leaks;
mod limits;
mod links;
mod multi_process;
mod outages;
mod pages_cookies;
mod pages_faults;
mod pages_forms;
mod pages_journeys;
mod pages_markup;
mod pages_of_nobody;
mod pages_paths;
mod pages_refusals;
mod pages_repeats;
mod pages_return;
mod pages_statuses;
mod passwords;
mod people;
mod processes;
mod quiescence;
mod races;
mod refusals;
mod rekey;
mod resend;
mod roles;
mod rotation;
mod round_trips;
mod sign_in;
mod sms_answers;
mod sms_limits;
mod table;
mod table_faults;
mod telemetry;
mod temp_dirs;
mod timeouts;
mod typed;
mod unknown;
mod words;
