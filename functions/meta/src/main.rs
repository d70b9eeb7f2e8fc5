//! The Lambda function `meta`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_meta::run())
}
