#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The Debian package, installed into a bare Debian 12: its dependencies suffice, mount(8) finds the helper, a kext is
# built and mounted there, and nothing stays when it is purged.
set -eu
build=${KEXTBED_BUILD:?}
. "$(dirname "$0")/jail.sh"

command -v dpkg-shlibdeps >/dev/null || skip "needs the package dpkg-dev"
cpack --config "$build/CPackConfig.cmake" -B "$work/made" >"$work/cpack.log" 2>&1 || {
    cat "$work/cpack.log"
    exit 1
}
cp "$work"/made/kextbed*.deb "$jail/kextbed.deb"

echo "installing $(dpkg-deb -f "$jail/kextbed.deb" Package Version | tr '\n' ' ')"
in_jail 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /kextbed.deb' \
    >"$work/apt.log" 2>&1 || {
    cat "$work/apt.log"
    exit 1
}
in_jail '
set -eux
mount -t kext.memfs none /mnt
mountpoint /mnt
echo hello >/mnt/file && [ "$(cat /mnt/file)" = hello ]
kextstat -k | grep org.kextbed.memfs
umount /mnt
echo "none /mnt kext.memfs noauto,nocache 0 0" >>/etc/fstab
mount /mnt && mountpoint /mnt
kextbed umount /mnt
fsx --help >/dev/null
kextbed stop
'
echo "with a compiler"
in_jail 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev binutils' \
    >"$work/apt.log" 2>&1 || {
    cat "$work/apt.log"
    exit 1
}
in_jail '
set -eux
cd /root
kextbed cc -o mine.kext --start emptyfs_kext_start --stop emptyfs_kext_stop /usr/share/doc/kextbed/examples/emptyfs/emptyfs.c
kextutil -n -t mine.kext
kextbed start
kextload mine.kext
kextbed mount -t emptyfs none /mnt
ls -a /mnt
kextbed umount /mnt
kextunload -b local.mine
kextbed stop
dpkg --purge kextbed
[ ! -e /usr/lib/kextbed ] && [ ! -e /usr/share/kextbed ]
'
