#!/usr/bin/env bash
# Runs Schemathesis against a local stack of its own: requests made from docs/openapi.json, both such as it allows
# and such as it forbids, and every answer held to it. It ends with another status than 0 if one fails.
#
# Answers that need a state, such as a right code, are tests/e2e/contract.rs's: nothing here knows one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=4.32.5
tools=$root/target/schemathesis-$version
# shellcheck source=tests/background.sh
source "$root/tests/background.sh"

# Written last, so that an installation that broke off is not taken for one.
if [[ ! -e $tools/complete ]]; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    if ! "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"; then
        echo "schemathesis: can't be installed from PyPI" >&2
        exit 1
    fi
    touch "$tools/complete"
fi

cd "$root"
cargo build --quiet
"${CARGO_TARGET_DIR:-target}/debug/regain" --api 127.0.0.1:0 --notifications 127.0.0.1:0 --dynamodb 127.0.0.1:0 \
    --ready-file "$work/ready.json" >"$work/log" 2>&1 &
background=$!
until [[ -s $work/ready.json ]]; do
    if ! kill -0 "$background" 2>/dev/null; then
        echo "schemathesis: the stack did not start" >&2
        exit 1
    fi
    sleep 0.2
done
api=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["api"])' "$work/ready.json")

# Not positive_data_acceptance: a challenge or a token that was made up is none, however well formed.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks+=,response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method
checks+=,ignored_auth
cd "$work"
env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY timeout 300 "$tools/bin/schemathesis" run \
    "$root/docs/openapi.json" --url "$api" --checks "$checks" --phases examples,coverage,fuzzing \
    --max-examples 60 --max-time 100 --seed 1 --workers 2 --generation-database none --no-color
