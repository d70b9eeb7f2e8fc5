//! The use cases of people and of the system, a module each: input, outcome, error, and the steps between them.

mod accept_password;
mod addresses;
pub mod admin;
pub mod challenge_view;
pub mod create_account;
pub mod deliver;
pub mod outbox;
pub mod request_code;
pub mod resend_code;
mod sender;
pub mod sessions;
pub mod set_password;
pub mod sign_in;
pub mod take_feedback;
pub mod verify_code;
