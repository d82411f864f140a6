#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The harness mounts its targets, prints its table, writes its JSON, and leaves nothing: also when a target does not
# start, when a server dies, and when it is interrupted.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
need_fuse

TMPDIR=$dir
export TMPDIR
run="$bench/run --bin $bin --files 40 --mib 1"
ours=tmpfs,ceiling-open,ceiling-noopen,ceiling-exact

# shellcheck disable=SC2086
expect 0 $run --runs 2 --targets $ours --workloads mkfiles,stat_cold,randread_2t --json "$dir/json"
grep -q '^pinned: client and server on CPU' "$dir/out" || fail "the pinned table is missing"
grep -q '^free: ' "$dir/out" || fail "the free table is missing"
grep -q '^randread_2t' "$dir/out" || fail "a workload is missing"
python3 - "$dir/json" <<'END' || fail "the JSON file is wrong"
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    results = json.load(file)["results"]
assert len(results) == 2 * 4 * 3
assert all(len(entry["values"]) == 2 and entry["median"] > 0 for entry in results)
END
nothing_left

# What needs no FUSE, and the figures between the marks of a document.
printf 'before\n<!-- figures: bench/run --markdown -->\nold\n<!-- end of figures -->\nafter\n' >"$dir/doc.md"
# shellcheck disable=SC2086
expect 0 $run --runs 1 --placement pinned --targets ceiling-open,tmpfs --workloads mkfiles --in-process yes \
    --markdown "$dir/doc.md" --json "$dir/json"
for line in stat_cached scale_files scale_directory; do
    grep -q "^$line " "$dir/out" || fail "$line is missing"
    grep -q "^| $line |" "$dir/doc.md" || fail "$line is missing in the document"
    grep -q "\"name\": \"$line\"" "$dir/json" || fail "$line is missing in the JSON file"
done
grep -q '^| mkfiles | ops/s |' "$dir/doc.md" || fail "a workload is missing in the document"
[ "$(sed -n '1p;$p' "$dir/doc.md" | tr '\n' ' ')" = 'before after ' ] || fail "the document was damaged"
! grep -q '^old' "$dir/doc.md" || fail "old figures were left"
echo nothing >"$dir/plain.md"
# shellcheck disable=SC2086
expect 64 $run --runs 1 --targets ceiling-open --workloads mkfiles --markdown "$dir/plain.md"
nothing_left

# Ratios are given, and missed goals marked: nothing is 1000 times as fast as the reference. One server dies once it has
# been given work.
cat >"$dir/targets" <<END
[base]
start = $bin/bench-ceiling {dir}
stop = fusermount3 -u {dir}
[other]
start = $bin/bench-ceiling --exact {dir}
stop = fusermount3 -u {dir}
reference = base
[absent]
needs = /nonexistent/program
start = /nonexistent/program {dir}
stop = fusermount3 -u {dir}
[broken]
start = false {dir}
stop = fusermount3 -u {dir}
default = no
[dying]
start = sh -c "$bin/bench-ceiling {dir} & server=\$!; n=0; until ls {dir}/work/* || [ \$n = 1500 ]; do n=\$((n + 1)); sleep 0.02; done >/dev/null 2>&1; kill -KILL \$server; wait"
stop = fusermount3 -u {dir}
default = no
END
# shellcheck disable=SC2086
expect 0 $run --runs 1 --placement pinned --workloads mkfiles,stat_warm --targets-file "$dir/targets"
grep -q 'absent is skipped' "$dir/err" || fail "the absent target is not told"
grep -q '^other, pinned: [0-9] of 2 at 0.85 of base or more' "$dir/out" || fail "the goal is not told"
grep -q 'stat_warm .* 0\.[0-9]*<' "$dir/out" || fail "a missed goal is not marked"
nothing_left

# shellcheck disable=SC2086
expect 1 $run --runs 2 --targets base,broken --workloads mkfiles --targets-file "$dir/targets"
grep -q "broken (pinned): 'false .*' ended with 1" "$dir/out" || fail "the broken target is not told"
nothing_left

# shellcheck disable=SC2086
expect 1 $run --runs 1 --placement free --targets dying --files 100000 --workloads mkfiles \
    --targets-file "$dir/targets"
grep -q '^mkfiles: mkfiles: ' "$dir/out" || fail "the dead server is not told"
nothing_left

# shellcheck disable=SC2086
$run --runs 100 --targets ceiling-exact --workloads stat_warm >"$dir/out" 2>"$dir/err" &
harness=$!
tries=0
until grep -q "$dir/kextbed-bench-" /proc/self/mountinfo; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "nothing was mounted"
    sleep 0.05
done
kill -TERM $harness
wait $harness
[ $? -eq 130 ] || fail "an interrupted run did not end with 130"
nothing_left

# shellcheck disable=SC2086
expect 64 $run --targets nonsense
# shellcheck disable=SC2086
expect 64 $run --workloads nonsense
# shellcheck disable=SC2086
expect 64 $run --placement nowhere
# shellcheck disable=SC2086
expect 64 $run --runs 0
expect 64 "$bench/run" --bin "$dir"
printf '[one]\nstart = x\n' >"$dir/targets"
# shellcheck disable=SC2086
expect 64 $run --targets-file "$dir/targets"
nothing_left
exit 0
