# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests of this folder: a bare Debian 12 in $jail, made by debootstrap, with /proc, /sys and /dev/fuse;
# taken down when the script ends. Skips where it cannot be made.

skip() {
    echo "$*"
    exit 77
}
[ "$(id -u)" = 0 ] || skip "needs root: debootstrap and chroot"
[ -c /dev/fuse ] || skip "needs /dev/fuse"
command -v debootstrap >/dev/null || skip "needs the package debootstrap"

# In a mount namespace of its own, nothing stays mounted even if this is killed.
[ -n "${JAIL_INSIDE:-}" ] || JAIL_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"

# The mirror that this machine itself uses.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 2>/dev/null | awk '$2 == "bookworm" {print $1; exit}')
[ -n "$mirror" ] || skip "this machine's package sources have no bookworm"

work=$(mktemp -d /var/tmp/kextbed-bare.XXXXXX)
jail=$work/debian
leave() {
    status=$?
    trap - EXIT INT TERM
    set +e
    for at in dev/fuse proc sys; do
        mountpoint -q "$jail/$at" && umount -R "$jail/$at"
    done
    # Nothing of the host's may be mounted below any more when the tree is removed.
    grep -q " $jail/" /proc/mounts && {
        echo "left mounted: $(grep " $jail/" /proc/mounts)"
        exit 1
    }
    rm -rf --one-file-system "$work"
    exit "$status"
}
trap leave EXIT
trap 'exit 130' INT TERM

echo "debootstrap bookworm from $mirror"
debootstrap --variant=minbase bookworm "$jail" "$mirror" >"$work/debootstrap.log" 2>&1 || {
    tail -n 30 "$work/debootstrap.log"
    exit 1
}
for file in /etc/apt/apt.conf.d /etc/resolv.conf; do
    [ -e "$file" ] && cp -rL "$file" "$jail$(dirname "$file")/"
done
mount -t proc proc "$jail/proc"
mount --rbind --make-rslave /sys "$jail/sys" 2>/dev/null || mount -t sysfs sysfs "$jail/sys"
[ -e "$jail/dev/fuse" ] || touch "$jail/dev/fuse"
mount --bind /dev/fuse "$jail/dev/fuse"

# in_jail COMMAND: a shell command inside it, with nothing of the host's environment
in_jail() { chroot "$jail" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c "$1"; }
