//! The Lambda function `sessions`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_sessions::run())
}
