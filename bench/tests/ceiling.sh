#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The ceiling is a real file system: fsx ($2) and everyday commands find nothing wrong with any variant of it.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
need_fuse
fsx=$2

# mount_ceiling OPTION... - mounts on $dir/mnt and sets $server.
mount_ceiling()
{
    "$bin/bench-ceiling" "$@" "$dir/mnt" 2>"$dir/err" &
    server=$!
    tries=0
    until mountpoint -q "$dir/mnt"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || fail "bench-ceiling $* did not mount"
        sleep 0.05
    done
}

# Everyday work with names; the first thing that goes wrong ends it.
names_work()
(
    set -ex
    cd "$dir/mnt"
    mkdir -p a/b
    echo text >a/b/file
    ln a/b/file hard
    ln -s a/b/file soft
    [ "$(cat soft)" = text ]
    [ "$(stat -c %h hard)" -eq 2 ]
    mv a/b c
    [ -f c/file ]
    [ "$(stat -c %h .)" -eq 4 ]
    mkdir d
    mv -T d a
    [ ! -e d ]
    ! rmdir c || exit 1
    rm hard
    chmod 600 c/file
    touch -d @1000 c/file
    [ "$(stat -c '%a %Y %h' c/file)" = '600 1000 1' ]
    echo new >other
    mv other c/file
    [ "$(cat c/file)" = new ]
    seq 3000 | sed 's/^/many./' | xargs touch
    [ "$(find . -name 'many.*' | wc -l)" -eq 3000 ]
    exec 3<>open
    rm open
    echo late >&3
    exec 3>&-
    rm -rf "${dir:?}"/mnt/*
    [ -z "$(ls -A)" ]
    [ "$(stat -c %h .)" -eq 2 ]
)

mkdir "$dir/mnt"
for variant in --with-open --without-open --exact '--exact --no-writeback --no-keep-cache'; do
    # shellcheck disable=SC2086
    mount_ceiling $variant
    names_work 2>"$dir/err"
    # shellcheck disable=SC2181 # as a condition it would not stop at the first error
    [ $? -eq 0 ] || fail "names do not work on bench-ceiling $variant"
    expect 0 "$fsx" -q -S 1 -N 4000 -P "$dir" "$dir/mnt/file"
    expect 0 "$fsx" -q -S 2 -j 2 -N 1000 -P "$dir" "$dir/mnt/file"
    fusermount3 -u "$dir/mnt" || fail "unmounting"
    wait $server || fail "bench-ceiling $variant ended with an error"
done
expect 64 "$bin/bench-ceiling"
expect 64 "$bin/bench-ceiling" --nonsense "$dir/mnt"
expect 1 "$bin/bench-ceiling" "$dir/missing"
exit 0
