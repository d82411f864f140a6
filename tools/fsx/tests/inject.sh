#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file that lies: fsx corrupts a byte behind its own back, must find it, and the printed command must find it again.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Only operations that every host has, so that the runs are the same everywhere.
plain()
{
    "$fsx" --no-punch --no-alloc --no-zero "$@" "$dir/file"
}

# last_write OPTION... - the number of the last operation that writes data.
last_write()
{
    plain -d "$@" | awk '$2 ~ /write/ { n = $1 } END { print n }'
}

# find_late OPTION... - find_it, with the last write damaged.
find_late()
{
    find_it "$@" --inject-bug "$(last_write "$@")"
}

# find_it OPTION... - the run must fail, explain itself, leave its files, and be repeated by its replay command.
find_it()
{
    rm -f "$dir"/file* "$dir"/save/*
    plain "$@" >"$dir/out" 2>"$dir/err"
    [ $? -eq 1 ] || fail "fsx $* did not fail"
    grep -q 'MISMATCH' "$dir/err" || fail "no mismatch was named"
    grep -q 'at offset 0x[0-9a-f]* expected 0x[0-9a-f]*, got 0x' "$dir/err" || fail "offset and bytes are not named"
    grep -q 'last written by operation [0-9]*: .*write' "$dir/err" || fail "the last writer is not named"
    first=$(grep 'MISMATCH\|at offset' "$dir/err")
    command=$(sed -n 's/^replay: //p' "$dir/err")
    [ -n "$command" ] || fail "no replay command was printed"
    ops=$(find "$dir" -name file.fsxops)
    for companion in "$ops" "${ops%ops}log" "${ops%ops}good"; do
        [ -s "$companion" ] || fail "$companion is missing"
    done
    cp "$ops" "$dir/ops.copy"
    sh -c "$command" >"$dir/out" 2>"$dir/err"
    [ $? -eq 1 ] || fail "the replay command did not fail: $command"
    [ "$(grep 'MISMATCH\|at offset' "$dir/err")" = "$first" ] || fail "the replay found something else than: $first"
    # The same operations without the bug are right: it was the file, not fsx.
    expect 0 --replay "$dir/ops.copy" "$dir/file"
}

mkdir "$dir/save"
# Found by a read while operations still run. A byte that is overwritten before anybody reads it tells nothing: the
# first damage that shows is taken.
number=100
while plain -S 3 -N 500 --inject-bug $number >"$dir/out" 2>"$dir/err"; do
    number=$((number + 1))
    [ $number -lt 150 ] || fail "fifty damaged bytes were not found"
done
find_it -S 3 -N 500 --inject-bug $number

find_late -S 1 -N 500
find_late -S 2 -N 500 -P "$dir/save"
find_late -S 3 -N 500 -b 50
find_late -S 4 -N 500 -W -R -c 2
find_late -S 5 -N 2000 -l 5000 -o 1000

# Shortened by hand, without the reads, a replay finds the same in its check at the end.
number=$(last_write -S 6 -N 500)
find_it -S 6 -N 500 --inject-bug "$number"
grep -v 'read' "$dir/ops.copy" >"$dir/short"
expect 1 --replay "$dir/short" --inject-bug "$number" "$dir/file"
grep -q 'in the check after operation' "$dir/err" || fail "the check at the end found nothing"
exit 0
