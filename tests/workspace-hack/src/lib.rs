//! Dependencies and their features, and no code: see `Cargo.toml`.
