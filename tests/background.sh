# Sourced by the scripts beside it that start a program in the background: `$work`, a directory that goes away;
# `$background`, the program's process id, to be set by the script; and at the end, however it comes, the program is
# stopped, and the last lines of `$work/log` are shown if something failed.
# shellcheck shell=bash

work=$(mktemp -d)
background=

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
