//! The Lambda function `delivery-events`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_delivery_events::run())
}
