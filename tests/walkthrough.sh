#!/usr/bin/env bash
# Runs the README as a newcomer would: starts the stack with its run command, pastes the blocks of its
# walk-through into bash, and compares what is printed with what the README says is printed.
#
# Between <!-- walkthrough --> and <!-- /walkthrough -->, each ```bash block is a step. The ```json or ```text
# block after it is the step's output: white space doesn't count, and … stands for anything. A step without
# such a block prints nothing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readme=$root/README.md
# shellcheck source=tests/background.sh
source "$root/tests/background.sh"

fail() {
    echo "walk-through: $*" >&2
    exit 1
}

# The first fenced block after a marker.
block_after() {
    awk -v marker="<!-- $1 -->" '
        $0 == marker { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside { print }' "$readme"
}

steps() {
    awk -v dir="$work" '
        $0 == "<!-- walkthrough -->" { on = 1; next }
        $0 == "<!-- /walkthrough -->" { on = 0 }
        !on { next }
        /^```bash$/ { file = sprintf("%s/%02d.step", dir, ++n); next }
        /^```(json|text)$/ { file = sprintf("%s/%02d.expected", dir, n); next }
        /^```$/ { file = ""; next }
        file != "" { print > file }' "$readme"
}

squeeze() { tr -d '[:space:]'; }

run=$(block_after run)
[[ -n $run ]] || fail "the README has no run command"
steps
shopt -s nullglob
all=("$work"/*.step)
((${#all[@]} >= 10)) || fail "the README's walk-through has only ${#all[@]} steps"

echo "Starting the stack: $run"
cd "$root"
# shellcheck disable=SC2086 # the command's words
(exec $run) >"$work/log" 2>&1 &
background=$!
# As long as a first build may take.
await 1800 grep -qs '^Press Ctrl-C to end' "$work/log" || fail "the stack did not start"

# One shell takes all steps, as a terminal would.
for step in "${all[@]}"; do
    cat "$step"
    # On a line of its own even after output that doesn't end its line.
    printf 'printf "\\n@end of %s\\n"\n' "$(basename "$step" .step)"
done >"$work/script"
echo "Pasting ${#all[@]} blocks"
env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY bash -u "$work/script" >"$work/output" 2>&1 ||
    fail "bash ended with an error: $(tail -n 5 "$work/output")"
awk -v dir="$work" '
    /^@end of / { n++; next }
    { print > sprintf("%s/%02d.actual", dir, n + 1) }' "$work/output"

for step in "${all[@]}"; do
    name=$(basename "$step" .step)
    touch "$work/$name.expected" "$work/$name.actual"
    expected=$(squeeze <"$work/$name.expected")
    actual=$(squeeze <"$work/$name.actual")
    pattern=${expected//\\/\\\\}
    for special in '*' '?' '[' ']'; do
        pattern=${pattern//"$special"/"\\$special"}
    done
    pattern=${pattern//…/*}
    # shellcheck disable=SC2053 # a pattern it is
    if [[ $actual != $pattern ]]; then
        echo "Block $name:" >&2
        cat "$step" >&2
        echo "should have printed:" >&2
        cat "$work/$name.expected" >&2
        echo "and printed:" >&2
        cat "$work/$name.actual" >&2
        fail "the README is not right any more"
    fi
    echo "  block $name prints what the README says"
done

echo "Ending the stack"
kill -TERM "$background"
wait "$background" || fail "the stack ended with status $?"
background=
if curl -s -o "$work/after" --max-time 2 http://127.0.0.1:8080/v1/health; then
    fail "something still answers after the stack has ended"
fi
echo "The walk-through is right"
