#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Many threads: clean runs leave nothing; a corrupted byte is found in the shared file and in an own file.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

expect 0 -j 4 -S 1 -N 1500 "$dir/file"
[ -z "$(find "$dir" -name 'file*')" ] || fail "a clean run left files"
expect 0 -j 1 -S 2 -N 500 -l 1000 -W -R -n --no-punch --no-alloc --no-zero "$dir/file"
expect 0 -j 3 -S 3 -N 500 -c 5 -q "$dir/file"

# Every write of thread 0 from its operation 100 on is damaged.
expect 1 -j 3 -S 4 -N 600 -c 20 --inject-shared 100 "$dir/file"
grep -q 'file.shared: MISMATCH found by thread' "$dir/err" || fail "the shared file was not blamed"
grep -q 'owned by thread 0' "$dir/err" || fail "the owner is not named"
grep -q 'last written by operation [0-9]* of thread 0' "$dir/err" || fail "the last writer is not named"
grep -q '^replay: .* -j 3 -S 4 ' "$dir/err" || fail "no replay command was printed"
for companion in fsxlog fsxgood fsxops; do
    [ -s "$dir/file.shared.$companion" ] || fail "file.shared.$companion is missing"
done

expect 1 -j 2 -S 5 -N 500 --no-punch --no-alloc --no-zero --inject-bug 490 "$dir/file"
grep -q 'file.own0: MISMATCH' "$dir/err" || fail "the own file was not blamed"
command=$(sed -n 's/^replay: //p' "$dir/err")
sh -c "$command" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] || fail "the replay command did not fail: $command"
exit 0
