#!/usr/bin/env bash
# Runs the contract and journey tests of tests/e2e against a stage by its URL: on AWS, on an emulator, or a local stack.
#
#   tests/stage.sh API [--inbox URL] [--origin URL] [--setting NAME=VALUE]… [--leave-out TEST REASON]…
#   tests/stage.sh --write-accounts FILE
#
# --inbox is the notification gateway that the stage's messages go to. With it, people recover accounts that the
# second form writes (`regain accounts FILE` loads them), and each run wants them as they were. Without it, only what
# needs no code and no account runs, which leaves nothing behind and sends nothing.
# --origin is the origin that the stage was deployed with, unless it is the API's URL. A --setting is one that it
# was deployed with: REGAIN_RESEND_COOLDOWN_SECONDS=0 lets resends be tried. Each test that is left out is named with
# its reason; docs/emulators.md says more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    sed -n 's/^#   \(tests\)/usage: \1/p' "$0" >&2
    exit 2
}

e2e() {
    cargo test --locked --workspace --test e2e -- "$@"
}

api=
inbox=
origin=
settings=
skips=()
leave_out() {
    echo "Left out: $1 ($2)"
    skips+=(--skip "$1")
}
while (($#)); do
    case $1 in
    --inbox) inbox=${2:?} && shift ;;
    --origin) origin=${2:?} && shift ;;
    --setting) settings+=" ${2:?}" && shift ;;
    --leave-out) leave_out "${2:?}" "${3:?}" && shift 2 ;;
    --write-accounts)
        REGAIN_TEST_ACCOUNTS=$(realpath -m "${2:?}") e2e --quiet the_accounts_of_a_deployed_stack_can_be_written
        exit
        ;;
    http://* | https://*) api=${1%/} ;;
    *) usage ;;
    esac
    shift
done
[[ -n $api ]] || usage

leave_out contract_bad_input::bodies_with_bytes_that_are_no_text_are_refused \
    "REST APIs make U+FFFD of such bytes; the local stack's gateway does not"

has() { [[ " $settings " == *" $1 "* ]]; }

if [[ -n $inbox ]]; then
    tests=(bad_input:: channels:: contract:: contract_bad_input:: contract_bad_values:: idempotency:: journey::
        outages:: passwords:: races:: resend:: unknown::)
    leave_out contract::all_that_is_documented_happens_and_nothing_else \
        "moves the clock; all_that_a_stage_can_answer_happens_there is in its place"
    leave_out resend::the_cool_down_is_right_to_the_second_and_the_same_for_nobody "moves the clock"
    leave_out idempotency::a_repeat_after_the_code_has_expired_is_told_so_and_counts_against_the_caller "moves the clock"
    leave_out passwords::a_breached_password_is_refused_and_only_five_characters_of_its_hash_leave \
        "has a Pwned Passwords API of its own"
    leave_out passwords::a_range_api_that_is_away_stops_nobody "has a Pwned Passwords API of its own"
    has REGAIN_SMS_COUNTRIES=NO || leave_out channels::a_country_that_is_not_allowed_looks_like_sent \
        "needs REGAIN_SMS_COUNTRIES=NO"
    if ! has REGAIN_RESEND_COOLDOWN_SECONDS=0; then
        for test in resend:: channels::the_person_picks_the_channel_and_switches_it \
            contract::all_that_a_stage_can_answer_happens_there idempotency::a_resend_that_is_repeated_sends_once; do
            leave_out "$test" "needs REGAIN_RESEND_COOLDOWN_SECONDS=0"
        done
    fi
else
    tests=(
        bad_input::ids_and_tokens_that_are_none_are_unknown
        bad_input::unknown_paths_and_methods_are_told_apart
        contract_bad_input::
        contract_bad_values::
        idempotency::a_key_that_is_none_is_refused
        journey::what_stands_beside_the_api_answers
        passwords::the_policy_names_what_is_checked
    )
    echo "Left out: whatever needs a code, since no inbox is named"
fi

export REGAIN_TEST_API=$api REGAIN_TEST_NOTIFICATIONS=$inbox REGAIN_TEST_ORIGIN=$origin REGAIN_TEST_SETTINGS=$settings
e2e "${skips[@]}" "${tests[@]}"
