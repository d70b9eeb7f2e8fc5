//! The Lambda function `request-code`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_request_code::run())
}
