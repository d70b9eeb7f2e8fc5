//! The functions of the stack by name. A new function is one more line in the registry.

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;

type Run = fn() -> Pin<Box<dyn Future<Output = Result<(), lambda_runtime::Error>>>>;

/// The function that the stream mapping invokes.
pub(crate) const DELIVERY: &str = "deliver-messages";
/// The function that is told what became of messages.
pub(crate) const FEEDBACK: &str = "delivery-events";

const REGISTRY: &[(&str, Run)] = &[
    ("request-code", || Box::pin(regain_request_code::run())),
    ("resend-code", || Box::pin(regain_resend_code::run())),
    ("verify-code", || Box::pin(regain_verify_code::run())),
    ("set-password", || Box::pin(regain_set_password::run())),
    ("sessions", || Box::pin(regain_sessions::run())),
    (DELIVERY, || Box::pin(regain_deliver_messages::run())),
    (FEEDBACK, || Box::pin(regain_delivery_events::run())),
    ("meta", || Box::pin(regain_meta::run())),
];

/// The name of every function.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|(name, _)| *name)
}

/// The names of all of them, for people.
pub(crate) fn list() -> String {
    names().collect::<Vec<_>>().join(", ")
}

/// Runs one function until the Runtime API is gone, which is the usual end of a function's process; `None`
/// if there is none of that name.
pub(crate) fn run(name: &str) -> Option<ExitCode> {
    let (_, run) = REGISTRY.iter().find(|(known, _)| *known == name)?;
    Some(regain_bootstrap::main(run()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_leads_to_a_function() {
        let mut targets: Vec<_> =
            regain_http_api::routes::ROUTES.iter().map(|route| route.function).collect();
        targets.extend([regain_http_api::routes::FALLBACK_FUNCTION, DELIVERY, FEEDBACK]);
        for target in targets {
            assert!(names().any(|name| name == target), "{target} is not in the registry");
        }
    }

    #[test]
    fn there_is_no_unknown_function() {
        assert!(run("nothing").is_none());
    }
}
