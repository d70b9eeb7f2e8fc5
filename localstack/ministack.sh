#!/bin/sh
# Runs MiniStack, an emulator of AWS that needs no Docker, and the notification gateway beside it, both on
# loopback, until Ctrl-C. With a COMMAND: until that ends, with its status.
#
#   localstack/ministack.sh [COMMAND …]      for example: localstack/ministack.sh localstack/test.sh
#
# REGAIN_EMULATOR (http://127.0.0.1:4566) and REGAIN_INBOX (http://127.0.0.1:8025) say where. Nothing is kept.
# Needs Rust, python3 with venv, and PyPI the first time.
set -eu
cd "$(dirname "$0")/.."

REGAIN_EMULATOR=${REGAIN_EMULATOR:-http://127.0.0.1:4566}
REGAIN_INBOX=${REGAIN_INBOX:-http://127.0.0.1:8025}
export REGAIN_EMULATOR REGAIN_INBOX

target=${CARGO_TARGET_DIR:-target}
environment=$target/ministack
if ! cmp -s localstack/ministack-requirements.txt "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r localstack/ministack-requirements.txt
    cp localstack/ministack-requirements.txt "$environment/requirements.txt"
fi
cargo build --quiet --locked --workspace --bin regain-notifications

pids=
end() {
    status=$?
    trap - EXIT
    # shellcheck disable=SC2086 # a list of numbers
    kill $pids 2>/dev/null || true
    wait
    if [ "$status" -ne 0 ] && [ -s "$target/ministack.log" ]; then
        echo "MiniStack's last lines:" >&2
        tail -n 20 "$target/ministack.log" >&2
    fi
    exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$target/debug/regain-notifications" --listen "${REGAIN_INBOX#http://}" &
pids=$!
# Only what the template uses; the others would open ports of their own.
BIND_HOST=127.0.0.1 GATEWAY_PORT=${REGAIN_EMULATOR##*:} MINISTACK_REGION=eu-north-1 LOG_LEVEL=WARNING \
    IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 \
    "$environment/bin/ministack" >"$target/ministack.log" 2>&1 &
pids="$pids $!"

"$environment/bin/python" - "$REGAIN_EMULATOR/_localstack/health" "$REGAIN_INBOX/messages" <<'PYTHON'
import sys, time, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
deadline = time.monotonic() + 60
for url in sys.argv[1:]:
    while True:
        try:
            opener.open(url, timeout=5).read()
            break
        except OSError as error:
            if time.monotonic() > deadline:
                sys.exit(f"{url} does not answer: {error}")
            time.sleep(0.2)
PYTHON

if [ $# -gt 0 ]; then
    "$@"
else
    echo "MiniStack is at $REGAIN_EMULATOR, the inbox at $REGAIN_INBOX/. Deploy with localstack/deploy.sh ministack."
    wait
fi
