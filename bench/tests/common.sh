# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Shared beginning of the benchmark's tests: $1 is the directory of the built programs. Nothing here looks at times.

bin=$1
# shellcheck disable=SC2034 # for the tests
bench=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -x "$bin/bench-client" ] || [ ! -x "$bin/bench-ceiling" ]; then
    echo "usage: $0 DIRECTORY-OF-PROGRAMS" >&2
    exit 64
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench-test.XXXXXX") || exit 71
dir=$(realpath "$dir")

# Unmounts what a failed test has left, then removes the directory; never through a mount.
clear_up()
{
    if mountpoint -q "$dir/mnt" 2>/dev/null; then
        fusermount3 -u -z "$dir/mnt"
    fi
    rm -rf --one-file-system "$dir"
}
trap clear_up EXIT
trap 'exit 130' INT TERM

fail()
{
    echo "FAIL: $*" >&2
    for output in "$dir"/out "$dir"/err; do
        [ -f "$output" ] && sed "s|^|  ${output##*/}: |" "$output" >&2
    done
    exit 1
}

# need_fuse - ends the test as skipped where FUSE cannot be used.
need_fuse()
{
    if [ "$(id -u)" -ne 0 ] || [ ! -c /dev/fuse ]; then
        echo "skipped: needs root and /dev/fuse"
        exit 77
    fi
}

# expect CODE COMMAND ARGUMENT... - runs the command, keeps its output, checks its exit code.
expect()
{
    code=$1
    shift
    "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ "$got" -eq "$code" ] || fail "$* ended with $got, not $code"
}

# nothing_left - no mount and no working directory of bench/run may remain.
nothing_left()
{
    grep -q "$dir/kextbed-bench-" /proc/self/mountinfo && fail "a mount is left"
    [ -z "$(find "$dir" -maxdepth 1 -name 'kextbed-bench-*')" ] || fail "a working directory is left"
}
