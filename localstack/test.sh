#!/usr/bin/env bash
# Deploys to MiniStack, and runs the contract and journey tests of tests/e2e and recoveries by the pages against the
# deployed functions, by forms alone and in Chromium, and the DynamoDB adapter's conformance suite against MiniStack's
# DynamoDB.
#
#   localstack/ministack.sh localstack/test.sh [DEPLOY ARGUMENT …]
#
# Each run needs a MiniStack that nothing was deployed to. tests/stage.sh runs the same tests against other stages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tests/stage.sh --write-accounts "$work/accounts.jsonl" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
}
tests/browser.sh --write-accounts "$work/people.jsonl"
cat "$work/people.jsonl" >>"$work/accounts.jsonl"
# A hash that costs what it should is tried by the hasher's own tests.
localstack/deploy.sh ministack --accounts "$work/accounts.jsonl" --ready-file "$work/ready.json" \
    Argon2MemoryKib=64 SmsConversionPercent=0 ResendCooldownSeconds=0 ReturnUrls=https://app.example.com "$@"

url() {
    sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" "$work/ready.json"
}

# What MiniStack does otherwise than AWS; docs/emulators.md has the proof of each.
lost="a record that the function reports as failed is not tried again"
decoded="the path reaches the function decoded"
tests/stage.sh "$(url api)" --inbox "$(url notifications)" --origin "$(url origin)" \
    --setting REGAIN_RESEND_COOLDOWN_SECONDS=0 \
    --leave-out channels::a_notice_waits_for_a_mail_service_that_is_down_and_comes_once "$lost" \
    --leave-out outages::mail_that_is_throttled_or_down_arrives_when_it_is_back "$lost" \
    --leave-out outages::a_mail_service_that_hangs_or_loses_its_answer_costs_a_delay_or_a_copy "$lost" \
    --leave-out bad_input::ids_and_tokens_that_are_none_are_unknown "$decoded" \
    --leave-out contract_bad_input::ids_and_paths_of_every_form_are_answered "$decoded" \
    --leave-out races::of_five_hundred_parallel_guesses_exactly_five_are_evaluated \
    "five hundred calls side by side start five hundred processes"

# Recoveries by pages below the stage's path: by their forms alone, and in a real browser.
python3 tests/pages.py "$(url api)" --inbox "$(url notifications)" --origin "$(url origin)" \
    --identifier alice@example.com --return-to "https://app.example.com/cart?from=recovery"
tests/browser.sh --url "$(url api)" --inbox "$(url notifications)"

# Each of the differences is still so.
"${CARGO_TARGET_DIR:-target}/localstack-deploy/bin/python" localstack/differences.py "$work/ready.json"

REGAIN_CONFORMANCE_ENDPOINT=$(url dynamodb) REGAIN_CONFORMANCE_EMULATOR=ministack \
    cargo test --locked --workspace --test conformance
