// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's table of mounts, and who uses one. Reads /proc; never touches a mount that might not answer.
 */
#ifndef KEXTBED_FUSEHOST_MOUNTS_H
#define KEXTBED_FUSEHOST_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

struct fh_mount_row {
    unsigned dev_major, dev_minor;
    const char *dir, *type, *source;
};

/** fh_mounts_each - call @fn for each row of the calling process's mount table, in order, until it returns
 * false. The strings last for the call. Errno (host): 0; what reading the table gave. */
int fh_mounts_each(bool (*fn)(void *arg, const struct fh_mount_row *row), void *arg);

/** fh_mount_users - name processes that use what is mounted on @dir: "make (pid 12), ..." Empty: none found.
 */
void fh_mount_users(const char *dir, char *buf, size_t size);

/** fh_mount_is_ours - a mount of any kernel process of ours, by its type. */
bool fh_mount_is_ours(const struct fh_mount_row *row);

/** fh_mount_detach - take the topmost mount on @dir away. @lazy: even in use. Errno (host). */
int fh_mount_detach(const char *dir, bool lazy, bool abort);

/** fh_mount_is_dead - nobody serves what is mounted on @dir. Waits two seconds at most; what hangs is not
 * dead. */
bool fh_mount_is_dead(const char *dir);

#endif
