#!/usr/bin/env bash
# Runs Schemathesis against a local stack of its own: requests made from docs/openapi.json, both such as it allows
# and such as it forbids, and every answer held to it. It ends with another status than 0 if one fails, or if an
# operation was not tried.
#
# Answers that need a state, such as a right code, are tests/e2e/contract.rs's: nothing here knows one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
tools=$target/schemathesis
document=$PWD/docs/openapi.json
# shellcheck source=tests/background.sh
source tests/background.sh

# Copied last, so that an installation that broke off is not taken for one.
if ! cmp -s tests/schemathesis-requirements.txt "$tools/requirements.txt"; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r tests/schemathesis-requirements.txt
    cp tests/schemathesis-requirements.txt "$tools/requirements.txt"
fi

cargo build --locked --quiet
"$target/debug/regain" --api 127.0.0.1:0 --notifications 127.0.0.1:0 --dynamodb 127.0.0.1:0 \
    --ready-file "$work/ready.json" >"$work/log" 2>&1 &
background=$!
await 60 test -s "$work/ready.json"
api=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["api"])' "$work/ready.json")

# Not positive_data_acceptance: a challenge or a token that was made up is none, however well formed.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks+=,response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method
checks+=,ignored_auth
cd "$work"
env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY timeout 300 "$tools/bin/schemathesis" run \
    "$document" --url "$api" --checks "$checks" --phases examples,coverage,fuzzing \
    --max-examples 60 --max-time 100 --seed 1 --workers 2 --generation-database none --no-color \
    --report json --report-json-path report.json

# It also ends well where the time was over before it came to an operation, or where it could make no request.
python3 - "$document" report.json <<'END'
import json, sys

document, report = (json.load(open(path)) for path in sys.argv[1:])
documented = sum(len(item) for item in document["paths"].values())
operations = {name: report["operations"][name] for name in ("total", "tested", "errored", "skipped")}
wanted = {"total": documented, "tested": documented, "errored": 0, "skipped": 0}
phases = {name: report["phases"][name]["status"] for name in ("examples", "coverage", "fuzzing")}
if operations != wanted or set(phases.values()) != {"success"}:
    sys.exit(f"schemathesis: not every operation was tried: {operations} of {wanted}, {phases}")
END
