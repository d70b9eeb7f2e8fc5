//! The Lambda function `set-password`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_set_password::run())
}
