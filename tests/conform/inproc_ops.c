// SPDX-License-Identifier: BSD-2-Clause
/*
 * inproc_ops.c: the operations as calls of vfs/syscalls.h on the kernel half in this process, on files that
 * are named. Open files are in inproc_files.c, the kernel's life in inproc_world.c.
 *
 * No lock: the folder that paths are relative to changes between cases only.
 */
#include <stdio.h>
#include <string.h>

#include "tests/conform/inproc_internal.h"

struct sys_node inproc_here;
static struct sys_node base;
static sys_hold_t *here_hold;

/* ---- the case's folder --------------------------------------------------------------------------------- */

void inproc_here_is(const struct sys_node *root)
{
    base = inproc_here = *root;
}

static int enter(const char *name)
{
    struct sys_node node;
    struct sys_attr attr;
    int error = sys_mkdir(inproc_root(), &base, name, 0, 0777, &node, &attr);

    if (!error)
        error = sys_hold(&node, &here_hold);
    if (!error)
        inproc_here = node;
    return error;
}

static void leave(void)
{
    inproc_files_close_all();
    sys_hold_release(here_hold);
    here_hold = NULL;
    inproc_here = base;
}

int inproc_find(const struct user *who, const char *path, bool follow, struct sys_node *node,
                struct sys_attr *attr)
{
    if (!*path)
        return SYS_ENOENT; /* to the layer below it is the folder itself */
    return sys_lookup(inproc_as(who), &inproc_here, path, follow ? 0 : SYS_AT_NOFOLLOW, node, attr);
}

/* What find() found is a weak reference: its vnode may be recycled before it is used. Then the name is looked
 * up again, as a host does that remembers names. */
static bool stale_again(int error, unsigned *tries)
{
    return error == SYS_ESTALE && (*tries)++ < 1000;
}

/* Finds @path and makes @call with it, again when it went stale in between. */
#define ON_FOUND(error, who, path, follow, node, call)                                                       \
    do {                                                                                                     \
        unsigned tries_ = 0;                                                                                 \
        do {                                                                                                 \
            (error) = inproc_find((who), (path), (follow), (node), NULL);                                    \
            if (!(error))                                                                                    \
                (error) = (call);                                                                            \
        } while (stale_again((error), &tries_));                                                             \
    } while (0)

/* ---- attributes ---------------------------------------------------------------------------------------- */

static int op_stat(const struct user *who, const char *path, bool follow, struct sys_attr *attr)
{
    struct sys_node node;
    return inproc_find(who, path, follow, &node, attr);
}

static int set(const struct user *who, const char *path, bool follow, const struct sys_attr *change)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, follow, &node, sys_setattr(inproc_as(who), &node, change, NULL));
    return error;
}

static int op_chmod(const struct user *who, const char *path, uint32_t mode)
{
    return set(who, path, true, &(struct sys_attr){.mask = SYS_ATTR_MODE, .mode = mode});
}

static int op_chown(const struct user *who, const char *path, bool follow, uint32_t uid, uint32_t gid)
{
    struct sys_attr change = {.uid = uid, .gid = gid};

    if (uid != KEEP_ID)
        change.mask |= SYS_ATTR_UID;
    if (gid != KEEP_ID)
        change.mask |= SYS_ATTR_GID;
    return set(who, path, follow, &change);
}

static int op_utimes(const struct user *who, const char *path, bool follow, const struct sys_attr *times)
{
    return set(who, path, follow, times);
}

static int op_truncate(const struct user *who, const char *path, int64_t size)
{
    if (size < 0)
        return SYS_EINVAL;
    return set(who, path, true, &(struct sys_attr){.mask = SYS_ATTR_SIZE, .size = (uint64_t)size});
}

static int op_access(const struct user *who, const char *path, uint32_t rwx)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, true, &node, sys_access(inproc_as(who), &node, rwx));
    return error;
}

static int op_readlink(const struct user *who, const char *path, char *buf, size_t size, size_t *len)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, false, &node, sys_readlink(inproc_as(who), &node, buf, size, len));
    return error;
}

/* ---- names --------------------------------------------------------------------------------------------- */

static int op_mkdir(const struct user *who, const char *path, uint32_t mode)
{
    struct sys_node node;
    struct sys_attr attr;
    return sys_mkdir(inproc_as(who), &inproc_here, path, 0, mode, &node, &attr);
}

static int op_mknod(const struct user *who, const char *path, uint32_t type, uint32_t mode, uint32_t rdev)
{
    struct sys_node node;
    struct sys_attr attr;
    return sys_mknod(inproc_as(who), &inproc_here, path, 0, type, mode, rdev, &node, &attr);
}

static int op_symlink(const struct user *who, const char *target, const char *path)
{
    struct sys_node node;
    struct sys_attr attr;
    return sys_symlink(inproc_as(who), &inproc_here, path, 0, target, &node, &attr);
}

static int op_link(const struct user *who, const char *from, const char *to)
{
    struct sys_node node;
    struct sys_attr attr;
    int error;

    ON_FOUND(error, who, from, false, &node, sys_link(inproc_as(who), &node, &inproc_here, to, 0, &attr));
    return error;
}

static int op_unlink(const struct user *who, const char *path)
{
    return sys_unlink(inproc_as(who), &inproc_here, path, 0, NULL);
}

static int op_rmdir(const struct user *who, const char *path)
{
    return sys_rmdir(inproc_as(who), &inproc_here, path, 0, NULL);
}

static int op_rename(const struct user *who, const char *from, const char *to, uint32_t flags)
{
    return sys_rename(inproc_as(who), &inproc_here, from, &inproc_here, to, 0, flags, NULL);
}

/* ---- extended attributes ------------------------------------------------------------------------------- */

static int op_getxattr(const struct user *who, const char *path, const char *name, void *buf, size_t size,
                       size_t *len)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, false, &node, sys_getxattr(inproc_as(who), &node, name, buf, size, len));
    return error;
}

static int op_setxattr(const struct user *who, const char *path, const char *name, const void *buf,
                       size_t size, uint32_t flags)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, false, &node, sys_setxattr(inproc_as(who), &node, name, buf, size, flags));
    return error;
}

static int op_listxattr(const struct user *who, const char *path, char *buf, size_t size, size_t *len)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, false, &node, sys_listxattr(inproc_as(who), &node, buf, size, len));
    return error;
}

static int op_removexattr(const struct user *who, const char *path, const char *name)
{
    struct sys_node node;
    int error;

    ON_FOUND(error, who, path, false, &node, sys_removexattr(inproc_as(who), &node, name));
    return error;
}

const struct fs_ops inproc_ops = {
    .enter = enter,
    .leave = leave,
    .open = inproc_open,
    .close = inproc_close,
    .pread = inproc_pread,
    .pwrite = inproc_pwrite,
    .fstat = inproc_fstat,
    .fsync = inproc_fsync,
    .ftruncate = inproc_ftruncate,
    .allocate = inproc_allocate,
    .punch = inproc_punch,
    .zero = inproc_zero,
    .seek = inproc_seek,
    .readdir = inproc_readdir,
    .lock = inproc_lock,
    .flock = inproc_flock,
    .pwrite_as = inproc_pwrite_as,
    .ftruncate_as = inproc_ftruncate_as,
    .stat = op_stat,
    .chmod = op_chmod,
    .chown = op_chown,
    .utimes = op_utimes,
    .truncate = op_truncate,
    .access = op_access,
    .readlink = op_readlink,
    .mkdir = op_mkdir,
    .mknod = op_mknod,
    .symlink = op_symlink,
    .link = op_link,
    .unlink = op_unlink,
    .rmdir = op_rmdir,
    .rename = op_rename,
    .getxattr = op_getxattr,
    .setxattr = op_setxattr,
    .listxattr = op_listxattr,
    .removexattr = op_removexattr,
    .statfs = inproc_statfs,
};
