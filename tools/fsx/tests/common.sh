# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Shared beginning of the fsx tests: $1 is the program under test. Each test works in a directory of its own.

fsx=$1
if [ ! -x "$fsx" ]; then
    echo "usage: $0 PATH-OF-FSX" >&2
    exit 64
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/fsx-test.XXXXXX") || exit 71
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

fail()
{
    echo "FAIL: $*" >&2
    for output in "$dir"/out "$dir"/err; do
        [ -f "$output" ] && sed "s|^|  ${output##*/}: |" "$output" >&2
    done
    exit 1
}

# expect CODE ARGUMENT... - runs fsx, keeps its output in $dir/out and $dir/err, and checks its exit code.
expect()
{
    code=$1
    shift
    "$fsx" "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ "$got" -eq "$code" ] || fail "fsx $* ended with $got, not $code"
}
