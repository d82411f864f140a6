#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kextbed-disk makes of a record the image that the test device left, and other states.
# usage: test_tool.sh KEXTBED_DISK MAKE_RECORD
set -eu
tool=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$2" "$dir"
cd "$dir"

fail() {
    echo "$*" >&2
    exit 1
}
# expect CODE COMMAND...: ends with it
expect() {
    code=0
    want=$1
    shift
    "$@" >out 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "$* ended with $code, not $want: $(cat out)"
}

expect 0 "$tool" info record
grep -q 'ended by a power cut; contents recorded' out || fail "info: $(cat out)"
expect 0 "$tool" info --json record
python3 -c 'import json; r = json.load(open("out")); assert r["end"] == "cut" and r["write"]["requests"] == 63, r' \
    || fail "info --json: $(cat out)"

# As it was left; and as others would have been.
expect 0 "$tool" image --record record --out again
cmp image again
truncate -s 131072 base
expect 0 "$tool" image --base base --record record --out again --at end --seed 3 --torn block --keep 50
cmp image again
expect 0 "$tool" image --record record --out other --seed 4 --json
cmp -s image other && fail "another seed gives the same image"
expect 0 "$tool" image --record record --out durable --state durable
expect 0 "$tool" image --record record --out lost --keep 0
cmp durable lost
expect 0 "$tool" image --record record --out visible --state visible
expect 0 "$tool" image --record record --out kept --keep 100
cmp visible kept
expect 0 "$tool" image --record record --out start --at 0
cmp base start
expect 0 "$tool" image --record record --out point --at flush:5 --keep 100
expect 0 "$tool" image --record record --out point2 --at write:50

# Block 200 is there or, before it was written, was not: no other state exists.
expect 0 "$tool" states --record record --out state --seeds 3 --every 4 \
    --run 'test "$(od -An -tu8 -j102400 -N8 "$1" | tr -d " ")" -le 1'
grep -q '^54 states, of 0 the command' out || fail "states: $(cat out)"
expect 0 "$tool" states --record record --out state --prefixes --run 'test -s "$1"'
# What a command does not approve of can be made again.
expect 1 "$tool" states --json --record record --out state --seeds 2 \
    --run 'test "$(od -An -tu8 -j102912 -N8 "$1" | tr -d " ")" = 0'
set -- $(python3 -c 'import json; r = json.load(open("out"))["bad"][0]; print(r["at"], r["seed"])')
expect 0 "$tool" image --record record --out state --at "$1" --seed "$2"
test "$(od -An -tu8 -j102912 -N8 state | tr -d ' ')" = 1 || fail "the state is not made again"

expect 0 "$tool" check fail=read:7,cut=120
expect 64 "$tool" check fail=raed:7
grep -q 'fail=raed:7.*read, write' out || fail "check: $(cat out)"
expect 64 "$tool"
expect 64 "$tool" erase
expect 64 "$tool" image --record record
expect 64 "$tool" image --record record --out x --torn half
grep -q 'none, physical, block' out || fail "torn: $(cat out)"
expect 64 "$tool" states --record record --out x
expect 71 "$tool" info nothing
expect 71 "$tool" info image
grep -q 'line 1' out || fail "info image: $(cat out)"
expect 71 "$tool" image --record record --out x --at 1000
expect 71 "$tool" image --record record --out x --at write:1000
expect 64 "$tool" image --record record --out x --at soon
expect 64 "$tool" image --record record --out x --at write:0
expect 0 "$tool" states --record record --out state --every 100000 --run false
grep -q "^no states: " out || fail "no states: $(cat out)"
expect 71 "$tool" image --record record --out record
expect 71 "$tool" image --base image --record record --out image
test -s record || fail "the record was overwritten"
head -n 9 record | sed 's/ data=.*//' >poor
expect 71 "$tool" image --record poor --out x
grep -q 'contents=full' out || fail "no contents: $(cat out)"
