#!/bin/sh
# Builds every function for this machine with the profile that is deployed, and prints the sizes.
#
#   infra/build.sh [CARGO ARGUMENT …]      for example: infra/build.sh --locked
#
# The functions are built together and without the rest of the workspace: cargo unites the features of what it
# builds at once, and the local stack's have no place in a function.
set -eu
cd "$(dirname "$0")/.."

packages=""
for manifest in functions/*/Cargo.toml; do
    packages="$packages -p regain-$(basename "$(dirname "$manifest")")"
done

# shellcheck disable=SC2086 # a list of words
cargo build --profile function --bins $packages "$@"

directory=${CARGO_TARGET_DIR:-target}/function
for manifest in functions/*/Cargo.toml; do
    name=$(basename "$(dirname "$manifest")")
    bytes=$(wc -c <"$directory/$name")
    printf '%-20s %6.2f MB\n' "$name" "$(echo "$bytes" | awk '{ print $1 / 1e6 }')"
done
