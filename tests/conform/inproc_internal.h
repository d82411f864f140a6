// SPDX-License-Identifier: BSD-2-Clause
/*
 * inproc_internal.h: what the three files of the world in process share.
 */
#ifndef KEXTBED_TESTS_CONFORM_INPROC_INTERNAL_H
#define KEXTBED_TESTS_CONFORM_INPROC_INTERNAL_H

#include "tests/conform/fs_ops.h"

extern struct sys_node inproc_here; /* what paths are relative to */

sys_caller_t *inproc_as(const struct user *who);
sys_caller_t *inproc_root(void);
void inproc_here_is(const struct sys_node *root);
int inproc_find(const struct user *who, const char *path, bool follow, struct sys_node *node,
                struct sys_attr *attr);

/* inproc_files.c */
int inproc_open(const struct user *who, const char *path, uint32_t oflags, uint32_t mode, int *fd);
int inproc_close(int fd);
int inproc_pread(int fd, void *buf, size_t len, int64_t off, size_t *done);
int inproc_pwrite(int fd, const void *buf, size_t len, int64_t off, size_t *done);
int inproc_fstat(int fd, struct sys_attr *attr);
int inproc_fsync(int fd, bool data_only);
int inproc_ftruncate(int fd, int64_t size);
int inproc_allocate(int fd, int64_t off, int64_t len, bool keep_size);
int inproc_punch(int fd, int64_t off, int64_t len);
int inproc_zero(int fd, int64_t off, int64_t len, bool keep_size);
int inproc_seek(int fd, int64_t off, bool hole, int64_t *out);
int inproc_readdir(int fd, struct names_seen *out);
int inproc_lock(int fd, enum lock_type type, int64_t off, int64_t len);
int inproc_flock(int fd, enum lock_type type);
int inproc_pwrite_as(const struct user *who, int fd, const void *buf, size_t len, int64_t off);
int inproc_ftruncate_as(const struct user *who, int fd, int64_t size);
void inproc_files_close_all(void);
int inproc_statfs(struct sys_statfs *out);

#endif
