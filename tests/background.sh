# Sourced by the scripts beside it that start a program in the background: `$work`, a directory that goes away;
# `$background`, the program's process id, to be set by the script; `await`, which waits until the program is ready;
# and at the end, however it comes, the program is stopped, and the last lines of `$work/log` are shown if something
# failed.
# shellcheck shell=bash

work=$(mktemp -d)
background=

# await SECONDS COMMAND …: waits until the command succeeds. Fails if the program ends before, or the time is over: a
# program that hangs at its start must not hang whoever started it.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if ! kill -0 "$background" 2>/dev/null; then
            echo "$(basename "$0"): what was started ended before it was ready" >&2
            return 1
        fi
        if ((SECONDS >= deadline)); then
            echo "$(basename "$0"): what was started did not get ready in time" >&2
            return 1
        fi
        sleep 0.2
    done
}

stop_background() {
    local pid=$background
    background=
    if [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null; then
        kill -TERM "$pid"
        wait "$pid" 2>/dev/null || true
    fi
}

finish() {
    local status=$?
    trap - EXIT
    stop_background
    if ((status != 0)) && [[ -s $work/log ]]; then
        echo "The last lines of what ran in the background:" >&2
        tail -n 20 "$work/log" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM
