#!/bin/sh
# Deploys to MiniStack and runs the contract and journey tests of tests/e2e against the deployed functions.
#
#   localstack/ministack.sh localstack/test.sh [DEPLOY ARGUMENT …]
#
# Each run needs a MiniStack that nothing was deployed to. Against a stage elsewhere, load the accounts that
# REGAIN_TEST_ACCOUNTS writes, set REGAIN_TEST_API and REGAIN_TEST_NOTIFICATIONS, and run the same `cargo test`.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

REGAIN_TEST_ACCOUNTS=$work/accounts.jsonl cargo test --quiet --locked -p regain --test e2e \
    the_accounts_of_a_deployed_stack_can_be_written >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# A hash that costs what it should is tried by the hasher's own tests.
localstack/deploy.sh ministack --accounts "$work/accounts.jsonl" --ready-file "$work/ready.json" \
    Argon2MemoryKib=64 "$@"

url() {
    sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" "$work/ready.json"
}
REGAIN_TEST_API=$(url api)
REGAIN_TEST_ORIGIN=$(url origin)
REGAIN_TEST_NOTIFICATIONS=$(url notifications)
REGAIN_TEST_DYNAMODB=$(url dynamodb)
REGAIN_TEST_TABLE=$(url table)
export REGAIN_TEST_API REGAIN_TEST_ORIGIN REGAIN_TEST_NOTIFICATIONS REGAIN_TEST_DYNAMODB REGAIN_TEST_TABLE

# What MiniStack does otherwise than AWS; docs/emulators.md has the proof of each.
# A record that the function reports as failed is not tried again:
set -- --skip channels::a_notice_waits_for_a_mail_service_that_is_down_and_comes_once --skip outages::
# The path reaches the function decoded:
set -- "$@" --skip bad_input::ids_and_tokens_that_are_none_are_unknown
# Five hundred calls side by side start five hundred processes at once:
set -- "$@" --skip races::of_five_hundred_parallel_guesses_exactly_five_are_evaluated

cargo test --locked -p regain --test e2e -- "$@" \
    bad_input:: channels:: contract:: idempotency:: journey:: passwords:: races:: resend:: unknown::
