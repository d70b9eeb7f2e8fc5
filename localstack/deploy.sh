#!/bin/sh
# Deploys infra/template.yaml to an emulator: builds, packages, deploys by CloudFormation, sets what the emulator
# leaves out, seeds accounts, and prints the API's URL.
#
#   localstack/deploy.sh TARGET [--accounts FILE] [--ready-file FILE] [--bootstraps DIR] [PARAMETER=VALUE …]
#
# TARGET is `ministack` (started by localstack/ministack.sh) or `localstack` (started by localstack/compose.yaml).
# --accounts loads accounts from a file besides the demo accounts, one JSON object a line. --bootstraps takes
# functions that were built before instead of building them. A PARAMETER is one of the template's.
# REGAIN_EMULATOR (http://127.0.0.1:4566) and REGAIN_INBOX (http://127.0.0.1:8025) say where both are.
#
# Needs Rust, python3 with venv, and PyPI the first time. No account and no credentials of AWS.
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
environment=$target/localstack-deploy
if ! cmp -s localstack/requirements.txt "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r localstack/requirements.txt
    cp localstack/requirements.txt "$environment/requirements.txt"
fi
exec "$environment/bin/python" localstack/deploy.py --target-directory "$target" "$@"
