#!/usr/bin/env bash
# Runs the pages in a real browser (Playwright and axe, with Debian's Chromium; nothing downloads another).
#
#   tests/browser.sh [ARGUMENT OF PLAYWRIGHT]…            all tests; each worker has a local stack of its own
#   tests/browser.sh --pictures                           makes docs/images/pages-*.png again
#   tests/browser.sh --url URL --inbox URL [ARGUMENT …]   the journeys, at the pages of a stage that was deployed
#   tests/browser.sh --write-accounts FILE                the accounts that such a stage has to have
#
# --url is the address that the pages are below, with the path that the gateway adds. --inbox is the notification
# gateway that the stage's messages go to. Each run wants the accounts as they were.
#
# Needs Chromium, Node.js 18 or later, and npm (REGAIN_CHROMIUM names another browser), and the network the first time.
set -euo pipefail
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/browser"

missing=()
for command in chromium node npm; do
    [[ $command == chromium && -n ${REGAIN_CHROMIUM:-} ]] || command -v "$command" >/dev/null || missing+=("$command")
done
if ((${#missing[@]})); then
    echo "tests/browser.sh: missing: ${missing[*]}. On Debian: apt-get install chromium nodejs npm" >&2
    exit 1
fi

url=
inbox=
arguments=()
project=tests
while (($#)); do
    case $1 in
    --url) url=${2:?} && shift ;;
    --inbox) inbox=${2:?} && shift ;;
    --pictures) project=pictures ;;
    --write-accounts)
        node --input-type=module -e 'import { writeAccounts } from "./support/people.js"; writeAccounts(process.argv[1])' \
            "$(cd "$from" && realpath -m "${2:?}")"
        exit
        ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
if [[ -n $url && -z $inbox ]] || [[ -z $url && -n $inbox ]]; then
    echo "tests/browser.sh: --url and --inbox belong together" >&2
    exit 2
fi

# Copied last, so that an installation that broke off is not taken for one.
if ! cmp -s package-lock.json node_modules/installed.json; then
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/installed.json
fi

if [[ -n $url ]]; then
    arguments+=(journeys)
else
    cargo build --locked --quiet --workspace --bin regain
fi
target=$(realpath -m "${CARGO_TARGET_DIR:-../../target}")
export REGAIN_CHROMIUM=${REGAIN_CHROMIUM:-$(command -v chromium)}
export REGAIN_BINARY=$target/debug/regain REGAIN_BROWSER_OUTPUT=$target/browser
export REGAIN_BROWSER_URL=$url REGAIN_BROWSER_INBOX=$inbox
exec env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
    node_modules/.bin/playwright test --project="$project" "${arguments[@]}"
