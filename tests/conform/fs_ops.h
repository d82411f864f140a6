// SPDX-License-Identifier: BSD-2-Clause
/*
 * fs_ops.h: the small table of operations that every case of the suite is written against. Two tables exist:
 * plain system calls below a directory of the host (its tmpfs as the oracle, and mounts through FUSE), and
 * the system-call layer of a kernel half in this process.
 *
 * Types, flags, attributes and errors are those of vfs/syscalls.h: fixed width, Darwin values, on all sides.
 * Every operation returns 0 or a positive SYS_E*. Paths are relative to the directory of the running case.
 * Open files are small numbers; those that a case leaves open are closed after it.
 *
 * Threads: paths and open files may be used from several threads at once; enter(), leave() and users other
 * than ROOT belong to the thread that runs the cases.
 */
#ifndef KEXTBED_TESTS_CONFORM_FS_OPS_H
#define KEXTBED_TESTS_CONFORM_FS_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfs/syscalls.h"

struct user {
    uint32_t uid, gid;
    uint32_t ngroups;
    const uint32_t *groups;
};

enum lock_type { LK_READ, LK_WRITE, LK_NONE };

/* One name that readdir gave. */
struct name_seen {
    char name[256];
    uint64_t fileid;
    uint32_t type;
};
struct names_seen {
    size_t count, room;
    struct name_seen *names;
};

#define KEEP_ID UINT32_MAX /* chown: leave it as it is */

struct fs_ops {
    /* The directory `name` becomes the one that paths are relative to; it is made, for all to write. */
    int (*enter)(const char *name);
    void (*leave)(void); /* closes what is open */

    int (*open)(const struct user *who, const char *path, uint32_t oflags, uint32_t mode, int *fd);
    int (*close)(int fd);
    int (*pread)(int fd, void *buf, size_t len, int64_t off, size_t *done);
    int (*pwrite)(int fd, const void *buf, size_t len, int64_t off, size_t *done);
    int (*fstat)(int fd, struct sys_attr *attr);
    int (*fsync)(int fd, bool data_only);
    int (*ftruncate)(int fd, int64_t size);
    int (*allocate)(int fd, int64_t off, int64_t len, bool keep_size);
    int (*punch)(int fd, int64_t off, int64_t len);
    int (*zero)(int fd, int64_t off, int64_t len, bool keep_size);
    int (*seek)(int fd, int64_t off, bool hole, int64_t *out);
    int (*readdir)(int fd, struct names_seen *out); /* all names from the start; names_free() them */
    int (*lock)(int fd, enum lock_type type, int64_t off,
                int64_t len); /* owned by the open file; no waiting */
    int (*flock)(int fd, enum lock_type type);
    int (*pwrite_as)(const struct user *who, int fd, const void *buf, size_t len, int64_t off);
    int (*ftruncate_as)(const struct user *who, int fd, int64_t size);

    int (*stat)(const struct user *who, const char *path, bool follow, struct sys_attr *attr);
    int (*chmod)(const struct user *who, const char *path, uint32_t mode);
    int (*chown)(const struct user *who, const char *path, bool follow, uint32_t uid, uint32_t gid);
    /* `times` has SYS_ATTR_ATIME, SYS_ATTR_MTIME or their _NOW forms in its mask; what is not there stays. */
    int (*utimes)(const struct user *who, const char *path, bool follow, const struct sys_attr *times);
    int (*truncate)(const struct user *who, const char *path, int64_t size);
    int (*access)(const struct user *who, const char *path, uint32_t rwx);
    int (*readlink)(const struct user *who, const char *path, char *buf, size_t size, size_t *len);
    int (*mkdir)(const struct user *who, const char *path, uint32_t mode);
    int (*mknod)(const struct user *who, const char *path, uint32_t type, uint32_t mode, uint32_t rdev);
    int (*symlink)(const struct user *who, const char *target, const char *path);
    int (*link)(const struct user *who, const char *from, const char *to);
    int (*unlink)(const struct user *who, const char *path);
    int (*rmdir)(const struct user *who, const char *path);
    int (*rename)(const struct user *who, const char *from, const char *to, uint32_t flags);
    int (*getxattr)(const struct user *who, const char *path, const char *name, void *buf, size_t size,
                    size_t *len);
    int (*setxattr)(const struct user *who, const char *path, const char *name, const void *buf, size_t size,
                    uint32_t flags);
    int (*listxattr)(const struct user *who, const char *path, char *buf, size_t size, size_t *len);
    int (*removexattr)(const struct user *who, const char *path, const char *name);
    int (*statfs)(struct sys_statfs *out);
};

extern const struct fs_ops host_ops, inproc_ops;

/* Adds one; false: no memory. */
bool names_add(struct names_seen *names, const char *name, uint64_t fileid, uint32_t type);
void names_free(struct names_seen *names);

/* host_ops: below which directory of the host. Returns 0 or a host errno. */
int host_start(const char *dir);
void host_end(void);
/* inproc_ops: boot, load the kexts of `fstype` (and of what it is stacked on, "nullfs:memfs"), mount. Fails
 * by ending the program with a message. */
void inproc_begin(const char *fstype, unsigned max_vnodes);
void inproc_finish(void); /* unmounts, unloads, and ends the program if anything is left */

#endif
