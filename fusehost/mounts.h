// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's table of mounts, and who uses one. Reads /proc; what may have to wait for a file system's answer
 * is done in a child (child.h), since the file system may be one that this process serves.
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

#define FH_DETACH_LAZY  0x1u /* even in use */
#define FH_DETACH_ABORT 0x2u /* and cut off who waits for an answer */

#define FH_MOUNT_TICK_MS 10000
/* What to do while a mount is taken away whose data is written back first. */
struct fh_mount_wait {
    void (*tick)(void *arg); /* every FH_MOUNT_TICK_MS */
    void *arg;
};

/** fh_mount_detach - take the topmost mount on @dir away.
 *  @wait  have data written back first, for as long as it takes; NULL: wait five seconds at most.
 *  Errno (host): 0; EBUSY; ETIMEDOUT; umount(2)'s. */
int fh_mount_detach(const char *dir, unsigned how, const struct fh_mount_wait *wait);

/** fh_dir_resolve - the absolute path, without links, of a directory; it may lie on a mount of our own that
 * hangs.
 *  @full  out  PATH_MAX bytes.
 *  Errno (host): 0; ENOTDIR; ETIMEDOUT no answer within ten seconds; realpath(3)'s, stat(2)'s. */
int fh_dir_resolve(const char *dir, char *full);

/** fh_mount_sync - have the host write back what it holds of @dir's mount. False: not all, or not in time. */
bool fh_mount_sync(const char *dir, int timeout_ms);
/** fh_mount_sync_ticking - the same, calling @tick(NULL) every @tick_ms meanwhile. */
bool fh_mount_sync_ticking(const char *dir, int timeout_ms, void (*tick)(void *arg), int tick_ms);

/** fh_mount_is_dead - nobody serves what is mounted on @dir. Waits two seconds at most; what hangs is not
 * dead. */
bool fh_mount_is_dead(const char *dir);

#endif
