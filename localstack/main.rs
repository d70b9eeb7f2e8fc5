//! `cargo run` starts the local stack. See `regain_local_stack` for everything it does.

fn main() -> std::process::ExitCode {
    regain_local_stack::main()
}
