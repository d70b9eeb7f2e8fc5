#!/usr/bin/env bash
# Runs the DynamoDB adapter's conformance suite against moto: an emulator that others wrote, beside the embedded one.
#
# The second run is the proof of one difference, which the first works around: see tests/moto-server.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=${CARGO_TARGET_DIR:-target}/moto
# shellcheck source=tests/background.sh
source tests/background.sh

# Copied last, so that an installation that broke off is not taken for one.
if ! cmp -s tests/moto-requirements.txt "$tools/requirements.txt"; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r tests/moto-requirements.txt
    cp tests/moto-requirements.txt "$tools/requirements.txt"
fi

# conform EMULATOR SERVER-OPTION TEST: runs the tests of that name against a server of its own.
conform() {
    local emulator=$1 option=$2 test=$3
    : >"$work/url"
    # No credentials and no profile of the person's: moto asks for some, and checks none.
    env -u AWS_PROFILE AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=eu-north-1 \
        "$tools/bin/python" tests/moto-server.py ${option:+"$option"} >"$work/url" 2>"$work/log" &
    background=$!
    await 60 test -s "$work/url"
    REGAIN_CONFORMANCE_ENDPOINT=$(<"$work/url") REGAIN_CONFORMANCE_EMULATOR=$emulator \
        timeout 300 cargo test --locked --workspace --test conformance -- "$test"
    stop_background
}

conform moto "" ""
conform moto-side-by-side --side-by-side promises::conditions_hold
