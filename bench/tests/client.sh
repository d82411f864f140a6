#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The client does every workload, with one thread and with two, on an ordinary directory, and cleans up.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

client=$bin/bench-client
mkdir "$dir/work"
all=$("$client" --list | tr '\n' ',')
twice=$("$client" --list | sed 's/$/_2t/' | tr '\n' ',')

expect 0 "$client" --files 60 --mib 1 --json --workload "$all$twice" "$dir/work"
grep -q '"failed"' "$dir/out" && fail "a workload failed"
[ "$(grep -c '"workload"' "$dir/out")" -eq 36 ] || fail "not every workload gave a line"
python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <"$dir/out" || fail "a line is not JSON"
[ -z "$(ls -A "$dir/work")" ] || fail "files are left"

expect 0 "$client" --files 10 --mib 1 --keep --workload mkfiles,smallwrite "$dir/work"
[ "$(find "$dir/work" -type f | wc -l)" -eq 20 ] || fail "--keep did not keep the files"

mkdir "$dir/asked"
printf 'mkfiles\nstat_warm_2t\nunlink\n' | "$client" --files 10 --json --ask "$dir/asked" >"$dir/out" 2>"$dir/err" ||
    fail "--ask ended with an error"
[ "$(grep -c '"value"' "$dir/out")" -eq 3 ] || fail "not every question was answered"

expect 64 "$client" --ask --workload mkfiles "$dir/work"
expect 64 "$client" --workload nonsense "$dir/work"
expect 64 "$client" --workload mkfiles_99t "$dir/work"
expect 64 "$client" --files 0 --workload mkfiles "$dir/work"
expect 64 "$client" "$dir/work"
expect 1 "$client" --workload mkfiles "$dir/missing"
grep -q 'No such file' "$dir/out" || fail "the reason is not told"
exit 0
