//! The functions of the project, one row each. The local stack runs them, the test harness and the tests go through
//! them, and the template is held to them.

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;

use regain_bootstrap::Declaration;
use thiserror::Error;

type Run = fn() -> Pin<Box<dyn Future<Output = Result<(), lambda_runtime::Error>>>>;

/// The function that the stream mapping invokes.
pub const DELIVERY: &str = regain_deliver_messages::DECLARATION.name;
/// The function that is told what became of messages.
pub const FEEDBACK: &str = regain_delivery_events::DECLARATION.name;

/// Every function.
pub const REGISTRY: [Function; 9] = [
    Function::new(regain_request_code::DECLARATION, Trigger::Api, || Box::pin(regain_request_code::run())),
    Function::new(regain_resend_code::DECLARATION, Trigger::Api, || Box::pin(regain_resend_code::run())),
    Function::new(regain_verify_code::DECLARATION, Trigger::Api, || Box::pin(regain_verify_code::run())),
    Function::new(regain_set_password::DECLARATION, Trigger::Api, || Box::pin(regain_set_password::run())),
    Function::new(regain_sessions::DECLARATION, Trigger::Api, || Box::pin(regain_sessions::run())),
    Function::new(regain_deliver_messages::DECLARATION, Trigger::Stream, || {
        Box::pin(regain_deliver_messages::run())
    }),
    Function::new(regain_delivery_events::DECLARATION, Trigger::Feedback, || {
        Box::pin(regain_delivery_events::run())
    }),
    Function::new(regain_meta::DECLARATION, Trigger::Api, || Box::pin(regain_meta::run())),
    Function::new(regain_pages::DECLARATION, Trigger::Api, || Box::pin(regain_pages::run())),
];

/// The name of every function, in the registry's order.
pub const FUNCTIONS: [&str; REGISTRY.len()] = {
    let mut names = [""; REGISTRY.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = REGISTRY[place].name;
        place += 1;
    }
    names
};

/// A row of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name of its directory and, after `regain-`, of its package.
    pub name: &'static str,
    /// Its lines and metrics.
    pub declaration: Declaration,
    /// Where its events come from.
    pub trigger: Trigger,
    run: Run,
}

/// The event source of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The HTTP API, by the table of routes in `regain-http-api`.
    Api,
    /// The table's stream.
    Stream,
    /// SES and SNS, which tell what became of messages.
    Feedback,
}

impl Function {
    const fn new(declaration: Declaration, trigger: Trigger, run: Run) -> Self {
        Self { name: declaration.name, declaration, trigger, run }
    }
}

/// There is no function of this name.
#[derive(Debug, Error)]
#[error("there is no function {0}: there are {list}", list = FUNCTIONS.join(", "))]
pub struct UnknownFunction(String);

/// Runs one function until the Runtime API is gone, which is the usual end of a function's process.
///
/// # Errors
/// [`UnknownFunction`].
pub fn run(name: &str) -> Result<ExitCode, UnknownFunction> {
    let function = REGISTRY.iter().find(|function| function.name == name);
    let Function { run, .. } = function.ok_or_else(|| UnknownFunction(name.to_owned()))?;
    Ok(regain_bootstrap::main(run()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regain_http_api::routes::{FALLBACK_FUNCTION, all};

    use super::*;

    #[test]
    fn routes_lead_to_the_functions_that_the_api_wakes_and_to_each_of_them() {
        let targets: BTreeSet<_> = all().map(|route| route.function).chain([FALLBACK_FUNCTION]).collect();
        let woken = REGISTRY.iter().filter(|function| function.trigger == Trigger::Api);
        assert_eq!(targets, woken.map(|function| function.name).collect());
    }

    #[test]
    fn there_is_no_unknown_function() {
        let error = run("nothing").unwrap_err().to_string();
        assert!(error.starts_with("there is no function nothing: there are request-code, "), "{error}");
    }
}
