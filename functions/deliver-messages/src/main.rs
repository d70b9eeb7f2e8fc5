//! The Lambda function `deliver-messages`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_deliver_messages::run())
}
