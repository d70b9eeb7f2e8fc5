#!/usr/bin/env bash
# Runs tests/pages.py against a local stack of its own that takes itself for one behind TLS: an https origin, so cookies
# with the prefix `__Host-` and `Secure`, and HSTS. The script takes cookies as text, so no certificate is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=tests/background.sh
source tests/background.sh

cargo build --locked --quiet
REGAIN_ORIGIN=https://regain.example.com REGAIN_RETURN_URLS=https://app.example.com \
    "${CARGO_TARGET_DIR:-target}/debug/regain" --api 127.0.0.1:0 --notifications 127.0.0.1:0 --dynamodb 127.0.0.1:0 \
    --ready-file "$work/ready.json" >"$work/log" 2>&1 &
background=$!
await 60 test -s "$work/ready.json"
url() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/ready.json" "$1"; }
python3 tests/pages.py "$(url api)" --inbox "$(url notifications)" --origin https://regain.example.com \
    --identifier bob@example.com --return-to "https://app.example.com/cart?from=recovery"
