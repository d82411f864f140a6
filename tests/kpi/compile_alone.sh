#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every header of include/ compiles alone, and all of them together in forward, reverse and shuffled order, with each
# compiler that is installed, with and without the macros that a kext's build predefines.
#
# usage: compile_alone.sh [-s SEED] [-c "CC..."] INCLUDE_DIR
set -u

seed=20031
compilers="gcc clang"
while getopts "s:c:" option; do
    case $option in
    s) seed=$OPTARG ;;
    c) compilers=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
include=${1:?usage: compile_alone.sh [-s SEED] [-c \"CC...\"] INCLUDE_DIR}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$include" && find . -name '*.h' | sed 's,^\./,,' | LC_ALL=C sort) >"$work/forward"
if [ ! -s "$work/forward" ]; then
    echo "no headers below $include" >&2
    exit 1
fi
LC_ALL=C sort -r "$work/forward" >"$work/reverse"
awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' "$work/forward" | LC_ALL=C sort | cut -f 2 \
    >"$work/shuffled"
: >"$work/failed"

# compile CC LABEL FLAGS...: the unit on standard input; -I, not -isystem, so that warnings in headers count
compile() {
    local cc=$1 label=$2
    shift 2
    if ! "$cc" -ffreestanding -nostdinc -I "$include" -isystem "$("$cc" -print-file-name=include)" -DKERNEL=1 \
        -Wall -Wextra -Werror -Wundef -Wstrict-prototypes -fsyntax-only "$@" -x c - 2>"$mine/errors"; then
        echo "FAILED: $cc: $label ($*)"
        sed 's/^/    /' "$mine/errors" | head -20
        echo "$cc $label" >>"$work/failed"
    fi
}

# unit LIST [AROUND]: the headers of a list, between the compiler's own if asked
unit() {
    local own=(stddef stdarg stdbool stdatomic limits)
    [ -z "${2-}" ] || printf '#include <%s.h>\n' "${own[@]}"
    sed 's,.*,#include <&>,' "$1" || echo "#error no list of headers"
    [ -z "${2-}" ] || printf '#include <%s.h>\n' "${own[@]}"
    echo "typedef int kpi_unit_is_not_empty;"
}

darwin="-D__APPLE__=1 -D__MACH__=1"
# compiler_run CC DIR: every unit with one compiler; each header twice in its unit, since a second inclusion has to add nothing
compiler_run() {
    local cc=$1 order standard
    mine=$2
    mkdir "$mine" || exit 1
    while read -r header; do
        printf '%s\n%s\n' "$header" "$header" >"$mine/one"
        unit "$mine/one" | compile "$cc" "$header alone" -std=c11
    done <"$work/forward"
    for order in forward reverse shuffled; do
        for standard in c11 gnu11 gnu99; do
            unit "$work/$order" around | compile "$cc" "all headers, $order order, seed $seed" "-std=$standard"
            # shellcheck disable=SC2086
            unit "$work/$order" | compile "$cc" "all headers, $order order, seed $seed" "-std=$standard" $darwin
        done
    done
}

n_compilers=0
for cc in $compilers; do
    command -v "$cc" >/dev/null || {
        echo "$cc is not installed: left out"
        continue
    }
    n_compilers=$((n_compilers + 1))
    compiler_run "$cc" "$work/$n_compilers" >"$work/report.$n_compilers" &
done
wait
cat "$work"/report.* 2>/dev/null

n_failed=$(wc -l <"$work/failed")
echo "$(wc -l <"$work/forward") headers, $n_compilers compilers, $n_failed failures"
[ "$n_compilers" -gt 0 ] && [ "$n_failed" -eq 0 ]
