//! The Lambda function `resend-code`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_resend_code::run())
}
