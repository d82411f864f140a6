#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Bad input: a clear message, exit code 64, and nothing touched.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# refuse ARGUMENT... - exit code 64, a message, and no file.
refuse()
{
    expect 64 "$@"
    [ -s "$dir/err" ] || fail "fsx $* gave no message"
    [ ! -e "$dir/file" ] || fail "fsx $* touched the file"
}

refuse
refuse "$dir/file" "$dir/other"
refuse -Z "$dir/file"
refuse -N many "$dir/file"
refuse -N -5 "$dir/file"
refuse -N 0 "$dir/file"
refuse -l 0 "$dir/file"
refuse -l 99999999999999999999 "$dir/file"
refuse -S 1x "$dir/file"
refuse -j 0 "$dir/file"
refuse -j 65 "$dir/file"
refuse -r 512 -l 100 "$dir/file"
refuse -N 10 -b 11 "$dir/file"
refuse --inject-shared 5 "$dir/file"
refuse --replay "$dir/missing" "$dir/file"

# replay_refuse TEXT - a replay file that is not one.
replay_refuse()
{
    printf '%b' "$1" >"$dir/ops"
    refuse --replay "$dir/ops" "$dir/file"
}

replay_refuse ''
replay_refuse 'hello\n'
replay_refuse 'fsxops 2\nseed 1\nfilelen 100\n'
replay_refuse 'fsxops 1\nseed 1\nfilelen 0\n'
replay_refuse 'fsxops 1\nseed 1\nfilelen 100\n1 melt 0x0 0x1\n'
replay_refuse 'fsxops 1\nseed 1\nfilelen 100\n1 write 0x0\n'
replay_refuse 'fsxops 1\nseed 1\nfilelen 100\n1 write 0x0 0x1 0x2\n'
replay_refuse 'fsxops 1\nseed 1\nfilelen 100\n2 fsync 0 0\n1 fsync 0 0\n'

# An operation outside the file length is left out, and said so.
printf 'fsxops 1\nseed 1\nfilelen 100\n1 write 90 20\n2 write 90 10\n3 mapread 95 5\n4 mapread 95 6\n' >"$dir/ops"
expect 0 --replay "$dir/ops" "$dir/file"
grep -q '^fsx: 2 operations of the replay were not possible' "$dir/out" || fail "the left-out operations are not told"

expect 71 -N 10 "$dir/no/such/dir/file"
expect 0 --help
grep -q -- '--replay' "$dir/out" || fail "the help text lacks an option"
exit 0
