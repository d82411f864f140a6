#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs without a bug: they end with 0, print the seed first, leave no files about a mismatch, and a seed means a run.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

for seed in 1 2 3; do
    expect 0 -q -S "$seed" -N 3000 "$dir/file"
    [ "$(head -n 1 "$dir/out")" = "fsx: seed $seed" ] || fail "the seed is not the first line"
    [ ! -s "$dir/err" ] || fail "a clean run wrote to stderr"
done

# Every option of the operations, alone and together.
expect 0 -S 4 -N 1000 -l 10000 -o 3000 -r 512 -w 512 -t 512 "$dir/file"
expect 0 -S 5 -N 1000 -W -R -n -c 3 -q "$dir/file"
expect 0 -S 6 -N 1000 -c 0 --no-punch --no-alloc --no-zero "$dir/file"
expect 0 -S 7 -N 1000 -l 1 "$dir/file"
expect 0 -S 8 -N 2000 -b 1500 -p 100 "$dir/file"

# The same seed gives the same operations; another seed gives others.
expect 0 -S 9 -N 200 -d "$dir/file"
grep -v ' s)$' "$dir/out" >"$dir/first"
expect 0 -S 9 -N 200 -d "$dir/file"
grep -v ' s)$' "$dir/out" | cmp -s - "$dir/first" || fail "one seed gave two runs"
expect 0 -S 10 -N 200 -d "$dir/file"
grep -v ' s)$' "$dir/out" | cmp -s - "$dir/first" && fail "two seeds gave one run"

# Without -S a fresh seed is taken and printed.
expect 0 -N 10 "$dir/file"
grep -q '^fsx: seed [1-9][0-9]*$' "$dir/out" || fail "no seed was printed"

[ -z "$(find "$dir" -name '*.fsx*')" ] || fail "a clean run left files about a mismatch"
