#!/usr/bin/env bash
# Builds the functions with the profile that is deployed, packs each into target/lambda/NAME/bootstrap.zip, which
# infra/template.yaml names, and prints a table of them.
#
#   infra/build.sh [--for arm64|x86_64] [--check] [NAME …]
#
# --for builds for Lambda's system and its C library, by cargo-lambda (needs python3 with venv, and PyPI the first
# time); without it, for this machine: enough for emulators and measurements. --check builds a second time, from a
# copy of the sources elsewhere and into another directory, and fails if the zips differ.
#
# The same sources and tools give the same zips wherever and whenever they are built: locked versions, no path of
# this machine in the binaries, and no time, owner or order of its own in the zips.
#
# The functions are built together and without the rest of the workspace: cargo unites the features of what it
# builds at once, and the local stack's have no place in a function. With NAMEs only these are built, which is
# quicker; other features may be united then, and give other bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

architecture=
check=
names=()
while (($#)); do
    case $1 in
    --for)
        architecture=${2-}
        [[ $architecture == arm64 || $architecture == x86_64 ]] || {
            echo "infra/build.sh: --for takes arm64 or x86_64" >&2
            exit 2
        }
        shift
        ;;
    --check) check=1 ;;
    -*)
        echo "infra/build.sh: there is no option $1" >&2
        exit 2
        ;;
    *) names+=("$1") ;;
    esac
    shift
done
if ((${#names[@]} == 0)); then
    for manifest in functions/*/Cargo.toml; do
        names+=("$(basename "$(dirname "$manifest")")")
    done
fi
packages=()
for name in "${names[@]}"; do
    packages+=(-p "regain-$name")
done

root=$PWD
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
cargo_home=${CARGO_HOME:-$HOME/.cargo}

# cargo-lambda and zig, where --for needs them.
if [[ -n $architecture ]]; then
    tools=$target/cargo-lambda
    if ! cmp -s infra/build-requirements.txt "$tools/requirements.txt"; then
        rm -rf "$tools"
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet --disable-pip-version-check -r infra/build-requirements.txt
        cp infra/build-requirements.txt "$tools/requirements.txt"
    fi
    export PATH=$tools/bin:$PATH
fi

# build SOURCES TARGET: the functions. The flags take the machine's paths out of panic
# messages and everything else that names a source file.
build() {
    local flags=(
        "--remap-path-prefix=$1=/regain"
        "--remap-path-prefix=$cargo_home=/cargo"
        "--remap-path-prefix=$2=/target"
    )
    local command=(cargo build)
    case $architecture in
    arm64) command=(cargo lambda build --arm64) ;;
    x86_64) command=(cargo lambda build --x86-64) ;;
    esac
    local separator=$'\x1f'
    (
        cd "$1"
        CARGO_TARGET_DIR=$2 CARGO_ENCODED_RUSTFLAGS=$(IFS=$separator && echo "${flags[*]}") \
            "${command[@]}" --locked --profile function --bins "${packages[@]}"
    )
}

# pack TARGET: zips what was built there, and prints the table.
pack() {
    local binaries=$1/function/{}
    [[ -z $architecture ]] || binaries=$1/lambda/{}/bootstrap
    python3 infra/pack.py "$1" "$binaries" "${names[@]}"
}

build "$root" "$target"
pack "$target"
[[ -n $check ]] || exit 0

again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
mkdir "$again/sources"
# What is there, committed or not.
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --create | tar -x -C "$again/sources"
build "$again/sources" "$again/target"
pack "$again/target" >/dev/null
for name in "${names[@]}"; do
    cmp "$target/lambda/$name/bootstrap.zip" "$again/target/lambda/$name/bootstrap.zip"
done
echo "Built again in another directory: the same bytes"
