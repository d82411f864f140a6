// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_ops.c: the operations as plain system calls of the host, on files that are named. Open files are in
 * host_files.c.
 *
 * No lock: the folder that paths are relative to, also the working directory, changes between cases only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/conform/host_internal.h"

static int base_fd = -1;
int host_here = -1; /* the case's folder, else base_fd */
static char base_dir[4000];

/* One call, for whichever thread makes it. */
struct call {
    const char *path, *other, *name;
    void *buf;
    size_t size;
    size_t *len;
    int64_t off;
    uint32_t a, b;
    bool flag;
    const struct sys_attr *set;
    struct stat *st;
};

#define RUN(who, fn, ...) host_result(host_as((who), (fn), &(struct call){__VA_ARGS__}))

int host_result(int failed)
{
    return failed ? host_errno_map(failed) : 0;
}

/* What a system call left, as host_as() carries it: errno belongs to the thread. */
static int left(long result)
{
    return result < 0 ? errno : 0;
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static uint32_t type_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return SYS_VREG;
    case S_IFDIR:
        return SYS_VDIR;
    case S_IFLNK:
        return SYS_VLNK;
    case S_IFCHR:
        return SYS_VCHR;
    case S_IFBLK:
        return SYS_VBLK;
    case S_IFIFO:
        return SYS_VFIFO;
    case S_IFSOCK:
        return SYS_VSOCK;
    default:
        return SYS_VNON;
    }
}

static struct sys_time time_of(struct timespec ts)
{
    return (struct sys_time){ts.tv_sec, (int32_t)ts.tv_nsec};
}

void host_attr_from(struct sys_attr *attr, const struct stat *st)
{
    *attr = (struct sys_attr){
        .type = type_of(st->st_mode),
        .mode = st->st_mode & 07777,
        .nlink = (uint32_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = major(st->st_rdev) << 24 | minor(st->st_rdev),
        .blksize = (uint32_t)st->st_blksize,
        .fileid = st->st_ino,
        .size = (uint64_t)st->st_size,
        .alloc = (uint64_t)st->st_blocks * 512,
        .atime = time_of(st->st_atim),
        .mtime = time_of(st->st_mtim),
        .ctime = time_of(st->st_ctim),
    };
}

static int do_stat(void *arg)
{
    struct call *call = arg;
    return left(fstatat(host_here, call->path, call->st, call->flag ? 0 : AT_SYMLINK_NOFOLLOW));
}

static int host_stat(const struct user *who, const char *path, bool follow, struct sys_attr *attr)
{
    struct stat st;
    int error = RUN(who, do_stat, .path = path, .flag = follow, .st = &st);

    if (!error)
        host_attr_from(attr, &st);
    return error;
}

static int do_chmod(void *arg)
{
    struct call *call = arg;
    return left(fchmodat(host_here, call->path, call->a, 0));
}

static int host_chmod(const struct user *who, const char *path, uint32_t mode)
{
    return RUN(who, do_chmod, .path = path, .a = mode);
}

static int do_chown(void *arg)
{
    struct call *call = arg;
    return left(fchownat(host_here, call->path, call->a, call->b, call->flag ? 0 : AT_SYMLINK_NOFOLLOW));
}

static int host_chown(const struct user *who, const char *path, bool follow, uint32_t uid, uint32_t gid)
{
    return RUN(who, do_chown, .path = path, .flag = follow, .a = uid, .b = gid);
}

static struct timespec time_to(const struct sys_attr *set, uint32_t value, uint32_t now, struct sys_time time)
{
    if (set->mask & now)
        return (struct timespec){.tv_nsec = UTIME_NOW};
    if (set->mask & value)
        return (struct timespec){.tv_sec = time.sec, .tv_nsec = time.nsec};
    return (struct timespec){.tv_nsec = UTIME_OMIT};
}

static int do_utimes(void *arg)
{
    struct call *call = arg;
    struct timespec times[2] = {
        time_to(call->set, SYS_ATTR_ATIME, SYS_ATTR_ATIME_NOW, call->set->atime),
        time_to(call->set, SYS_ATTR_MTIME, SYS_ATTR_MTIME_NOW, call->set->mtime),
    };

    return left(utimensat(host_here, call->path, times, call->flag ? 0 : AT_SYMLINK_NOFOLLOW));
}

static int host_utimes(const struct user *who, const char *path, bool follow, const struct sys_attr *times)
{
    return RUN(who, do_utimes, .path = path, .flag = follow, .set = times);
}

static int do_truncate(void *arg)
{
    struct call *call = arg;
    return left(truncate(call->path, call->off)); /* relative to the working directory, which is host_here */
}

static int host_truncate(const struct user *who, const char *path, int64_t size)
{
    return RUN(who, do_truncate, .path = path, .off = size);
}

static int do_access(void *arg)
{
    struct call *call = arg;
    return left(faccessat(host_here, call->path, (int)call->a, 0));
}

static int host_access(const struct user *who, const char *path, uint32_t rwx)
{
    return RUN(who, do_access, .path = path, .a = rwx);
}

static int do_readlink(void *arg)
{
    struct call *call = arg;
    ssize_t len = readlinkat(host_here, call->path, call->buf, call->size);

    if (len >= 0)
        *call->len = (size_t)len;
    return left(len);
}

static int host_readlink(const struct user *who, const char *path, char *buf, size_t size, size_t *len)
{
    return RUN(who, do_readlink, .path = path, .buf = buf, .size = size, .len = len);
}

/* ---- names --------------------------------------------------------------------------------------------- */

static int do_mkdir(void *arg)
{
    struct call *call = arg;
    return left(mkdirat(host_here, call->path, call->a));
}

static int host_mkdir(const struct user *who, const char *path, uint32_t mode)
{
    return RUN(who, do_mkdir, .path = path, .a = mode);
}

static int do_mknod(void *arg)
{
    static const mode_t types[] = {[SYS_VREG] = S_IFREG, [SYS_VDIR] = S_IFDIR,   [SYS_VBLK] = S_IFBLK,
                                   [SYS_VCHR] = S_IFCHR, [SYS_VSOCK] = S_IFSOCK, [SYS_VFIFO] = S_IFIFO};
    struct call *call = arg;
    dev_t device = makedev(call->b >> 24, call->b & 0xffffff);
    return left(mknodat(host_here, call->path, types[call->size] | call->a, device));
}

static int host_mknod(const struct user *who, const char *path, uint32_t type, uint32_t mode, uint32_t rdev)
{
    return RUN(who, do_mknod, .path = path, .size = type, .a = mode, .b = rdev);
}

static int do_symlink(void *arg)
{
    struct call *call = arg;
    return left(symlinkat(call->other, host_here, call->path));
}

static int host_symlink(const struct user *who, const char *target, const char *path)
{
    return RUN(who, do_symlink, .path = path, .other = target);
}

static int do_link(void *arg)
{
    struct call *call = arg;
    return left(linkat(host_here, call->path, host_here, call->other, 0));
}

static int host_link(const struct user *who, const char *from, const char *to)
{
    return RUN(who, do_link, .path = from, .other = to);
}

static int do_unlink(void *arg)
{
    struct call *call = arg;
    return left(unlinkat(host_here, call->path, (int)call->a));
}

static int host_unlink(const struct user *who, const char *path)
{
    return RUN(who, do_unlink, .path = path);
}

static int host_rmdir(const struct user *who, const char *path)
{
    return RUN(who, do_unlink, .path = path, .a = AT_REMOVEDIR);
}

static int do_rename(void *arg)
{
    struct call *call = arg;
    return left(renameat2(host_here, call->path, host_here, call->other, call->a));
}

static int host_rename(const struct user *who, const char *from, const char *to, uint32_t flags)
{
    uint32_t how =
        (flags & SYS_RENAME_EXCL ? RENAME_NOREPLACE : 0) | (flags & SYS_RENAME_SWAP ? RENAME_EXCHANGE : 0);
    return RUN(who, do_rename, .path = from, .other = to, .a = how);
}

/* ---- extended attributes ------------------------------------------------------------------------------- */

static int do_getxattr(void *arg)
{
    struct call *call = arg;
    ssize_t len = call->name ? lgetxattr(call->path, call->name, call->buf, call->size)
                             : llistxattr(call->path, call->buf, call->size);
    if (len >= 0)
        *call->len = (size_t)len;
    return left(len);
}

static int host_getxattr(const struct user *who, const char *path, const char *name, void *buf, size_t size,
                         size_t *len)
{
    return RUN(who, do_getxattr, .path = path, .name = name, .buf = buf, .size = size, .len = len);
}

static int host_listxattr(const struct user *who, const char *path, char *buf, size_t size, size_t *len)
{
    return RUN(who, do_getxattr, .path = path, .buf = buf, .size = size, .len = len);
}

static int do_setxattr(void *arg)
{
    struct call *call = arg;
    if (call->flag)
        return left(lremovexattr(call->path, call->name));
    int how =
        (call->a & SYS_XATTR_CREATE ? XATTR_CREATE : 0) | (call->a & SYS_XATTR_REPLACE ? XATTR_REPLACE : 0);
    return left(lsetxattr(call->path, call->name, call->buf, call->size, how));
}

static int host_setxattr(const struct user *who, const char *path, const char *name, const void *buf,
                         size_t size, uint32_t flags)
{
    return RUN(who, do_setxattr, .path = path, .name = name, .buf = (void *)(uintptr_t)buf, .size = size,
               .a = flags);
}

static int host_removexattr(const struct user *who, const char *path, const char *name)
{
    return RUN(who, do_setxattr, .path = path, .name = name, .flag = true);
}

/* ---- the file system ----------------------------------------------------------------------------------- */

static int host_statfs(struct sys_statfs *out)
{
    struct statvfs st;

    if (fstatvfs(base_fd, &st) != 0)
        return host_errno_map(errno);
    *out = (struct sys_statfs){.bsize = (uint32_t)st.f_frsize,
                               .iosize = (uint32_t)st.f_bsize,
                               .blocks = st.f_blocks,
                               .bfree = st.f_bfree,
                               .bavail = st.f_bavail,
                               .files = st.f_files,
                               .ffree = st.f_ffree,
                               .namemax = (uint32_t)st.f_namemax};
    return 0;
}

static int host_enter(const char *name)
{
    if (mkdirat(base_fd, name, 0777) != 0)
        return host_errno_map(errno);
    host_here = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return host_here < 0 || fchdir(host_here) != 0 ? host_errno_map(errno) : 0;
}

static void host_leave(void)
{
    host_files_close_all();
    if (host_here >= 0 && host_here != base_fd)
        close(host_here);
    host_here = base_fd;
    if (fchdir(base_fd) != 0)
        abort();
}

/* A folder of the run's own, so that several runs may share a directory. */
int host_start(const char *dir)
{
    umask(0);
    if (snprintf(base_dir, sizeof(base_dir), "%s/conform-XXXXXX", dir) >= (int)sizeof(base_dir))
        return ENAMETOOLONG;
    if (!mkdtemp(base_dir) || chmod(base_dir, 0755) != 0)
        return errno;
    base_fd = host_here = open(base_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return base_fd < 0 || fchdir(base_fd) != 0 ? errno : 0;
}

void host_end(void)
{
    host_users_end();
    close(base_fd);
    if (chdir("/") != 0 || rmdir(base_dir) != 0)
        perror(base_dir);
}

const struct fs_ops host_ops = {
    .enter = host_enter,
    .leave = host_leave,
    .open = host_open,
    .close = host_close,
    .pread = host_pread,
    .pwrite = host_pwrite,
    .fstat = host_fstat,
    .fsync = host_fsync,
    .ftruncate = host_ftruncate,
    .allocate = host_allocate,
    .punch = host_punch,
    .zero = host_zero,
    .seek = host_seek,
    .readdir = host_readdir,
    .lock = host_lock,
    .flock = host_flock,
    .pwrite_as = host_pwrite_as,
    .ftruncate_as = host_ftruncate_as,
    .stat = host_stat,
    .chmod = host_chmod,
    .chown = host_chown,
    .utimes = host_utimes,
    .truncate = host_truncate,
    .access = host_access,
    .readlink = host_readlink,
    .mkdir = host_mkdir,
    .mknod = host_mknod,
    .symlink = host_symlink,
    .link = host_link,
    .unlink = host_unlink,
    .rmdir = host_rmdir,
    .rename = host_rename,
    .getxattr = host_getxattr,
    .setxattr = host_setxattr,
    .listxattr = host_listxattr,
    .removexattr = host_removexattr,
    .statfs = host_statfs,
};
