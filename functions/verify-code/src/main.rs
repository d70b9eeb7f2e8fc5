//! The Lambda function `verify-code`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_verify_code::run())
}
