//! The Lambda function `pages`.

fn main() -> std::process::ExitCode {
    regain_bootstrap::main(regain_pages::run())
}
